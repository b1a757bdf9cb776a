package start

import (
	"errors"
	"os"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/ui"
	"groundwork.dev/bootstrap/tui/ui/pathfield"
)

// file asks for a configuration file, and goes on with it.
type file struct {
	env         *ui.Env
	title, verb string
	intro       string
	open        func(path string) (ui.Screen, error)

	field   *pathfield.Model
	reading bool
	err     error
}

func newFile(env *ui.Env, title, verb, intro string, open func(string) (ui.Screen, error)) *file {
	return &file{env: env, title: title, verb: verb, intro: intro, open: open, field: pathfield.New(&env.Theme, ".yaml", ".yml")}
}

// taken is what the file came to.
type taken struct {
	screen ui.Screen
	err    error
}

func (f *file) Init() tea.Cmd { return f.field.Init() }
func (f *file) Title() string { return f.title }
func (f *file) Typing() bool  { return true }

func (f *file) Keys() []key.Binding {
	if f.reading {
		return nil
	}
	return f.field.Keys(f.verb)
}

func (f *file) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	switch m := msg.(type) {
	case taken:
		return f, f.took(m)
	case tea.KeyMsg:
		if key.Matches(m, ui.Keys.Back) {
			return f, ui.Send(ui.Leave{})
		}
		if f.reading {
			return f, nil
		}
		f.err = nil
	}
	cmd, entered := f.field.Update(msg)
	if entered {
		return f, tea.Batch(cmd, f.take())
	}
	return f, cmd
}

// take goes on with the file that was typed.
func (f *file) take() tea.Cmd {
	path := f.field.Path()
	if path == "" {
		f.err = &failure.Error{Summary: "no file is named", Remedy: "type its path, or choose one with down and enter"}
		return nil
	}
	f.reading = true
	return func() tea.Msg {
		// What cannot be read at all is the field's to say.
		info, err := os.Stat(path)
		if err == nil && info.IsDir() {
			err = errors.New("this is a folder")
		}
		if err != nil {
			return taken{err: &failure.Error{Summary: "there is no such file to open", Err: err,
				Remedy: "check the path; tab completes it"}}
		}
		screen, err := f.open(path)
		return taken{screen, err}
	}
}

func (f *file) took(t taken) tea.Cmd {
	f.reading = false
	if t.err == nil {
		return ui.Send(ui.Replace{Screen: t.screen})
	}
	var problems v1alpha1.Problems
	if errors.As(t.err, &problems) {
		return ui.Send(ui.Failed{Err: t.err}) // they may be many
	}
	f.err = t.err
	return nil
}

// problemLines are at the bottom, always as many.
const problemLines = 3

func (f *file) View(width, height int) string {
	t := &f.env.Theme
	head := []string{t.Cut(f.intro, width), ""}
	field := f.field.View(width, height-len(head)-problemLines)
	return strings.Join(head, "\n") + "\n" + field + "\n" + t.Fill(f.problem(width), width, problemLines)
}

func (f *file) problem(width int) []string {
	t := &f.env.Theme
	if f.err == nil {
		if f.reading {
			return []string{t.Accent.Render(t.Glyphs.Running) + " reading" + t.Glyphs.Ellipsis}
		}
		return nil
	}
	lines := ui.Wrap(ui.Clean(firstLine(f.err.Error())), width-2)
	lines[0] = t.Bad.Render(t.Glyphs.Failed) + " " + lines[0]
	lines = lines[:min(len(lines), problemLines-1)]
	return append(lines, "  "+failure.Remedy(f.err))
}
