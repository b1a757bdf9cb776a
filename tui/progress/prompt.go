package progress

import (
	"fmt"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

// prompt is the line that is typed into: a filter, or the path of a file.
type prompt struct {
	input textinput.Model
	// changed takes what is typed as it is typed, accepted at the end.
	changed  func(string)
	accepted func(string) tea.Cmd
	// note says what it comes to, while it is typed; nil says nothing.
	note func() string
	// problem is why what was typed cannot be taken.
	problem string
}

func (m *Model) ask(label, value string) *prompt {
	t := &m.env.Theme
	input := textinput.New()
	input.Prompt = label + ": "
	input.PromptStyle, input.TextStyle = t.Label, t.Value
	// A cursor that blinks writes to the terminal all the time.
	input.Cursor.SetMode(cursor.CursorStatic)
	input.Cursor.Style = t.Accent.Reverse(true)
	input.SetValue(value)
	input.CursorEnd()
	input.Focus()
	m.prompt = &prompt{input: input}
	return m.prompt
}

// askFilter asks what the lines or machines of the pane have to hold.
func (m *Model) askFilter() {
	switch m.pane {
	case machinesPane:
		p := m.ask("Filter machines", m.table.filter)
		p.changed = func(text string) {
			m.table.filter = text
			m.table.sync(m.machines)
		}
		p.note = func() string { return fmt.Sprintf("%d of %d", len(m.table.rows), len(m.machines.rows)) }
	case logPane, eventsPane:
		s := m.stream()
		p := m.ask("Filter the "+s.what, s.filter)
		p.changed = s.setFilter
		p.note = func() string { return fmt.Sprintf("%d of %d", len(s.shown), len(s.lines)) }
	case resultPane:
	}
}

// typed takes a key while there is a prompt.
func (m *Model) typed(k tea.KeyMsg) tea.Cmd {
	p := m.prompt
	switch k.Type {
	case tea.KeyEsc:
		m.prompt = nil
		if p.changed != nil {
			p.changed("")
		}
		m.caughtUp()
		return nil
	case tea.KeyEnter:
		if p.accepted != nil {
			return p.accepted(p.input.Value())
		}
		m.prompt = nil
		m.caughtUp()
		return nil
	}
	before := p.input.Value()
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(k)
	if now := p.input.Value(); now != before {
		p.problem = ""
		if p.changed != nil {
			p.changed(now)
		}
	}
	return cmd
}

// caughtUp shows the result that came while something was typed.
func (m *Model) caughtUp() {
	if m.over() && !m.resultSeen {
		m.showResult()
	}
}

// view draws the prompt into width cells.
func (p *prompt) view(t *ui.Theme, width int) string {
	right, style := p.problem, t.Bad
	if right == "" && p.note != nil {
		right, style = p.note(), t.Faint
	}
	right = t.Cut(right, width/2)
	room := width - ui.Width(right) - 2
	p.input.Width = max(10, room-ui.Width(p.input.Prompt)-1)
	return t.Fit(p.input.View(), room) + "  " + style.Render(right)
}
