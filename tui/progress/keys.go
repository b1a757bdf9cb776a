package progress

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

var (
	nextPane     = ui.Say(ui.Keys.NextField, "next view")
	previousPane = ui.Say(ui.Keys.PreviousField, "previous view")
	detailsKey   = ui.Say(ui.Keys.Choose, "details")
	troubleKey   = key.NewBinding(key.WithKeys("n", "ctrl+t"), key.WithHelp("n", "next to look at"))
	retryKey     = key.NewBinding(key.WithKeys("r", "ctrl+r"), key.WithHelp("r", "try again"))
	acceptKey    = key.NewBinding(key.WithKeys("a"), key.WithHelp("a", "accept the changes"))
)

// Typing implements ui.Typing.
func (m *Model) Typing() bool { return m.prompt != nil }

// Escapes implements ui.Escaper.
func (m *Model) Escapes() bool { return m.detail != "" || m.filtered() }

func (m *Model) filtered() bool {
	if m.pane == machinesPane {
		return m.table.filter != ""
	}
	s := m.stream()
	return s != nil && s.filter != ""
}

// stream is the log that is shown, or nil.
func (m *Model) stream() *stream {
	switch m.pane {
	case logPane:
		return m.log
	case eventsPane:
		return m.events
	case machinesPane, resultPane:
	}
	return nil
}

// Keys implements ui.Screen.
func (m *Model) Keys() []key.Binding {
	if m.prompt != nil {
		return []key.Binding{ui.Say(ui.Keys.Choose, "accept"), ui.Say(ui.Keys.Back, "clear")}
	}
	var keys []key.Binding
	if m.canRetry() {
		keys = append(keys, retryKey)
		if m.changesRefused() {
			keys = append(keys, acceptKey)
		}
	}
	switch {
	case m.detail != "":
		keys = append(keys, ui.Say(ui.Keys.Move, "scroll"))
	case m.pane == machinesPane:
		keys = append(keys, detailsKey, nextPane, ui.Keys.Filter, ui.Keys.Move)
	case m.pane == resultPane:
		keys = append(keys, nextPane, ui.Say(ui.Keys.Move, "scroll"))
	default:
		keys = append(append(keys, nextPane), m.stream().keys()...)
	}
	if m.machines.troubled > 0 {
		keys = append(keys, troubleKey)
	}
	return append(keys, previousPane, ui.Keys.PageUp, ui.Keys.PageDown, ui.Keys.Top, ui.Keys.Bottom)
}

// key takes a key.
func (m *Model) key(k tea.KeyMsg) tea.Cmd {
	if key.Matches(k, troubleKey) && (m.prompt == nil || k.Type != tea.KeyRunes) {
		return m.nextTrouble()
	}
	if m.prompt != nil {
		return m.typed(k)
	}
	switch {
	case key.Matches(k, ui.Keys.Back):
		return m.escape()
	case key.Matches(k, retryKey) && m.canRetry():
		return m.retry(false)
	case key.Matches(k, acceptKey) && m.canRetry() && m.changesRefused():
		return m.askAccept()
	case m.detail != "":
		m.page.update(k)
	case key.Matches(k, nextPane):
		m.turn(1)
	case key.Matches(k, previousPane):
		m.turn(-1)
	case m.pane == resultPane:
		m.page.update(k)
	case key.Matches(k, ui.Keys.Filter):
		m.askFilter()
	case m.pane == machinesPane:
		m.tableKey(k)
	case key.Matches(k, saveKey):
		m.askPath(m.stream())
	default:
		m.stream().update(k)
	}
	return nil
}

// escape closes what is open; where nothing is, the screen is left.
func (m *Model) escape() tea.Cmd {
	switch {
	case m.detail != "":
		m.detail = ""
	case m.pane == machinesPane && m.table.filter != "":
		m.table.filter = ""
		m.table.sync(m.machines)
	case m.filtered():
		m.stream().setFilter("")
	default:
		return ui.Send(ui.Leave{})
	}
	return nil
}

func (m *Model) tableKey(k tea.KeyMsg) {
	t := &m.table
	switch {
	case key.Matches(k, ui.Keys.Up):
		t.choose(t.index - 1)
	case key.Matches(k, ui.Keys.Down):
		t.choose(t.index + 1)
	case key.Matches(k, ui.Keys.PageUp):
		t.choose(t.index - t.height)
	case key.Matches(k, ui.Keys.PageDown):
		t.choose(t.index + t.height)
	case key.Matches(k, ui.Keys.Top):
		t.choose(0)
	case key.Matches(k, ui.Keys.Bottom):
		t.choose(len(t.rows) - 1)
	case key.Matches(k, ui.Keys.Choose):
		m.open(t.current())
	}
}

// open shows the details of a machine.
func (m *Model) open(at *machine) {
	if at == nil {
		return
	}
	m.detail = at.Name
	m.page.reset()
}

// turn shows another pane.
func (m *Model) turn(by int) {
	panes := m.panes()
	at := 0
	for i, p := range panes {
		if p == m.pane {
			at = i
		}
	}
	m.pane = panes[(at+by+len(panes))%len(panes)]
	m.page.reset()
}

// nextTrouble chooses the machine that needs a look most, and after it the
// next that needs one.
func (m *Model) nextTrouble() tea.Cmd {
	t := &m.table
	if m.machines.troubled == 0 {
		return ui.Send(ui.Toast{Text: "No machine needs a look."})
	}
	if m.prompt != nil {
		m.prompt = nil
	}
	if t.filter != "" {
		t.filter = ""
		t.sync(m.machines)
	}
	at := t.current()
	onto := -1
	if m.pane == machinesPane && at != nil && at.trouble != well {
		onto = m.troubleAfter(t.index)
	} else {
		for i, row := range t.rows {
			if row.trouble != well && (onto < 0 || row.trouble > t.rows[onto].trouble) {
				onto = i
			}
		}
	}
	m.pane = machinesPane
	t.choose(onto)
	if m.detail != "" {
		m.open(t.current())
	}
	return nil
}

// troubleAfter is the next row after index that needs a look, around the end.
func (m *Model) troubleAfter(index int) int {
	rows := m.table.rows
	for i := 1; i <= len(rows); i++ {
		if at := (index + i) % len(rows); rows[at].trouble != well {
			return at
		}
	}
	return index
}

// askAccept asks for consent to a configuration that differs.
func (m *Model) askAccept() tea.Cmd {
	return ui.Send(ui.Ask{Dialog: &ui.Dialog{
		Title: "Go on with the changed configuration?",
		Text:  fmt.Sprintf("The create of %s was begun with another one. What is made already may be changed or made anew.", m.name),
		Word:  m.name,
		Answers: []ui.Answer{
			{Key: "y", Label: "Go on with the changes", Do: ui.Send(accepted{})},
			{Key: "n", Label: "Leave it"},
		},
	}})
}

// accepted consents to a changed configuration.
type accepted struct{}
