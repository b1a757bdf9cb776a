// Package review is the page before a create: what will be made and where, how
// long it is expected to take, and the whole effective configuration.
package review

import (
	"context"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/ui"
)

// Options are what is reviewed, and where it leads to.
type Options struct {
	// Config is the effective configuration: with its defaults, and with what
	// the files that it refers to say.
	Config *v1alpha1.Config
	// Objects counts the objects that a create makes in the bootstrap cluster;
	// nil leaves them out.
	Objects func(context.Context, *v1alpha1.Config) (int, error)
	// Start makes the screen that runs a create.
	Start func(backend.Request) ui.Screen
	// Save makes the screen that saves the configuration; nil offers none.
	Save func() ui.Screen
	// RehearsalOnly offers no real create: the site has not been checked.
	RehearsalOnly bool
}

// Screen shows it.
type Screen struct {
	env     *ui.Env
	backend backend.Backend
	options Options
	ctx     context.Context
	cancel  context.CancelFunc

	pane *pane
	// paneOnly shows the configuration alone where both do not fit.
	paneOnly bool
	// beside says that both were drawn, offset is the first line of the summary
	// where it alone was.
	beside bool
	offset int

	estimates map[bool]backend.Estimate // by whether it is a rehearsal
	known     map[bool]existing
	looked    bool
	err       error // why it is not known what there is
	objects   int

	button int
}

// Messages of the screen.
type (
	estimated map[bool]backend.Estimate
	found     struct {
		known map[bool]existing
		err   error
	}
	counted int
	begin   struct{ request backend.Request }
)

// New returns the page.
func New(env *ui.Env, b backend.Backend, o Options) *Screen {
	text, err := o.Config.YAML()
	if err != nil {
		text = []byte("# the configuration cannot be written: " + err.Error())
	}
	s := &Screen{env: env, backend: b, options: o, pane: newPane(env, string(text))}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	// What changes nothing is the first to be at hand.
	for i, b := range s.buttons() {
		if b.deed == rehearsing {
			s.button = i
		}
	}
	return s
}

// Init implements ui.Screen.
func (s *Screen) Init() tea.Cmd {
	site, config, objects := s.backend, s.options.Config, s.options.Objects
	cmds := []tea.Cmd{s.look(), func() tea.Msg {
		return estimated{false: site.Estimate(config, false), true: site.Estimate(config, true)}
	}}
	if objects != nil {
		ctx := s.ctx
		cmds = append(cmds, func() tea.Msg {
			n, err := objects(ctx, config)
			if err != nil {
				return nil // the checks have said what is wrong
			}
			return counted(n)
		})
	}
	return tea.Batch(cmds...)
}

func (s *Screen) look() tea.Cmd {
	ctx, site, name := s.ctx, s.backend, s.options.Config.Cluster.Name
	s.looked, s.err = false, nil
	return func() tea.Msg {
		known, err := look(ctx, site, name)
		return found{known, err}
	}
}

// Close implements ui.Closer.
func (s *Screen) Close() { s.cancel() }

// Title implements ui.Screen.
func (s *Screen) Title() string { return "Review" }

// Typing implements ui.Typing.
func (s *Screen) Typing() bool { return s.pane.typing }

// Escapes implements ui.Escaper: esc ends a search first.
func (s *Screen) Escapes() bool { return s.pane.typing || s.pane.input.Value() != "" }

// Keys implements ui.Screen.
func (s *Screen) Keys() []key.Binding {
	if s.pane.typing {
		return []key.Binding{ui.Say(ui.Keys.Choose, "keep"), ui.Say(ui.Keys.DownTyping, "next"), ui.Say(ui.Keys.UpTyping, "previous"), ui.Say(ui.Keys.Back, "end the search")}
	}
	keys := []key.Binding{}
	if b := s.buttons(); len(b) > 0 {
		keys = append(keys, ui.Say(ui.Keys.Choose, b[s.button].says), ui.Say(ui.Keys.NextField, "next button"))
	}
	keys = append(keys, ui.Say(ui.Keys.YAML, "configuration"), ui.Say(ui.Keys.Filter, "search"))
	if s.options.Save != nil {
		keys = append(keys, ui.Keys.Save)
	}
	keys = append(keys, ui.Say(ui.Keys.Up, "scroll up"), ui.Say(ui.Keys.Down, "scroll down"), ui.Keys.PageUp, ui.Keys.PageDown, ui.Keys.Top, ui.Keys.Bottom)
	if s.pane.input.Value() != "" {
		keys = append(keys, nextMatch, previousMatch, ui.Say(ui.Keys.Back, "end the search"))
	}
	return keys
}

var (
	nextMatch     = key.NewBinding(key.WithKeys("n"), key.WithHelp("n", "next match"))
	previousMatch = key.NewBinding(key.WithKeys("N"), key.WithHelp("N", "previous match"))
)

