package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"groundwork.dev/bootstrap/internal/failure"
)

const lockFile = "lock"

// Lock keeps two runs on one cluster apart. The kernel holds it for the open
// file, so that it is free as soon as its process has ended, however it ended.
type Lock struct{ file *os.File }

// Owner is who holds a lock.
type Owner struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// errRemoved is the error of taking a lock that lies nowhere any more.
var errRemoved = errors.New("the state was removed meanwhile")

// Lock takes the lock for command, such as "create cluster". Where another
// process holds it, the error is a *failure.Error that names that process.
func (d *Dir) Lock(command string) (*Lock, error) {
	for {
		if err := os.MkdirAll(d.Path(), 0o700); err != nil {
			return nil, fmt.Errorf("lock the state: %w", err)
		}
		f, err := os.OpenFile(d.Path(lockFile), os.O_RDWR|os.O_CREATE, 0o600)
		if errors.Is(err, os.ErrNotExist) {
			continue // the directory has gone in between
		}
		if err != nil {
			return nil, fmt.Errorf("lock the state: %w", err)
		}
		lock, err := d.take(f, command)
		if !errors.Is(err, errRemoved) {
			return lock, err
		}
	}
}

// take locks f, which was opened as the lock file, and closes it where that
// fails.
func (d *Dir) take(f *os.File, command string) (*Lock, error) {
	// A lock of the open file description: unlike flock, whether it is held
	// can be asked without taking it, and unlike a classic POSIX lock, it does
	// not go when another descriptor is closed.
	err := unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK})
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EACCES):
		err = held(d, readOwner(f))
	case err == nil && !d.isLockFile(f):
		err = errRemoved
	case err == nil:
		err = errors.Join(sign(f, command), d.sweep())
	}
	if err != nil {
		var known *failure.Error
		if closing := f.Close(); closing != nil || !errors.As(err, &known) {
			err = fmt.Errorf("lock the state: %w", errors.Join(err, closing))
		}
		return nil, err
	}
	return &Lock{file: f}, nil
}

// Owner says which process holds the lock, without disturbing it. It is false
// where nobody does.
func (d *Dir) Owner() (Owner, bool, error) {
	f, err := os.OpenFile(d.Path(lockFile), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return Owner{}, false, nil
	}
	if err != nil {
		return Owner{}, false, fmt.Errorf("look at the lock: %w", err)
	}
	defer f.Close()
	query := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &query); err != nil {
		return Owner{}, false, fmt.Errorf("look at the lock: %w", err)
	}
	if query.Type == unix.F_UNLCK {
		return Owner{}, false, nil
	}
	return readOwner(f), true, nil
}

// Release gives the lock back. The file stays: removing it would let two
// processes lock two files of one name.
func (l *Lock) Release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}

// isLockFile reports whether f is what lies at the lock's path now.
func (d *Dir) isLockFile(f *os.File) bool {
	locked, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(d.Path(lockFile))
	return err == nil && os.SameFile(locked, there)
}

// sign writes who holds the lock into it, for the message to others.
func sign(f *os.File, command string) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	line, err := json.Marshal(Owner{PID: os.Getpid(), Host: host, Command: command, Since: time.Now().UTC()})
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(append(line, '\n'), 0)
	return err
}

// readOwner reads what sign wrote. The holder may be about to write: then
// what is known is empty.
func readOwner(f *os.File) Owner {
	var o Owner
	line := make([]byte, 4096)
	n, _ := f.ReadAt(line, 0)
	if json.Unmarshal(bytes.TrimSpace(line[:n]), &o) != nil {
		return Owner{}
	}
	return o
}

func held(d *Dir, o Owner) error {
	e := &failure.Error{
		Code: failure.Other, Summary: "another run works on this cluster", Object: "Cluster " + d.cluster,
		Remedy: "wait for it to end; `bootstrap status` shows how far it is",
	}
	if o.PID != 0 {
		e.Summary = fmt.Sprintf("another run works on this cluster: `%s`, process %d on %s, since %s",
			o.Command, o.PID, o.Host, o.Since.Local().Format(time.DateTime))
	}
	return e
}
