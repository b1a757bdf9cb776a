package supervisor

import (
	"fmt"
	"time"

	"groundwork.dev/bootstrap/hack/lab/network"
)

// maxDelay bounds what a packet can be held up; more than this and TCP gives
// up connecting.
const maxDelay = time.Minute

// setFaults puts faults in force in place of those that were.
func (m *machine) setFaults(f Faults) error {
	if f.LossPercent < 0 || f.LossPercent > 100 {
		return fmt.Errorf("loss of %v percent: must lie between 0 and 100", f.LossPercent)
	}
	if f.Delay < 0 || f.Delay > maxDelay {
		return fmt.Errorf("delay of %s: must lie between 0 and %s", f.Delay, maxDelay)
	}
	m.mu.Lock()
	m.state.Faults = f
	m.mu.Unlock()
	m.supervisor.log.Info("faults", "host", m.host.Name, "faults", fmt.Sprintf("%+v", f))
	if f.DiskFull {
		if err := m.spec.Fill(); err != nil {
			return err
		}
	} else if err := m.spec.Free(); err != nil {
		return err
	}
	return m.applyCable()
}

func (m *machine) faults() Faults {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state.Faults
}

// applyCable does to the host's cable, if it is plugged in, what the faults in
// force say.
func (m *machine) applyCable() error {
	f := m.faults()
	if err := m.supervisor.network.Impair(m.host.Name, network.Impairment{Loss: f.LossPercent / 100, Delay: f.Delay}); err != nil {
		return err
	}
	return m.supervisor.network.SetLink(m.host.Name, !f.LinkDown)
}
