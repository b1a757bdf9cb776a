// Package progress shows a create while it runs and what has become of it,
// and watches clusters that another process works on.
package progress

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/ui"
)

// phase is how far the work is that a screen shows.
type phase int

const (
	working phase = iota
	stopping
	succeeded
	failed
	stopped // on request, or because its process was stopped
	gone    // the cluster is no more
)

// Model is the screen of a create, or of a cluster that is watched.
type Model struct {
	env     *ui.Env
	backend backend.Backend
	// ctx ends with the screen.
	ctx    context.Context
	cancel context.CancelFunc

	name      string
	rehearsal bool
	request   backend.Request
	// run is the create that this screen runs, watched the cluster that it
	// only watches: one of them is nil.
	run     *run
	watched *backend.Cluster
	// glance is why the last look at the watched cluster failed.
	glance error

	state        phase
	begun, ended time.Time
	result       backend.Result
	err          error
	estimate     backend.Estimate
	steps        steps
	machines     *machines
	warnings     int

	pane   pane
	table  table
	detail string // the machine whose details are shown, "" for none
	page   page   // the result or the details
	log    *stream
	events *stream
	reader *logReader
	prompt *prompt // nil while nothing is typed
	// resultSeen is unset while there is a result that was not shown yet.
	resultSeen bool
	told       event.Wait
	toldAt     time.Time
	// recordBegun is when the step began that the log told of last, and
	// recordRemedy what it said to do about the one that failed last.
	recordBegun  time.Time
	recordRemedy string
}

var (
	_ ui.Screen  = (*Model)(nil)
	_ ui.Typing  = (*Model)(nil)
	_ ui.Escaper = (*Model)(nil)
	_ ui.Leaver  = (*Model)(nil)
	_ ui.Closer  = (*Model)(nil)
)

// New is the screen of a create. The create begins with Init; where the screen
// is left before it has ended, it is stopped and keeps its state.
func New(env *ui.Env, b backend.Backend, request backend.Request) ui.Screen {
	m := newModel(env, b)
	m.request, m.rehearsal = request, request.Rehearsal
	m.name = request.Config.Cluster.Name
	return m
}

// Watch is the screen of a cluster that another process works on, or that
// nobody works on any more. It changes nothing.
func Watch(env *ui.Env, b backend.Backend, cluster backend.Cluster) ui.Screen {
	m := newModel(env, b)
	m.name, m.rehearsal = cluster.Name, cluster.Rehearsal
	m.watched = &cluster
	m.reader = &logReader{path: cluster.LogFile}
	m.see(cluster)
	return m
}

func newModel(env *ui.Env, b backend.Backend) *Model {
	m := &Model{env: env, backend: b, machines: newMachines(), pane: machinesPane}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	m.log, m.events = newStream(&env.Theme, "log"), newStream(&env.Theme, "events")
	return m
}

// Init implements ui.Screen.
func (m *Model) Init() tea.Cmd {
	if m.watched != nil {
		return tea.Batch(m.look(0), m.readLog(0), m.expect(), m.tick())
	}
	return tea.Batch(m.start(), m.findLog(0), m.expect(), m.tick())
}

// second says that a second has passed: what is shown tells how long things
// have taken.
type second struct{}

func (m *Model) tick() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return second{} })
}

// Title implements ui.Screen.
func (m *Model) Title() string {
	if m.watched != nil {
		return "Cluster " + m.name
	}
	if m.rehearsal {
		return "Rehearse " + m.name
	}
	return "Create " + m.name
}

// Update implements ui.Screen.
func (m *Model) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case batch:
		if m.run == nil || msg.from != m.run.queue {
			return m, nil
		}
		m.takeEvents(msg.events)
		if m.run.ctx.Err() != nil && len(msg.events) == 0 {
			return m, nil
		}
		pause := frame
		if m.env.Theme.Glyphs.ASCII {
			pause = serialFrame
		}
		return m, m.next(pause)
	case finished:
		if m.run == nil || msg.from != m.run.queue {
			return m, nil
		}
		return m, m.end(msg)
	case stop:
		m.halt(msg)
	case accepted:
		return m, m.retry(true)
	case estimated:
		m.estimate = msg.estimate
	case second:
		m.judge()
		return m, m.tick()
	case looked:
		return m, m.seen(msg)
	case logRead:
		return m, m.logged(msg)
	case logFound:
		return m, m.logIs(msg)
	case saved:
		return m, m.wasSaved(msg)
	case tea.KeyMsg:
		return m, m.key(msg)
	}
	return m, nil
}

// takeEvents takes in what has happened.
func (m *Model) takeEvents(events []event.Event) {
	var lines []line
	for _, e := range events {
		m.steps.take(e)
		moved := false
		if e.Kind == event.MachineMoved && e.Machine != nil {
			moved = m.machines.put(*e.Machine)
		}
		if e.Kind == event.Warning {
			m.warnings++
		}
		if m.worthALine(e, moved) {
			lines = append(lines, m.eventLine(e))
		}
	}
	m.events.append(lines...)
	m.judge()
}

// judge looks what is wrong with the machines, and brings the table up to
// date.
func (m *Model) judge() {
	text := ""
	if m.err != nil {
		text = m.err.Error()
	}
	now := m.env.Now()
	if !m.ended.IsZero() {
		now = m.ended
	}
	m.machines.judge(now, text)
	m.table.sync(m.machines)
}

// finish shows what has become of the work.
func (m *Model) finish(as phase) {
	m.state, m.ended = as, m.env.Now()
	if as != succeeded {
		m.steps.cut(as)
	}
	m.judge()
	// Whoever is typing would type into the page that asks what to do next.
	m.resultSeen = false
	if m.prompt == nil {
		m.showResult()
	}
}

// elapsed is how long the work has gone on.
func (m *Model) elapsed() time.Duration {
	if m.ended.IsZero() {
		return m.env.Now().Sub(m.begun)
	}
	return m.ended.Sub(m.begun)
}

// over reports whether nothing more is to come.
func (m *Model) over() bool { return m.state != working && m.state != stopping }
