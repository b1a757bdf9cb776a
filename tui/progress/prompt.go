package progress

import (
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
		m.ask("Filter machines", m.table.filter).changed = func(text string) {
			m.table.filter = text
			m.table.sync(m.machines)
		}
	case logPane, eventsPane:
		s := m.stream()
		m.ask("Filter the "+s.what, s.filter).changed = s.setFilter
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
	room := width - ui.Width(p.input.Prompt) - 1
	problem := ""
	if p.problem != "" {
		problem = "  " + p.problem
		room = max(10, room-ui.Width(problem))
	}
	p.input.Width = room - 1
	return t.Cut(p.input.View()+t.Bad.Render(problem), width)
}
