// Package pathfield is a field for the path of a file on this machine, with
// the folder's contents below it to complete from.
package pathfield

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

// Model is the field. Its folder is read in the background.
type Model struct {
	theme      *ui.Theme
	extensions []string
	input      textinput.Model

	folder string // that is listed
	names  []string
	unread error // why the folder could not be read
	chosen int   // among the matches, -1 for none
}

// listed is a folder that was read.
type listed struct {
	folder string
	names  []string
	err    error
}

// New is an empty field that completes to folders, and to files that end in
// one of extensions, such as ".yaml".
func New(theme *ui.Theme, extensions ...string) *Model {
	input := textinput.New()
	input.Prompt = ""
	input.Cursor.SetMode(cursor.CursorStatic)
	input.Cursor.Style, input.Cursor.TextStyle = theme.Accent.Reverse(true), theme.Value
	input.TextStyle = theme.Value
	input.Focus()
	return &Model{theme: theme, extensions: extensions, input: input, chosen: -1}
}

// Init reads the folder.
func (m *Model) Init() tea.Cmd { return m.list() }

// Typed is what was typed, as it is.
func (m *Model) Typed() string { return m.input.Value() }

// Path is the absolute path that was typed, "" for none.
func (m *Model) Path() string {
	typed := Expand(m.input.Value())
	if typed == "" {
		return ""
	}
	path, err := filepath.Abs(typed)
	if err != nil {
		return typed
	}
	return path
}

// Set replaces what was typed.
func (m *Model) Set(path string) tea.Cmd {
	m.input.SetValue(path)
	m.input.CursorEnd()
	m.chosen = -1
	return m.list()
}

// Keys are those of the field; enter is what its screen calls it.
func (m *Model) Keys(enter string) []key.Binding {
	return []key.Binding{
		ui.Say(ui.Keys.Choose, enter),
		ui.Say(ui.Keys.NextField, "complete"),
		ui.Say(ui.Keys.Move, "choose"),
	}
}

// Update takes a message. entered says that the path is to be taken: enter was
// pressed, and not on a folder.
func (m *Model) Update(msg tea.Msg) (cmd tea.Cmd, entered bool) {
	switch msg := msg.(type) {
	case listed:
		if msg.folder == m.folder {
			m.names, m.unread = msg.names, msg.err
		}
		return nil, false
	case tea.KeyMsg:
		if !msg.Paste {
			return m.press(msg)
		}
	}
	return m.edit(msg), false
}

func (m *Model) press(msg tea.KeyMsg) (cmd tea.Cmd, entered bool) {
	matches := matching(m.names, m.input.Value())
	if m.chosen >= len(matches) {
		m.chosen = -1
	}
	if m.chosen >= 0 && key.Matches(msg, ui.Keys.NextField, ui.Keys.Choose) {
		matches = matches[m.chosen : m.chosen+1]
	}
	switch {
	case key.Matches(msg, ui.Keys.NextField):
		return m.Set(complete(m.input.Value(), matches)), false
	case key.Matches(msg, ui.Keys.DownTyping):
		m.chosen = min(m.chosen+1, len(matches)-1)
	case key.Matches(msg, ui.Keys.UpTyping):
		m.chosen = max(m.chosen-1, -1)
	case key.Matches(msg, ui.Keys.Choose):
		if m.chosen < 0 {
			return nil, true
		}
		path := complete(m.input.Value(), matches)
		return m.Set(path), !strings.HasSuffix(path, separator)
	default:
		return m.edit(msg), false
	}
	return nil, false
}

func (m *Model) edit(msg tea.Msg) tea.Cmd {
	before := m.input.Value()
	var cmd tea.Cmd
	m.input, cmd = m.input.Update(msg)
	if m.input.Value() != before {
		m.chosen = -1
	}
	return tea.Batch(cmd, m.list())
}

// list reads the folder of what was typed, unless it is known.
func (m *Model) list() tea.Cmd {
	folder := folderOf(m.input.Value())
	if folder == m.folder {
		return nil
	}
	m.folder, m.names, m.unread = folder, nil, nil
	extensions := m.extensions
	return func() tea.Msg {
		names, err := read(folder, extensions)
		return listed{folder, names, err}
	}
}

// View draws the field, the path that it means, and what can be completed to,
// in width by height cells.
func (m *Model) View(width, height int) string {
	t := m.theme
	const label = 6
	m.input.Width = max(width-label-1, 1)
	lines := []string{
		t.Focused.Render(t.Fit("File", label)) + m.input.View(),
		strings.Repeat(" ", label) + t.Faint.Render(t.CutLeft(m.Path(), width-label)),
		"",
	}
	return t.Fill(append(lines, m.matches(width, height-len(lines))...), width, height)
}

func (m *Model) matches(width, room int) []string {
	t := m.theme
	switch all := matching(m.names, m.input.Value()); {
	case room < 3:
		return nil
	case m.unread != nil:
		return []string{t.Warning.Render(t.Glyphs.Warning) + " " + t.Cut(ui.Clean(m.unread.Error()), width-2)}
	case len(all) == 0:
		return nil
	default:
		return m.window(all, room)
	}
}

// window shows as many of all as there is room for, the chosen one among them.
func (m *Model) window(all []string, room int) []string {
	t := m.theme
	first, count := 0, len(all)
	if count > room {
		count = room - 1 // one line says how many there are
		first = max(0, min(m.chosen-count/2, len(all)-count))
	}
	var lines []string
	for i := first; i < first+count; i++ {
		if i == m.chosen {
			lines = append(lines, t.Accent.Render(t.Glyphs.Cursor)+" "+t.Focused.Render(ui.Clean(all[i])))
			continue
		}
		lines = append(lines, "  "+ui.Clean(all[i]))
	}
	if count < len(all) {
		lines = append(lines, t.Faint.Render(fmt.Sprintf("  %d to %d of %d; type to see fewer", first+1, first+count, len(all))))
	}
	return lines
}
