package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"k8s.io/apimachinery/pkg/util/wait"

	"groundwork.dev/bootstrap/internal/failure"
)

// lockFile is locked by the process that works on the folder and names its
// process id.
const lockFile = "control-plane.lock"

// predecessorTimeout is how long the control plane of a parent that was
// killed may take to die: it dies with its parent, but not in the same
// instant.
const predecessorTimeout = 15 * time.Second

// waitForPredecessor locks the folder once nothing else works on it.
func waitForPredecessor(ctx context.Context, dir string) (*os.File, error) {
	path := filepath.Join(dir, lockFile)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the control plane's folder: %w", err)
	}
	waiting, cancel := context.WithTimeout(ctx, predecessorTimeout)
	defer cancel()
	err = wait.PollUntilContextCancel(waiting, 20*time.Millisecond, true, func(context.Context) (bool, error) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if errors.Is(err, unix.EWOULDBLOCK) {
			return false, nil
		}
		return err == nil, err
	})
	if err == nil {
		err = errors.Join(file.Truncate(0), writePID(file))
	}
	if err == nil {
		return file, nil
	}
	owner, _ := os.ReadFile(path)
	err = errors.Join(err, file.Close())
	if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("lock the control plane's folder: %w", err)
	}
	pid := strings.TrimSpace(string(owner))
	return nil, &failure.Error{
		Code: failure.Bootstrap, Summary: "another bootstrap cluster still works on the same data",
		Object: "process " + pid, Remedy: fmt.Sprintf("end it with kill -9 %s and try again", pid),
	}
}

func writePID(file *os.File) error {
	_, err := file.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}
