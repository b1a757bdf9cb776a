package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// Options say what the managers work on.
type Options struct {
	Binaries Binaries
	// Kubeconfig is the path of a kubeconfig of the management cluster.
	Kubeconfig string
	Webhooks   *Webhooks
	// LogDir takes one log for each manager, named for it.
	LogDir string
	// Env is added to the managers' environment, such as HTTPS_PROXY.
	Env []string
}

// Managers are the running processes.
type Managers struct{ processes []*process }

// process is one manager.
type process struct {
	name    Name
	command *exec.Cmd
	log     string
	// exited is closed once the process is gone.
	exited chan struct{}
	// last is the usage just before the process was stopped.
	last Usage
}

// stopTimeout bounds how long a manager may take to stop by itself: the
// terminationGracePeriodSeconds of upstream's manifests.
const stopTimeout = 10 * time.Second

// Start runs the managers and returns once all are ready. They die with this
// process. ctx bounds the wait only; on an error nothing is left running.
func Start(ctx context.Context, o Options) (*Managers, error) {
	health, err := freePorts(len(managers))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.LogDir, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for the managers' logs: %w", err)
	}
	all := &Managers{}
	for i, m := range managers {
		p, err := start(m, o, health[i])
		if err != nil {
			return nil, errors.Join(err, all.Stop(context.WithoutCancel(ctx)))
		}
		all.processes = append(all.processes, p)
	}
	for i, p := range all.processes {
		if err := p.ready(ctx, health[i]); err != nil {
			return nil, errors.Join(err, all.Stop(context.WithoutCancel(ctx)))
		}
	}
	return all, nil
}

// arguments are upstream's, and those that make the manager run outside of a
// cluster beside the others. Leader election needs a namespace of a Pod; with
// one replica it is only a delay.
func (m manager) arguments(o Options, healthPort int) []string {
	return append(slices.Clone(m.args),
		"--kubeconfig="+o.Kubeconfig,
		"--leader-elect=false",
		"--webhook-port="+strconv.Itoa(o.Webhooks.Ports[m.name]),
		"--webhook-cert-dir="+o.Webhooks.CertDir,
		"--diagnostics-address="+net.JoinHostPort(loopback, "0"),
		"--health-addr="+net.JoinHostPort(loopback, strconv.Itoa(healthPort)),
	)
}

func start(m manager, o Options, healthPort int) (*process, error) {
	p := &process{name: m.name, log: filepath.Join(o.LogDir, string(m.name)+".log"), exited: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of the manager %s: %w", m.name, err)
	}
	defer log.Close() // the process has its own
	p.command = exec.Command(o.Binaries[m.name], m.arguments(o, healthPort)...)
	p.command.Env = append(os.Environ(), o.Env...)
	p.command.Stdout, p.command.Stderr = log, log
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start the manager %s: %w", m.name, err)
	}
	go func() {
		_ = p.command.Wait() // ProcessState keeps the outcome
		close(p.exited)
	}()
	return p, nil
}

// ready waits for the probe that upstream's Deployment has: it answers once
// the webhooks are served.
func (p *process) ready(ctx context.Context, healthPort int) error {
	url := "http://" + net.JoinHostPort(loopback, strconv.Itoa(healthPort)) + "/readyz"
	err := poll(ctx, func(ctx context.Context) (bool, error) {
		select {
		case <-p.exited:
			return false, fmt.Errorf("it %w", p.ending())
		default:
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return false, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false, nil // not listening yet
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK, nil
	})
	if err != nil {
		return fmt.Errorf("wait until the manager %s is ready: %w", p.name, err)
	}
	return nil
}

// ending says how the process ended by itself, with the end of its log.
func (p *process) ending() error {
	const most = 5
	data, err := os.ReadFile(p.log)
	if err != nil {
		data = []byte(err.Error())
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	lines = lines[max(0, len(lines)-most):]
	return fmt.Errorf("ended by itself (%s): %s", p.command.ProcessState, bytes.Join(lines, []byte("\n")))
}

// Stop ends the managers, by force where one takes longer than upstream's
// Deployments allow or than ctx. Usage then tells what they had used.
func (m *Managers) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	var failed []error
	for _, p := range m.processes {
		if usage, err := p.usage(); err == nil {
			p.last = usage
		}
		if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			failed = append(failed, fmt.Errorf("stop the manager %s: %w", p.name, err))
		}
	}
	for _, p := range m.processes {
		select {
		case <-p.exited:
		case <-ctx.Done():
			if err := p.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				failed = append(failed, fmt.Errorf("kill the manager %s: %w", p.name, err))
			}
			<-p.exited
		}
	}
	return errors.Join(failed...)
}
