package form

import (
	"strings"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textarea"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

// areaHeight is how many lines are edited at a time, where they fit.
const areaHeight = 10

// area edits several lines. It is the widget below huh's Text, which stops at
// 99 lines; a bundle of certificates has more.
type area struct {
	m     *Model
	id    string
	text  textarea.Model
	start string
}

func (m *Model) openArea(f *Field) *area {
	t := &m.env.Theme
	a := &area{m: m, id: f.ID, text: textarea.New(), start: m.answerOf(f)}
	a.text.ShowLineNumbers = false
	a.text.Prompt = t.Glyphs.Vertical + " "
	a.text.MaxHeight = 0
	a.text.Placeholder = hint(f)
	style := textarea.Style{Prompt: t.Border, Text: t.Value, CursorLine: t.Value, Placeholder: t.Faint, EndOfBuffer: t.Faint}
	a.text.FocusedStyle, a.text.BlurredStyle = style, style
	a.text.EndOfBufferCharacter = ' '
	a.text.Cursor.SetMode(cursor.CursorStatic) // an idle screen writes nothing
	a.text.Cursor.Style, a.text.Cursor.TextStyle = t.Accent, t.Value
	a.text.SetValue(a.start)
	a.text.Focus()
	m.open, m.line = a, nil
	return a
}

// paste takes what was pasted before the editor was open, on a line of its own.
func (a *area) paste(msg tea.KeyMsg) tea.Cmd {
	if a.start != "" && !strings.HasSuffix(a.start, "\n") {
		a.text.InsertString("\n")
	}
	return a.update(msg)
}

func (a *area) update(msg tea.KeyMsg) tea.Cmd {
	m := a.m
	switch msg.String() {
	case "esc":
		m.Commit() // lines are not thrown away by a single key
		m.enter()
		return nil
	case "tab":
		return m.advance()
	case "shift+tab":
		return m.retreat()
	}
	a.text, _ = a.text.Update(msg) // its command would read this machine's clipboard
	return nil
}

func (a *area) head(int) string {
	return a.m.env.Theme.Faint.Render("esc when it is done")
}

func (a *area) body(width, height int) []string {
	height = max(min(areaHeight, height), 1)
	if a.text.Width() != width-ui.Width(a.text.Prompt) || a.text.Height() != height {
		a.text.SetWidth(width)
		a.text.SetHeight(height)
		a.text, _ = a.text.Update(nil) // keeps the cursor in sight
	}
	return strings.Split(a.text.View(), "\n")
}

func (a *area) answer() (string, bool) { return a.text.Value(), a.text.Value() != a.start }

func (a *area) keys() []key.Binding {
	return []key.Binding{ui.Say(ui.Keys.Back, "done"), ui.Keys.NextField}
}
