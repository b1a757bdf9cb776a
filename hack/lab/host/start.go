package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Start starts the host's first process and returns when it has become
// systemd. Connect is called with its process ID, to plug its device in.
//
// The process ends with the calling thread, which must therefore be locked and
// outlive it.
func Start(s Spec, connect func(pid int) error) (*exec.Cmd, error) {
	specRead, specWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer specRead.Close()
	defer specWrite.Close()
	resultRead, resultWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer resultRead.Close()
	defer resultWrite.Close()
	command := &exec.Cmd{
		// Even where the file has been removed since, as `go run` does.
		Path:       "/proc/self/exe",
		Args:       []string{Argv0},
		Env:        []string{},
		ExtraFiles: []*os.File{specRead, resultWrite}, // descriptors 3 and 4
		SysProcAttr: &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET,
			Setsid:     true,
			Pdeathsig:  syscall.SIGKILL,
		},
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	specRead.Close()
	resultWrite.Close()
	err = connect(command.Process.Pid)
	if err == nil {
		err = json.NewEncoder(specWrite).Encode(s)
	}
	specWrite.Close()
	if err == nil {
		var said []byte
		// Becoming systemd closes the pipe.
		if said, err = io.ReadAll(resultRead); err == nil && len(said) > 0 {
			err = errors.New(strings.TrimSpace(string(said)))
		}
	}
	if err != nil {
		_ = command.Process.Kill()
		_ = command.Wait()
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	return command, nil
}

// Main is the host's first process until it becomes systemd. It returns only
// when that fails.
func Main() {
	// Joining a cgroup namespace concerns one thread, which must then be the
	// one that goes on.
	runtime.LockOSThread()
	result := os.NewFile(4, "result")
	unix.CloseOnExec(4)
	err := becomeHost(os.NewFile(3, "spec"))
	fmt.Fprintln(result, err)
}

func becomeHost(source *os.File) error {
	var s Spec
	if err := json.NewDecoder(source).Decode(&s); err != nil {
		return fmt.Errorf("what to become: %w", err)
	}
	source.Close()
	if err := s.Cgroup.Enter(); err != nil {
		return fmt.Errorf("enter the cgroup: %w", err)
	}
	if err := unix.Unshare(unix.CLONE_NEWCGROUP); err != nil {
		return fmt.Errorf("cgroup namespace: %w", err)
	}
	if err := unix.Sethostname([]byte(s.Name)); err != nil {
		return fmt.Errorf("host name: %w", err)
	}
	for _, step := range []func(Spec) error{configureNetwork, mountRoot, mountSettings, mountCgroups, makeDevices} {
		if err := step(s); err != nil {
			return err
		}
	}
	if s.FirstBoot {
		if err := personalise(s); err != nil {
			return fmt.Errorf("first boot: %w", err)
		}
	}
	if err := enterRoot(s); err != nil {
		return err
	}
	return runSystemd()
}

func runSystemd() error {
	console, err := os.OpenFile("/dev/console", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	for fd := range 3 {
		if err := unix.Dup2(int(console.Fd()), fd); err != nil {
			return err
		}
	}
	const systemd = "/lib/systemd/systemd"
	err = syscall.Exec(systemd, []string{systemd, "--log-target=console", "--log-level=info", "--show-status=yes"}, []string{
		// Tells systemd that the kernel is not its own.
		"container=lab",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LANG=C.UTF-8", "TERM=linux",
	})
	return fmt.Errorf("%s: %w", systemd, err)
}

// enterRoot makes the prepared tree the root of the file system.
func enterRoot(s Spec) error {
	root := filepath.Join(s.Dir, rootDir)
	if err := os.Chdir(root); err != nil {
		return err
	}
	// The old root ends up on top of the new one, and is then taken off.
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot_root to %s: %w", root, err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("let the machine's root go: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	// As systemd has it on a machine; containers' mounts rely on it.
	return unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, "")
}
