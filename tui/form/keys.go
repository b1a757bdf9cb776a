package form

import (
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

// proposals opens the list of a text field that has one.
var proposals = key.NewBinding(key.WithKeys("ctrl+o"), key.WithHelp("ctrl+o", "proposals"))

func (m *Model) key(msg tea.KeyMsg) tea.Cmd {
	pressed := msg.String()
	for _, a := range m.actions() {
		letter := utf8.RuneCountInString(a.Key) == 1
		if a.Key == pressed && !(letter && m.Typing()) {
			return m.act(a)
		}
	}
	scrolls := m.open != nil || m.pane.full()
	switch {
	case key.Matches(msg, ui.Keys.YAML):
		m.pane.cycle(m.width)
		return nil
	case key.Matches(msg, ui.Keys.NextPage) && !(pressed == "pgdown" && scrolls):
		return m.next()
	case key.Matches(msg, ui.Keys.PreviousPage) && !(pressed == "pgup" && scrolls):
		return m.previous()
	case m.pane.full():
		return m.pane.key(msg)
	case key.Matches(msg, ui.Keys.Advanced) && m.advanced() > 0:
		return m.fold()
	case key.Matches(msg, ui.Keys.Retry) && m.failed() != nil:
		return m.retry()
	case m.open != nil:
		return m.open.update(msg)
	}
	return m.rowKey(msg)
}

// rowKey is for a row with nothing open under it.
func (m *Model) rowKey(msg tea.KeyMsg) tea.Cmd {
	up, down := ui.Keys.Up, ui.Keys.Down
	if m.line != nil {
		up, down = ui.Keys.UpTyping, ui.Keys.DownTyping
	}
	switch {
	case key.Matches(msg, ui.Keys.Back):
		m.Commit()
		return ui.Send(ui.Leave{})
	case key.Matches(msg, up):
		return m.move(-1)
	case key.Matches(msg, down):
		return m.move(1)
	case key.Matches(msg, ui.Keys.PreviousField):
		return m.retreat()
	case key.Matches(msg, ui.Keys.NextField):
		return m.advance()
	}
	f := m.focused()
	if f == nil {
		if len(m.rows) == 0 && msg.String() == "enter" {
			return m.next()
		}
		if len(m.rows) > 0 && (key.Matches(msg, ui.Keys.Choose) || msg.String() == " ") {
			return m.fold()
		}
		return nil
	}
	switch f.Kind {
	case Toggle:
		return m.toggleKey(f, msg)
	case Choice, Choices:
		if key.Matches(msg, ui.Keys.Choose, ui.Keys.Filter) || msg.String() == " " {
			return m.openList(f, nil)
		}
		return nil
	case Lines:
		switch {
		case msg.Paste:
			// A key or a certificate is pasted before anybody looks for an editor.
			return m.openArea(f).paste(msg)
		case key.Matches(msg, ui.Keys.Choose), msg.String() == " ":
			m.openArea(f)
		}
		return nil
	}
	return m.lineKey(f, msg)
}

// lineKey edits text in place. Where there are proposals, typing shows them.
func (m *Model) lineKey(f *Field, msg tea.KeyMsg) tea.Cmd {
	if key.Matches(msg, ui.Keys.Choose) {
		m.Commit()
		m.touched[f.ID] = true
		if f = m.focused(); f != nil {
			if _, _, wrong := m.trouble(f); wrong {
				return nil
			}
		}
		return m.advance()
	}
	if m.line == nil {
		return nil
	}
	if proposed(f) {
		if key.Matches(msg, proposals) {
			return m.openList(f, nil)
		}
		if msg.Type == tea.KeyRunes && !msg.Alt {
			return m.openList(f, &msg)
		}
	}
	m.line.update(msg)
	return nil
}

// proposed says whether a text field has proposals.
func proposed(f *Field) bool {
	return f.Kind == File || f.Kind == Text && f.Options != nil
}

func (m *Model) toggleKey(f *Field, msg tea.KeyMsg) tea.Cmd {
	on := f.Answer() == "true"
	switch {
	case key.Matches(msg, ui.Keys.Choose):
		return m.advance()
	case msg.String() == "y":
		on = true
	case msg.String() == "n":
		on = false
	case key.Matches(msg, ui.Keys.Toggle, ui.Keys.Left, ui.Keys.Right):
		on = !on
	default:
		return nil
	}
	m.set(f.ID, map[bool]string{true: "true", false: "false"}[on])
	return nil
}

// failed is why the focused field's options could not be loaded.
func (m *Model) failed() error {
	f := m.focused()
	if f == nil {
		return nil
	}
	c := m.options(f)
	if l, ok := m.open.(*list); ok {
		c = l.options
	}
	if c == nil {
		return nil
	}
	return c.err
}

// retry asks for the options once more.
func (m *Model) retry() tea.Cmd {
	if l, ok := m.open.(*list); ok {
		return l.load(true)
	}
	return m.loadFocused(true)
}

// Keys are the keys that do something right now.
func (m *Model) Keys() []key.Binding {
	pages := []key.Binding{ui.Keys.NextPage, ui.Keys.PreviousPage}
	if m.pane.full() {
		return append([]key.Binding{ui.Say(ui.Keys.YAML, "form"), ui.Keys.Down, ui.Keys.Up, ui.Keys.PageDown}, pages...)
	}
	if m.open != nil {
		return append(m.open.keys(), pages...)
	}
	keys := append(m.rowKeys(), ui.Keys.NextField, ui.Keys.NextPage)
	for _, a := range m.actions() {
		keys = append(keys, key.NewBinding(key.WithKeys(a.Key), key.WithHelp(a.Key, a.Label)))
	}
	keys = append(keys, ui.Keys.PreviousField, ui.Keys.PreviousPage)
	if m.advanced() > 0 {
		keys = append(keys, ui.Keys.Advanced)
	}
	return append(keys, ui.Keys.YAML)
}

// rowKeys are what the row with the focus takes.
func (m *Model) rowKeys() []key.Binding {
	f := m.focused()
	if f == nil {
		return []key.Binding{ui.Say(ui.Keys.Choose, "show or hide")}
	}
	var keys []key.Binding
	if m.failed() != nil {
		keys = append(keys, ui.Keys.Retry)
	}
	switch {
	case f.Kind == Toggle:
		keys = append(keys, ui.Say(ui.Keys.Toggle, "yes or no"))
	case f.Kind == Choice, f.Kind == Choices:
		keys = append(keys, ui.Keys.Choose)
	case f.Kind == Lines:
		keys = append(keys, ui.Say(ui.Keys.Choose, "edit"))
	case proposed(f):
		keys = append(keys, proposals)
	}
	return keys
}
