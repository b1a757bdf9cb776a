// Package save is the screen that writes the configuration to a file.
package save

import (
	"errors"
	"io/fs"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/ui"
	"groundwork.dev/bootstrap/tui/ui/pathfield"
)

// Options are what is saved, and where to.
type Options struct {
	// Draft is the configuration. Its own path is proposed, and once it is
	// saved it knows the new one.
	Draft *draft.Draft
	// Saved is called on the interface's goroutine once the file is written,
	// with its absolute path; nil does nothing.
	Saved func(path string)
}

// Screen asks for a path and saves there. Once it has, it goes back.
type Screen struct {
	env     *ui.Env
	options Options
	private bool
	field   *pathfield.Model
	typed   string // when err was found

	writing bool
	err     error
}

// Messages of the screen.
type (
	written struct {
		path string
		err  error
	}
	replace struct{ path string }
)

// New returns the screen.
func New(env *ui.Env, o Options) *Screen {
	return &Screen{env: env, options: o, private: o.Draft.HoldsSecrets(), field: pathfield.New(&env.Theme, ".yaml", ".yml")}
}

// Init implements ui.Screen.
func (s *Screen) Init() tea.Cmd {
	return tea.Batch(s.field.Init(), s.field.Set(s.options.Draft.FileName()))
}

// Title implements ui.Screen.
func (s *Screen) Title() string { return "Save" }

// Typing implements ui.Typing.
func (s *Screen) Typing() bool { return true }

// Keys implements ui.Screen.
func (s *Screen) Keys() []key.Binding {
	if s.writing {
		return nil
	}
	return s.field.Keys("save")
}

// Update implements ui.Screen.
func (s *Screen) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case written:
		return s, s.done(msg)
	case replace:
		return s, s.write(msg.path, true)
	case tea.KeyMsg:
		switch {
		case s.writing:
			return s, nil
		case key.Matches(msg, ui.Keys.Back):
			return s, ui.Send(ui.Leave{})
		case key.Matches(msg, ui.Keys.Save):
			return s, s.write(s.field.Path(), false)
		}
	}
	cmd, entered := s.field.Update(msg)
	if entered {
		return s, tea.Batch(cmd, s.write(s.field.Path(), false))
	}
	if s.err != nil && s.field.Typed() != s.typed {
		s.err = nil
	}
	return s, cmd
}

// write saves to path. The text depends on the folder: the files that the
// configuration names may be relative to it.
func (s *Screen) write(path string, over bool) tea.Cmd {
	if path == "" {
		s.fail(path, errNotAFile)
		return nil
	}
	text, private, err := s.options.Draft.Text(path)
	if err != nil {
		s.fail(path, err)
		return nil
	}
	s.writing, s.err = true, nil
	return func() tea.Msg { return written{path, Write(path, text, private, over)} }
}

func (s *Screen) fail(path string, err error) {
	s.err, s.typed = unsaved(path, err), s.field.Typed()
}

// done goes back once the file is written, and asks where it would replace
// another.
func (s *Screen) done(msg written) tea.Cmd {
	s.writing = false
	switch {
	case msg.err == nil:
		if err := s.options.Draft.Saved(msg.path); err != nil {
			s.fail(msg.path, err)
			return nil
		}
		if s.options.Saved != nil {
			s.options.Saved(msg.path)
		}
		// A screen that has been left has nothing to say any more.
		return tea.Sequence(ui.Send(ui.Toast{Text: "Saved " + msg.path}), ui.Send(ui.Back{}))
	case errors.Is(msg.err, fs.ErrExist):
		return ui.Send(ui.Ask{Dialog: &ui.Dialog{
			Title: "Replace the file?",
			Text:  msg.path + " is there already and says something else. Saving replaces it.",
			Answers: []ui.Answer{
				{Key: "n", Label: "choose another name"},
				{Key: "r", Label: "replace it", Do: ui.Send(replace{msg.path})},
				{Key: "d", Label: "do not save", Do: ui.Send(ui.Back{})},
			},
		}})
	}
	s.err, s.typed = msg.err, s.field.Typed()
	return nil
}