// Update implements ui.Screen.
func (s *Screen) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case estimated:
		s.estimates = msg
	case found:
		s.known, s.err, s.looked = msg.known, msg.err, true
	case counted:
		s.objects = int(msg)
	case begin:
		return s, ui.Send(ui.Open{Screen: s.options.Start(msg.request)})
	case ui.Resumed:
		return s, s.look() // a create has perhaps begun meanwhile
	case tea.KeyMsg:
		if s.pane.typing {
			return s, s.searching(msg)
		}
		return s, s.press(msg)
	}
	return s, nil
}

func (s *Screen) searching(msg tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(msg, ui.Keys.Back):
		s.pane.clear()
	case key.Matches(msg, ui.Keys.Choose):
		s.pane.keep()
	case key.Matches(msg, ui.Keys.DownTyping):
		s.pane.step(1)
	case key.Matches(msg, ui.Keys.UpTyping):
		s.pane.step(-1)
	default:
		return s.pane.edit(msg)
	}
	return nil
}

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	buttons := s.buttons()
	switch {
	case key.Matches(msg, ui.Keys.NextField, ui.Keys.Right):
		s.button = (s.button + 1) % len(buttons)
	case key.Matches(msg, ui.Keys.PreviousField, ui.Keys.Left):
		s.button = (s.button + len(buttons) - 1) % len(buttons)
	case key.Matches(msg, ui.Keys.Choose):
		return s.do(buttons[s.button].deed)
	case key.Matches(msg, ui.Keys.Save) && s.options.Save != nil:
		return s.do(saving)
	case key.Matches(msg, ui.Keys.YAML):
		s.paneOnly = !s.paneOnly
	case key.Matches(msg, ui.Keys.Filter):
		s.paneOnly = true
		s.pane.search()
	case key.Matches(msg, ui.Keys.Back):
		s.pane.clear()
	case key.Matches(msg, nextMatch):
		s.pane.step(1)
	case key.Matches(msg, previousMatch):
		s.pane.step(-1)
	case key.Matches(msg, ui.Keys.Up):
		s.scroll(-1)
	case key.Matches(msg, ui.Keys.Down):
		s.scroll(1)
	case key.Matches(msg, ui.Keys.PageUp):
		s.scroll(-s.pane.height + 1)
	case key.Matches(msg, ui.Keys.PageDown):
		s.scroll(s.pane.height - 1)
	case key.Matches(msg, ui.Keys.Top):
		s.scroll(-len(s.pane.lines))
	case key.Matches(msg, ui.Keys.Bottom):
		s.scroll(len(s.pane.lines))
	case key.Matches(msg, ui.Keys.PreviousPage):
		return ui.Send(ui.Leave{})
	}
	return nil
}

// scroll moves what is shown and does not fit. Drawing bounds it.
func (s *Screen) scroll(by int) {
	if s.paneOnly || s.beside {
		s.pane.scroll(by)
		return
	}
	s.offset = max(0, s.offset+by)
}

// deed is what a button does.
type deed int

const (
	creating deed = iota
	rehearsing
	saving
)

type button struct {
	deed        deed
	label, says string
}

// buttons are those that can be pressed.
func (s *Screen) buttons() []button {
	var all []button
	if !s.options.RehearsalOnly {
		all = append(all, button{creating, "Create the cluster", "create"})
	}
	// What is simulated is a vCenter.
	if s.options.Config.VSphereDatacenter != nil {
		label := "Rehearse first"
		if s.options.RehearsalOnly {
			label = "Rehearse"
		}
		all = append(all, button{rehearsing, label, "rehearse"})
	}
	if s.options.Save != nil {
		all = append(all, button{saving, "Save the configuration", "save"})
	}
	return all
}

func (s *Screen) do(d deed) tea.Cmd {
	if d == saving {
		return ui.Send(ui.Open{Screen: s.options.Save()})
	}
	rehearsal := d == rehearsing
	switch {
	case !s.looked:
		return ui.Send(ui.Toast{Text: "One moment: looking for what an earlier run has left."})
	case s.err != nil:
		return tea.Batch(ui.Send(ui.Failed{Err: s.err}), s.look())
	}
	request := backend.Request{Config: s.options.Config, Rehearsal: rehearsal}
	goOn := func(acceptChanges bool) tea.Cmd {
		request.AcceptChanges = acceptChanges
		return ui.Send(begin{request})
	}
	dialog, err := ask(s.options.Config, rehearsal, s.known, goOn)
	switch {
	case err != nil:
		return tea.Batch(ui.Send(ui.Failed{Err: err}), s.look())
	case dialog != nil:
		return ui.Send(ui.Ask{Dialog: dialog})
	}
	return goOn(false)
}
