package progress

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/workflow"
	"groundwork.dev/bootstrap/tui/backend"
)

// lookEvery is how often a cluster that is watched is looked at.
const lookEvery = time.Second

// looked is what a look at the clusters found; no cluster where it is gone.
type looked struct {
	cluster *backend.Cluster
	err     error
}

// look looks at the watched cluster, after delay.
func (m *Model) look(delay time.Duration) tea.Cmd {
	return after(delay, func() tea.Msg {
		cluster, err := m.find()
		return looked{cluster, err}
	})
}

// find is the cluster among those that have state here, nil where it has none.
func (m *Model) find() (*backend.Cluster, error) {
	clusters, err := m.backend.Clusters(m.ctx)
	if err != nil {
		return nil, err
	}
	for i := range clusters {
		if c := &clusters[i]; c.Cluster != nil && c.Name == m.name && c.Rehearsal == m.rehearsal {
			return c, nil
		}
	}
	return nil, nil
}

// after is a tea.Cmd that begins later.
func after(delay time.Duration, cmd tea.Cmd) tea.Cmd {
	if delay <= 0 {
		return cmd
	}
	return tea.Tick(delay, func(time.Time) tea.Msg { return cmd() })
}

// seen takes in a look.
func (m *Model) seen(l looked) tea.Cmd {
	if m.ctx.Err() != nil {
		return nil
	}
	m.glance = l.err
	switch {
	case l.err != nil:
	case l.cluster == nil && m.state != gone:
		m.finish(gone)
	case l.cluster != nil:
		m.see(*l.cluster)
	}
	return m.look(lookEvery)
}

// see takes in how the watched cluster is.
func (m *Model) see(c backend.Cluster) {
	m.watched = &c
	wait := m.steps.wait
	m.steps.restore(c.Steps, c.Running != nil)
	if at := m.steps.current(); at == nil {
		m.steps.wait = nil
	} else {
		m.steps.wait = wait
	}
	m.machines.replace(c.Machines)
	m.result.Kubeconfig = c.Kubeconfig
	if now := m.stateOf(c); now != m.state || m.begun.IsZero() {
		m.enter(now)
	}
	m.begun, m.ended = m.spanOf(c)
	m.judge()
}

// enter shows that the watched cluster's work is in another state.
func (m *Model) enter(now phase) {
	if now != working {
		m.finish(now)
		return
	}
	m.state = working
	if m.pane == resultPane {
		m.pane = machinesPane
	}
}

func (m *Model) stateOf(c backend.Cluster) phase {
	m.err = nil
	switch {
	case c.Running != nil:
		return working
	case !c.Interrupted && len(c.Steps) > 0:
		return succeeded
	case len(c.Steps) > 0 && c.Steps[len(c.Steps)-1].Last == workflow.Failed:
		m.err = &failure.Error{Code: failure.Other, Summary: c.Steps[len(c.Steps)-1].Error, Remedy: m.recordRemedy}
		return failed
	}
	return stopped
}

// spanOf is when the work began and ended. Where nobody works on the cluster,
// it is as long as the steps took together.
func (m *Model) spanOf(c backend.Cluster) (begun, ended time.Time) {
	if c.Running != nil {
		return c.Running.Since, time.Time{}
	}
	if len(c.Steps) == 0 {
		return m.env.Now(), m.env.Now()
	}
	begun = c.Steps[0].Begun
	ended = begun
	for _, s := range c.Steps {
		ended = ended.Add(time.Duration(s.Seconds * float64(time.Second)))
	}
	return begun, ended
}

// expect asks how long the work is expected to take.
func (m *Model) expect() tea.Cmd {
	config := m.request.Config
	return func() tea.Msg {
		if config == nil {
			text, err := m.backend.Configuration(m.ctx, m.name, m.rehearsal)
			if err != nil {
				return nil // a cluster without one was never begun
			}
			if config, _ = v1alpha1.Decode(m.name, text); config == nil || config.Cluster == nil {
				return nil
			}
		}
		return estimated{m.backend.Estimate(config, m.rehearsal)}
	}
}
