package download

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// lockInterval is how often a file that another process works on is tried.
const lockInterval = 100 * time.Millisecond

// lockPart opens the partial file of path for this process alone, waiting for
// another one that has it. It is nil where path is there, or came meanwhile.
// Closing the file gives it up; the end of the process does too.
func lockPart(ctx context.Context, path string) (*os.File, error) {
	ticker := time.NewTicker(lockInterval)
	defer ticker.Stop()
	for {
		if there, err := exists(path); there || err != nil {
			return nil, err
		}
		f, err := os.OpenFile(path+Partial, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil && isStill(f, path+Partial) {
			return f, nil
		}
		f.Close()
		if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ticker.C:
		}
	}
}

// isStill says whether f is what lies at path: another process may have
// finished and renamed it between its being opened and locked.
func isStill(f *os.File, path string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	now, err := os.Lstat(path)
	return err == nil && os.SameFile(mine, now)
}
