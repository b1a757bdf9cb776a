// Package save is the screen that writes the configuration to a file.
package save

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/ui"
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
	input   textinput.Model

	// entries are of the folder listed; unread is why they are not known.
	listed  string
	entries []entry
	unread  error
	chosen  int // among the matches, -1 for none

	writing bool
	err     error
}

// New returns the screen.
func New(env *ui.Env, o Options) *Screen {
	input := textinput.New()
	input.Prompt = ""
	input.Cursor.SetMode(cursor.CursorStatic)
	input.Cursor.Style = env.Theme.Accent.Reverse(true)
	input.Cursor.TextStyle = env.Theme.Value
	input.TextStyle = env.Theme.Value
	input.SetValue(o.Draft.FileName())
	input.CursorEnd()
	input.Focus()
	return &Screen{env: env, options: o, private: o.Draft.HoldsSecrets(), input: input, chosen: -1}
}

type (
	listed struct {
		folder  string
		entries []entry
		err     error
	}
	written struct {
		path string
		err  error
	}
	replace struct{ path string }
)

// Init implements ui.Screen.
func (s *Screen) Init() tea.Cmd { return s.list() }

// Title implements ui.Screen.
func (s *Screen) Title() string { return "Save" }

// Typing implements ui.Typing.
func (s *Screen) Typing() bool { return true }

// Keys implements ui.Screen.
func (s *Screen) Keys() []key.Binding {
	return []key.Binding{
		ui.Say(ui.Keys.Choose, "save"),
		ui.Say(ui.Keys.NextField, "complete"),
		ui.Say(ui.Keys.UpTyping, "choose above"),
		ui.Say(ui.Keys.DownTyping, "choose below"),
	}
}

// list asks for the folder of what was typed, unless it is known.
func (s *Screen) list() tea.Cmd {
	wanted := folder(s.input.Value())
	if wanted == s.listed {
		return nil
	}
	s.listed, s.entries, s.unread = wanted, nil, nil
	return func() tea.Msg {
		entries, err := read(wanted)
		return listed{wanted, entries, err}
	}
}

// Update implements ui.Screen.
func (s *Screen) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case listed:
		if msg.folder == s.listed {
			s.entries, s.unread = msg.entries, msg.err
		}
	case written:
		return s, s.done(msg)
	case replace:
		return s, s.write(msg.path, true)
	case tea.KeyMsg:
		return s, s.press(msg)
	case ui.Resumed:
	default:
		var cmd tea.Cmd
		s.input, cmd = s.input.Update(msg) // what was pasted
		return s, cmd
	}
	return s, nil
}

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	if s.writing {
		return nil
	}
	matches := matching(s.entries, s.input.Value())
	switch {
	case key.Matches(msg, ui.Keys.Back):
		return ui.Send(ui.Leave{})
	case key.Matches(msg, ui.Keys.NextField):
		if s.chosen >= 0 && s.chosen < len(matches) {
			matches = matches[s.chosen : s.chosen+1]
		}
		return s.set(complete(s.input.Value(), matches))
	case key.Matches(msg, ui.Keys.DownTyping):
		s.chosen = min(s.chosen+1, len(matches)-1)
		return nil
	case key.Matches(msg, ui.Keys.UpTyping):
		s.chosen = max(s.chosen-1, -1)
		return nil
	case key.Matches(msg, ui.Keys.Choose, ui.Keys.Save):
		if s.chosen >= 0 && s.chosen < len(matches) {
			return s.set(complete(s.input.Value(), matches[s.chosen:s.chosen+1]))
		}
		return s.write(s.input.Value(), false)
	}
	before := s.input.Value()
	var cmd tea.Cmd
	s.input, cmd = s.input.Update(msg)
	if s.input.Value() != before {
		s.chosen, s.err = -1, nil
	}
	return tea.Batch(cmd, s.list())
}

// set replaces what was typed.
func (s *Screen) set(path string) tea.Cmd {
	s.input.SetValue(path)
	s.input.CursorEnd()
	s.chosen, s.err = -1, nil
	return s.list()
}

// write saves to what was typed. The text depends on the folder: the files
// that the configuration names may be relative to it.
func (s *Screen) write(typed string, over bool) tea.Cmd {
	path, err := filepath.Abs(expand(typed))
	if err == nil && strings.TrimSpace(typed) == "" {
		err = errNotAFile
	}
	if err != nil {
		s.err = unsaved(path, err)
		return nil
	}
	text, private, err := s.options.Draft.Text(path)
	if err != nil {
		s.err = unsaved(path, err)
		return nil
	}
	s.writing, s.err = true, nil
	return func() tea.Msg { return written{path, Write(path, text, private, over)} }
}

// done goes back once the file is written, and asks where it would replace
// another.
func (s *Screen) done(msg written) tea.Cmd {
	s.writing = false
	switch {
	case msg.err == nil:
		if err := s.options.Draft.Saved(msg.path); err != nil {
			s.err = unsaved(msg.path, err)
			return nil
		}
		if s.options.Saved != nil {
			s.options.Saved(msg.path)
		}
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
	s.err = msg.err
	return nil
}
