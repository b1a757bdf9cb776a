// Package start is the first screen of the terminal interface: what can be
// begun, gone on with, and looked at.
package start

import (
	"context"
	"errors"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/ui"
)

// Options make the screens that follow. What is nil is not offered. The
// functions that return an error may take their time: they are called in the
// background.
type Options struct {
	// New begins a configuration for a kind of datacenter.
	New func(provider string) (ui.Screen, error)
	// Open goes on with the configuration file at path.
	Open func(path string) (ui.Screen, error)
	// Rehearse rehearses the configuration file at path, or an example where
	// path is "".
	Rehearse func(path string) (ui.Screen, error)
	// Drafts are the configurations that were not finished, Continue goes on
	// with one of them, and Discard forgets it.
	Drafts   func() ([]Draft, error)
	Continue func(Draft) (ui.Screen, error)
	Discard  func(Draft) error
	// Resume goes on with a create that was interrupted.
	Resume func(context.Context, backend.Cluster) (ui.Screen, error)
	// Watch shows a cluster that is being made, or that is finished.
	Watch func(backend.Cluster) ui.Screen
}

// Draft is a configuration that was not finished.
type Draft struct {
	// Path is where it is kept.
	Path string
	// Cluster is its name so far, Provider the kind of its datacenter, and
	// File the file that it was opened from; each may be "".
	Cluster, Provider, File string
	Modified                time.Time
}

// interval is how often the list is read anew.
const interval = time.Second

// Screen is the start page.
type Screen struct {
	env     *ui.Env
	backend backend.Backend
	options Options
	ctx     context.Context // ends with the screen
	cancel  context.CancelFunc

	known    bool // clusters and drafts were read
	clusters []backend.Cluster
	drafts   []Draft
	err      error // why they could not be

	chosen string // the row's identity
	first  int    // line that is drawn first
	// round is the reading that is under way or due; answers of others are old.
	round int

	opening string // what is being opened, "" for nothing
	stop    context.CancelFunc
}

// New is the start page.
func New(env *ui.Env, b backend.Backend, o Options) *Screen {
	ctx, cancel := context.WithCancel(context.Background())
	return &Screen{env: env, backend: b, options: o, ctx: ctx, cancel: cancel}
}

type (
	// read is what is on this machine.
	read struct {
		round    int
		clusters []backend.Cluster
		drafts   []Draft
		err      error
	}
	// due says that it is to be read again.
	due int
	// opened is a screen that was made, for the opening ctx.
	opened struct {
		ctx    context.Context
		screen ui.Screen
		err    error
	}
	// discard forgets a draft.
	discard Draft
	// changed says that the list is old.
	changed struct{ err error }
)

// Init implements ui.Screen.
func (s *Screen) Init() tea.Cmd { return s.read() }

// Title implements ui.Screen.
func (s *Screen) Title() string { return "Start" }

// Close implements ui.Closer.
func (s *Screen) Close() { s.cancel() }

// Escapes implements ui.Escaper: esc gives up what is being opened.
func (s *Screen) Escapes() bool { return s.opening != "" }

// Update implements ui.Screen.
func (s *Screen) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	switch m := msg.(type) {
	case read:
		if m.round != s.round {
			return s, nil
		}
		s.known, s.err = true, m.err
		// One that cannot be read does not keep the others from being shown.
		if m.err == nil || len(m.clusters)+len(m.drafts) > 0 {
			s.clusters, s.drafts = m.clusters, m.drafts
		}
		return s, s.later()
	case due:
		if int(m) == s.round {
			return s, s.read()
		}
	case ui.Resumed:
		return s, s.read()
	case opened:
		return s, s.show(m)
	case discard:
		return s, s.forget(Draft(m))
	case changed:
		return s, tea.Batch(ui.Send(ui.Failed{Err: m.err}), s.read())
	case tea.KeyMsg:
		return s, s.press(m)
	}
	return s, nil
}

// read reads what is on this machine.
func (s *Screen) read() tea.Cmd {
	s.round++
	round, ctx := s.round, s.ctx
	return func() tea.Msg {
		r := read{round: round}
		r.clusters, r.err = s.backend.Clusters(ctx)
		if s.options.Drafts != nil {
			var err error
			r.drafts, err = s.options.Drafts()
			r.err = errors.Join(r.err, err)
		}
		return r
	}
}

// later reads it again, unless something else does before.
func (s *Screen) later() tea.Cmd {
	round := due(s.round)
	return tea.Tick(interval, func(time.Time) tea.Msg { return round })
}

// open makes a screen in the background and shows it.
func (s *Screen) open(what string, make func(context.Context) (ui.Screen, error)) tea.Cmd {
	if s.opening != "" {
		return nil
	}
	ctx, stop := context.WithCancel(s.ctx)
	s.opening, s.stop = what, stop
	return func() tea.Msg {
		screen, err := make(ctx)
		return opened{ctx, screen, err}
	}
}

// show shows what was opened, unless it was given up meanwhile.
func (s *Screen) show(o opened) tea.Cmd {
	if o.ctx.Err() != nil {
		if c, ok := o.screen.(ui.Closer); ok {
			c.Close()
		}
		return nil
	}
	s.stop()
	s.opening = ""
	if o.err != nil {
		return ui.Send(ui.Failed{Err: o.err})
	}
	return s.put(o.screen)
}

// put shows a screen. The list is not read while it cannot be seen.
func (s *Screen) put(screen ui.Screen) tea.Cmd {
	s.round++
	return ui.Send(ui.Open{Screen: screen})
}

func (s *Screen) forget(d Draft) tea.Cmd {
	return func() tea.Msg { return changed{s.options.Discard(d)} }
}

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	rows := s.rows()
	at := s.at(rows)
	switch {
	case s.opening != "":
		if key.Matches(msg, ui.Keys.Back) {
			s.stop()
			s.opening = ""
		}
		return nil
	case len(rows) == 0:
		return nil
	case key.Matches(msg, ui.Keys.Up, ui.Keys.PreviousField):
		at--
	case key.Matches(msg, ui.Keys.Down, ui.Keys.NextField):
		at++
	case key.Matches(msg, ui.Keys.PageUp):
		at -= 10
	case key.Matches(msg, ui.Keys.PageDown):
		at += 10
	case key.Matches(msg, ui.Keys.Top):
		at = 0
	case key.Matches(msg, ui.Keys.Bottom):
		at = len(rows) - 1
	case key.Matches(msg, ui.Keys.Choose):
		return rows[at].do()
	default:
		for _, extra := range rows[at].also {
			if key.Matches(msg, extra.key) {
				return extra.do()
			}
		}
		return nil
	}
	s.chosen = rows[min(max(at, 0), len(rows)-1)].id
	return nil
}

// at is where the chosen row is now; the first where there is none such.
func (s *Screen) at(rows []row) int {
	for i := range rows {
		if rows[i].id == s.chosen {
			return i
		}
	}
	return 0
}

// Keys implements ui.Screen.
func (s *Screen) Keys() []key.Binding {
	if s.opening != "" {
		return []key.Binding{ui.Say(ui.Keys.Back, "give up")}
	}
	rows := s.rows()
	if len(rows) == 0 {
		return nil
	}
	chosen := rows[s.at(rows)]
	keys := []key.Binding{ui.Say(ui.Keys.Choose, chosen.verb), ui.Keys.Move}
	for _, extra := range chosen.also {
		keys = append(keys, extra.key)
	}
	return keys
}
