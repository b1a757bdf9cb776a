package bootstrapcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
	"k8s.io/apimachinery/pkg/util/wait"

	"groundwork.dev/bootstrap/internal/failure"
)

// lockFile is locked by the parent as long as the cluster runs.
const lockFile = "parent.lock"

// lockTimeout is for a parent that was killed an instant ago and has not died
// yet.
const lockTimeout = time.Second

func lockDir(ctx context.Context, dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the bootstrap cluster's folder: %w", err)
	}
	held := false
	err = wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, lockTimeout, true, func(context.Context) (bool, error) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if held = errors.Is(err, unix.EWOULDBLOCK); held {
			return false, nil
		}
		return err == nil, err
	})
	if err == nil {
		return file, nil
	}
	err = errors.Join(err, file.Close())
	if held && ctx.Err() == nil {
		return nil, &failure.Error{
			Code: failure.Other, Summary: "the bootstrap cluster is in use by another run",
			Object: dir, Remedy: "wait until the other run has ended, or end it",
		}
	}
	return nil, fmt.Errorf("lock the bootstrap cluster's folder: %w", err)
}
