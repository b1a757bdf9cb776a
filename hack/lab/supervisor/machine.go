package supervisor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"groundwork.dev/bootstrap/hack/lab/cgroup"
	"groundwork.dev/bootstrap/hack/lab/changes"
	"groundwork.dev/bootstrap/hack/lab/host"
	"groundwork.dev/bootstrap/hack/lab/network"
	"groundwork.dev/bootstrap/hack/lab/registry"
)

// endTimeout bounds how long killing a host's processes may take. It takes
// milliseconds; one that waits for a disk takes longer.
const endTimeout = 30 * time.Second

// machine is a host's power supply, disk and cable. All that changes it runs
// in one goroutine.
type machine struct {
	supervisor *supervisor
	number     int
	host       registry.Host
	spec       host.Spec
	group      cgroup.Group
	baseline   atomic.Pointer[changes.Manifest]

	requests chan request
	exited   chan error
	process  *exec.Cmd
	console  *console
	mounted  bool
	earlier  network.Traffic // of earlier boots

	mu    sync.Mutex // guards state against status
	state HostStatus
}

type request struct {
	act  func() error
	done chan error
}

func newMachine(s *supervisor, number int, h registry.Host, authorizedKey []byte) (*machine, error) {
	dir := s.lab.HostDir(h.Name)
	key, err := os.ReadFile(filepath.Join(dir, host.KeyFile))
	if err != nil {
		return nil, err
	}
	group := s.group.Child(registry.HostsGroup).Child(h.Name)
	return &machine{
		supervisor: s, number: number, host: h, group: group,
		spec: host.Spec{
			Name: h.Name, Dir: dir, RootFS: s.lab.RootFS, FirstBoot: true,
			Addresses: s.prefixes(h.Addresses), Gateway: s.lab.Gateway, Cgroup: group,
			User: s.lab.User, AuthorizedKey: string(authorizedKey), HostKey: key,
		},
		requests: make(chan request),
		exited:   make(chan error, 1),
		state:    HostStatus{Name: h.Name, Power: PowerOff, Since: time.Now()},
	}, nil
}

// run carries out requests one by one, and starts the host again when it asks
// for that.
func (m *machine) run() {
	// The host's first process ends with the thread that started it.
	runtime.LockOSThread()
	for {
		select {
		case r := <-m.requests:
			r.done <- r.act()
		case err := <-m.exited:
			again := m.ended(err)
			if again {
				if err := m.powerOn(); err != nil {
					m.supervisor.log.Error("restart", "host", m.host.Name, "error", err)
				}
			}
		}
	}
}

// do has act run in the machine's goroutine.
func (m *machine) do(act func() error) error {
	r := request{act: act, done: make(chan error, 1)}
	m.requests <- r
	return <-r.done
}

func (m *machine) powerOn() error {
	if m.process != nil {
		return nil
	}
	if err := m.boot(); err != nil {
		m.setPower(PowerOff, err.Error(), 0)
		return errors.Join(err, m.unplug())
	}
	m.setPower(PowerOn, "", m.process.Process.Pid)
	go func(p *exec.Cmd) { m.exited <- p.Wait() }(m.process)
	return nil
}

func (m *machine) boot() error {
	if !m.mounted {
		if err := m.spec.MountDisk(); err != nil {
			return err
		}
		m.mounted = true
	}
	if err := m.group.Create(); err != nil {
		return fmt.Errorf("make the cgroup of %s: %w", m.host.Name, err)
	}
	var err error
	if m.console, err = openConsole(m.supervisor.lab.Dir, filepath.Join(m.spec.Dir, host.ConsoleFile)); err != nil {
		return err
	}
	m.spec.Console = m.console.path
	m.process, err = host.Start(m.spec, func(pid int) error {
		if err := m.supervisor.network.Connect(m.host.Name, m.number, pid, m.host.HardwareAddress()); err != nil {
			return err
		}
		return m.applyCable()
	})
	if err != nil {
		return err
	}
	m.spec.FirstBoot = false
	return nil
}

// powerOff ends every process of the host at once.
func (m *machine) powerOff() error {
	if m.process == nil {
		return nil
	}
	if err := m.kill(); err != nil {
		return err
	}
	m.ended(<-m.exited)
	m.setPower(PowerOff, "power off was asked for", 0)
	return nil
}

func (m *machine) reset() error {
	if err := m.powerOff(); err != nil {
		return err
	}
	return m.powerOn()
}

func (m *machine) kill() error {
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	return m.group.Kill(ctx)
}

// ended clears up after the first process and says whether it asked to be
// started again. reboot(2) in a PID namespace ends its first process with
// SIGHUP for a restart and SIGINT for power off; see reboot(2).
func (m *machine) ended(err error) (again bool) {
	reason := "its first process ended"
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		reason += ": " + exit.Error()
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			switch status.Signal() {
			case syscall.SIGHUP:
				again, reason = true, "it restarts"
			case syscall.SIGINT:
				reason = "it switched itself off"
			}
		}
	}
	m.process = nil
	m.setPower(PowerOff, reason, 0)
	if err := errors.Join(m.kill(), m.unplug()); err != nil {
		m.supervisor.log.Error("clear up", "host", m.host.Name, "error", err)
	}
	return again
}

// unplug removes what a boot made.
func (m *machine) unplug() error {
	traffic, err := m.supervisor.network.Disconnect(m.host.Name)
	m.mu.Lock()
	m.earlier = m.earlier.Add(traffic)
	m.mu.Unlock()
	if m.console != nil {
		err = errors.Join(err, m.console.close())
		m.console = nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	return errors.Join(err, m.group.Remove(ctx))
}

func (m *machine) setPower(p Power, reason string, pid int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p == PowerOn {
		m.state.Boots++
	}
	m.state.Power, m.state.Reason, m.state.PID, m.state.Since = p, reason, pid, time.Now()
	m.supervisor.log.Info("power", "host", m.host.Name, "state", p, "reason", reason)
}

func (m *machine) trees() changes.Trees {
	disk := filepath.Join(m.spec.Dir, host.DiskDir)
	t := changes.Trees{
		Lower: m.spec.RootFS,
		Upper: filepath.Join(disk, host.UpperDir),
		Var:   filepath.Join(disk, host.VarDir),
	}
	if store := filepath.Join(m.spec.Dir, host.StoreDir); m.supervisor.lab.Golden != "" {
		t.Store = store
	}
	return t
}

func (m *machine) status() HostStatus {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.state
	s.Memory = m.group.Memory()
	s.Traffic = m.earlier.Add(m.supervisor.network.Traffic(m.host.Name))
	if usage, err := host.Usage(filepath.Join(m.spec.Dir, host.DiskDir)); err == nil {
		s.Disk = usage
	}
	return s
}
