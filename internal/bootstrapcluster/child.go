package bootstrapcluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"groundwork.dev/bootstrap/internal/bootstrapcluster/controlplane"
)

// child is one process of the control plane.
type child struct {
	cmd      *exec.Cmd
	commands io.WriteCloser
	reports  *os.File
	started  chan error
	// ended has its state once it has ended.
	ended chan error
}

// startChild starts a child that cannot outlive this process: the kernel
// kills it when the thread that made it ends, so that a thread of its own
// stays for as long as the child lives; and it ends by itself when the pipe of
// commands does. Its process group is its own, so that an interrupt from the
// terminal reaches the parent alone, which then lets it drain.
func (c *Cluster) startChild(preflightChecks bool) (*child, error) {
	log, err := os.OpenFile(filepath.Join(c.options.Dir, LogFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the bootstrap cluster's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	reports, theirs, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	defer func() { _ = theirs.Close() }()

	cmd := exec.Command(c.options.Executable, c.arguments(preflightChecks)...) //nolint:gosec // this program itself
	cmd.Dir = c.options.Dir
	cmd.Env = c.environment()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{theirs} // reportsFD
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	commands, err := cmd.StdinPipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a pipe: %w", err), reports.Close())
	}
	p := &child{cmd: cmd, commands: commands, reports: reports, started: make(chan error), ended: make(chan error, 1)}
	go p.live()
	if err := <-p.started; err != nil {
		return nil, errors.Join(fmt.Errorf("start %s %s: %w", c.options.Executable, Command, err), reports.Close())
	}
	return p, nil
}

func (p *child) live() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	p.started <- err
	if err == nil {
		p.ended <- p.cmd.Wait()
	}
}

// follow hands every report to f until the child has ended.
func (p *child) follow(f func(controlplane.Report)) {
	decoder := json.NewDecoder(p.reports)
	for {
		var report controlplane.Report
		if err := decoder.Decode(&report); err != nil {
			_ = p.reports.Close()
			return
		}
		f(report)
	}
}

func (p *child) tell(preflightChecks bool) error {
	return json.NewEncoder(p.commands).Encode(controlplane.Command{MachineSetPreflightChecks: &preflightChecks})
}

func (p *child) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }
