// Package checks is the preflight page: every check of the site with what was
// found and what to do about it, to be made again in place.
package checks

import (
	"slices"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/ui"
)

// Options are what is checked, and where it leads to.
type Options struct {
	Config *v1alpha1.Config
	// Rehearsal checks a simulated site instead of the real one.
	Rehearsal bool
	// Next is opened once nothing failed and every warning is accepted.
	Next func() ui.Screen
	// Rehearse is offered where the real site failed; nil offers nothing.
	Rehearse func() ui.Screen
	// Save is opened by ctrl+s; nil takes no ctrl+s.
	Save func() ui.Screen
}

// Screen makes the checks when it is opened, and again when it is asked to.
type Screen struct {
	env     *ui.Env
	backend backend.Backend
	options Options

	run  run
	took time.Duration
	// results are in the order of the page; those without a Result are being
	// made.
	results []event.Check
	// err is why checks could not be made at all.
	err      error
	accepted map[acceptance]bool
	// toggled are the checks whose details are the other way than at first.
	toggled  map[string]bool
	unfolded bool

	cursor int // among the rows; past them is the button
	offset int // the first line of the list that is shown
	height int // of the list when it was drawn last
	width  int
}

// acceptance is of a warning as it was worded: one that says something else
// after the next run has to be accepted again.
type acceptance struct{ name, found string }

// New returns the page. It begins with the checks when it is opened.
func New(env *ui.Env, b backend.Backend, o Options) *Screen {
	return &Screen{
		env: env, backend: b, options: o,
		accepted: map[acceptance]bool{}, toggled: map[string]bool{}, width: ui.MinWidth, height: ui.MinHeight,
	}
}

// Init implements ui.Screen.
func (s *Screen) Init() tea.Cmd { return s.start() }

// Close implements ui.Closer.
func (s *Screen) Close() { s.run.stop() }

// Title implements ui.Screen.
func (s *Screen) Title() string {
	if s.options.Rehearsal {
		return "Checks of the simulated site"
	}
	return "Checks of the site"
}

// Keys implements ui.Screen.
func (s *Screen) Keys() []key.Binding {
	keys := []key.Binding{}
	if !s.run.active {
		if s.onButton() {
			keys = append(keys, ui.Say(ui.Keys.Choose, s.button().says))
		} else {
			keys = append(keys, ui.Say(ui.Keys.Choose, "details"))
		}
		if s.ready() && !s.onButton() {
			keys = append(keys, ui.Say(ui.Keys.NextPage, "go on"))
		}
		if s.unaccepted() > 0 {
			keys = append(keys, ui.Say(ui.Keys.Toggle, "accept"), acceptAll)
		}
		keys = append(keys, again)
		if s.offersRehearsal() {
			keys = append(keys, rehearse)
		}
	}
	keys = append(keys, ui.Keys.Up, ui.Keys.Down, ui.Keys.PageUp, ui.Keys.PageDown)
	if s.options.Save != nil {
		keys = append(keys, ui.Keys.Save)
	}
	return keys
}

var (
	again     = key.NewBinding(key.WithKeys("r", "ctrl+r"), key.WithHelp("r", "check again"))
	acceptAll = key.NewBinding(key.WithKeys("a"), key.WithHelp("a", "accept all"))
	rehearse  = key.NewBinding(key.WithKeys("t"), key.WithHelp("t", "rehearse instead"))
)

