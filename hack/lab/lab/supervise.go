package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"groundwork.dev/bootstrap/hack/lab/cgroup"
	"groundwork.dev/bootstrap/hack/lab/registry"
	"groundwork.dev/bootstrap/hack/lab/supervisor"
	"groundwork.dev/bootstrap/internal/failure"
)

// startSupervisor starts the process that holds the lab and returns when it
// has started the hosts.
func startSupervisor(ctx context.Context, l registry.Lab) error {
	hierarchies, err := cgroup.Hierarchies()
	if err != nil {
		return err
	}
	group := l.Group(hierarchies).Child(registry.SupervisorGroup)
	if err := group.Create(); err != nil {
		return fmt.Errorf("make the lab's cgroups: %w", err)
	}
	inside, err := group.Open()
	if err != nil {
		return err
	}
	defer inside.Close()
	machine, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer machine.Close()
	log, err := os.OpenFile(filepath.Join(l.Dir, supervisor.LogFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	resultRead, resultWrite, err := os.Pipe()
	if err != nil {
		return err
	}
	defer resultRead.Close()
	command := &exec.Cmd{
		Path: "/proc/self/exe", Args: []string{supervisor.Argv0, l.Name}, Env: []string{},
		Stdout: log, Stderr: log, ExtraFiles: []*os.File{machine, resultWrite},
		SysProcAttr: &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET, Setsid: true,
			// From its first moment it is where down looks for it.
			UseCgroupFD: true, CgroupFD: int(inside.Fd()),
		},
	}
	err = command.Start()
	resultWrite.Close()
	if err != nil {
		return fmt.Errorf("start the supervisor: %w", err)
	}
	go func() { _ = command.Wait() }()
	return awaitResult(ctx, resultRead)
}

// awaitResult reads what the supervisor has to complain of.
func awaitResult(ctx context.Context, result *os.File) error {
	stop := context.AfterFunc(ctx, func() { _ = result.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	said := make([]byte, 64<<10)
	n, _ := result.Read(said)
	switch text := strings.TrimSpace(string(said[:n])); {
	case ctx.Err() != nil:
		return ctx.Err()
	case text == supervisor.Started:
		return nil
	case text == "":
		return &failure.Error{Code: failure.Infrastructure, Summary: "the lab's supervisor ended while it started the hosts"}
	default:
		return &failure.Error{Code: failure.Infrastructure, Summary: "the lab's supervisor could not start the hosts",
			Err: errors.New(text)}
	}
}
