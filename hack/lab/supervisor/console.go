package supervisor

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// terminalsDir is where the hosts' terminals are mounted, in the lab's Dir.
const terminalsDir = "terminals"

// console is a host's /dev/console; what the host writes there goes to a file.
type console struct {
	path   string // of the host's side
	master *os.File
	slave  *os.File
}

func openConsole(labDir, log string) (*console, error) {
	dir := filepath.Join(labDir, terminalsDir)
	fd, err := unix.Open(filepath.Join(dir, "ptmx"), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open a terminal: %w", err)
	}
	c := &console{master: os.NewFile(uintptr(fd), "console")}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		c.path = filepath.Join(dir, fmt.Sprint(number))
		// Held open: without anybody on the other side, reading fails.
		c.slave, err = os.OpenFile(c.path, os.O_RDWR|unix.O_NOCTTY, 0)
	}
	var out *os.File
	if err == nil {
		out, err = os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open a terminal: %w", err), c.close())
	}
	go func() {
		defer out.Close()
		_, _ = io.Copy(out, c.master)
	}()
	return c, nil
}

func (c *console) close() error {
	if c.slave != nil {
		c.slave.Close()
	}
	return c.master.Close()
}