// Update implements ui.Screen.
func (s *Screen) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case arrived:
		if msg.run == s.run.number && s.run.active {
			for _, check := range msg.checks {
				s.put(check)
			}
			return s, s.run.listen()
		}
	case finished:
		if msg.run == s.run.number {
			s.settle(msg)
		}
	case tick:
		if msg.run == s.run.number && s.run.active {
			s.run.frame++
			return s, s.run.tick()
		}
	case tea.KeyMsg:
		return s, s.press(msg)
	}
	return s, nil
}

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	last := len(s.rows())
	if s.run.active {
		last--
	}
	switch {
	case key.Matches(msg, ui.Keys.Up, ui.Keys.PreviousField):
		s.move(s.cursor - 1)
	case key.Matches(msg, ui.Keys.Down, ui.Keys.NextField):
		s.move(min(s.cursor+1, last))
	case key.Matches(msg, ui.Keys.PageDown):
		s.offset += max(s.height-1, 1)
	case key.Matches(msg, ui.Keys.PageUp):
		s.offset = max(s.offset-max(s.height-1, 1), 0)
	case key.Matches(msg, ui.Keys.Top):
		s.move(0)
	case key.Matches(msg, ui.Keys.Bottom):
		s.move(last)
	case key.Matches(msg, ui.Keys.Save) && s.options.Save != nil:
		return ui.Send(ui.Open{Screen: s.options.Save()})
	case key.Matches(msg, ui.Keys.PreviousPage):
		return ui.Send(ui.Leave{})
	case s.run.active:
	case key.Matches(msg, ui.Keys.Choose):
		return s.choose()
	case key.Matches(msg, ui.Keys.Toggle):
		s.accept()
	case key.Matches(msg, acceptAll):
		s.acceptAll()
	case key.Matches(msg, again):
		return s.start()
	case key.Matches(msg, rehearse) && s.offersRehearsal():
		return ui.Send(ui.Open{Screen: s.options.Rehearse()})
	case key.Matches(msg, ui.Keys.NextPage):
		return s.next()
	}
	return nil
}

// choose is enter: the button's deed, or the details of a row.
func (s *Screen) choose() tea.Cmd {
	if s.onButton() {
		return s.button().do()
	}
	switch row := s.rows()[s.cursor]; row.kind {
	case fold:
		s.unfolded = !s.unfolded
	case check:
		s.toggled[row.check.Name] = !s.toggled[row.check.Name]
	}
	s.show()
	return nil
}

// next goes on, or says what is in the way.
func (s *Screen) next() tea.Cmd {
	switch {
	case s.ready():
		if s.options.Next != nil {
			return ui.Send(ui.Open{Screen: s.options.Next()})
		}
		return nil
	case s.unaccepted() > 0 && s.count(event.Failed) == 0 && s.err == nil:
		return ui.Send(ui.Toast{Text: "Accept the warnings first: space for one, a for all."})
	}
	return ui.Send(ui.Toast{Text: "Something failed: correct it, and press r to check again."})
}

// accept takes or refuses the warning under the cursor.
func (s *Screen) accept() {
	if rows := s.rows(); s.cursor < len(rows) && rows[s.cursor].kind == check {
		if one := rows[s.cursor].check; one.Result == event.Warned {
			key := acceptance{one.Name, one.Found}
			s.accepted[key] = !s.accepted[key]
		}
	}
}

func (s *Screen) acceptAll() {
	for _, one := range s.results {
		if one.Result == event.Warned {
			s.accepted[acceptance{one.Name, one.Found}] = true
		}
	}
	if s.ready() {
		s.move(len(s.rows()))
	}
}

// put takes a result in, at its place where the check has one.
func (s *Screen) put(check event.Check) {
	for i := range s.results {
		if s.results[i].Name == check.Name {
			s.results[i] = check
			return
		}
	}
	s.results = append(s.results, check)
}

// settle ends a run.
func (s *Screen) settle(msg finished) {
	s.run.stop()
	s.took = s.env.Now().Sub(s.run.since)
	if len(msg.checks) > 0 || msg.err != nil {
		s.results = slices.Clone(msg.checks) // they may be the backend's own
	}
	s.err = msg.err
	// That checks failed is said by the checks themselves.
	if s.count(event.Failed) > 0 && failure.ExitCode(msg.err) == failure.Preflight {
		s.err = nil
	}
	s.cursor, s.offset = 0, 0
	if s.ready() || len(s.rows()) == 0 {
		s.cursor = len(s.rows())
	}
}

// ready says that nothing is in the way of going on.
func (s *Screen) ready() bool {
	return !s.run.active && s.err == nil && s.count(event.Failed) == 0 && s.unaccepted() == 0
}

func (s *Screen) offersRehearsal() bool {
	return !s.run.active && s.options.Rehearse != nil && (s.err != nil || s.count(event.Failed) > 0)
}

func (s *Screen) count(result event.CheckResult) int {
	n := 0
	for _, one := range s.results {
		if one.Result == result {
			n++
		}
	}
	return n
}

func (s *Screen) unaccepted() int {
	n := 0
	for _, one := range s.results {
		if one.Result == event.Warned && !s.accepted[acceptance{one.Name, one.Found}] {
			n++
		}
	}
	return n
}
