package bootstrapcluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"groundwork.dev/bootstrap/internal/failure"
)

// lockFile is locked by the parent as long as the cluster runs.
const lockFile = "parent.lock"

func lockDir(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the bootstrap cluster's folder: %w", err)
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return file, nil
	}
	err = errors.Join(err, file.Close())
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, &failure.Error{
			Code: failure.Other, Summary: "the bootstrap cluster is in use by another run",
			Object: dir, Remedy: "wait until the other run has ended, or end it",
		}
	}
	return nil, fmt.Errorf("lock the bootstrap cluster's folder: %w", err)
}
