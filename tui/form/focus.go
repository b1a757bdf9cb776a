package form

import (
	tea "github.com/charmbracelet/bubbletea"
)

// FocusField gives a field the focus, and says whether the page has it.
// Advanced fields are unfolded for it.
func (m *Model) FocusField(id string) bool {
	f := m.field(id)
	if f == nil {
		return false
	}
	m.Commit()
	m.close()
	if f.Advanced && !m.unfolded {
		m.unfolded = true
		m.layRows()
	}
	for i, r := range m.rows {
		if r.field >= 0 && m.fields[r.field].ID == id {
			m.focus = i
			m.enter()
			return true
		}
	}
	return false
}

// move leaves the focused field for another one.
func (m *Model) move(by int) tea.Cmd {
	m.leave()
	m.focus = min(max(m.focus+by, 0), max(len(m.rows)-1, 0))
	m.enter()
	return m.loadFocused(false)
}

// advance goes to the next field, from the last one to the next page.
func (m *Model) advance() tea.Cmd {
	m.leave()
	if m.focus >= len(m.rows)-1 {
		return m.next()
	}
	return m.move(1)
}

// retreat goes to the field before, from the first one to the previous page.
func (m *Model) retreat() tea.Cmd {
	if m.focus == 0 {
		return m.previous()
	}
	return m.move(-1)
}

// leave takes the answer of the focused field: convention has it checked when
// it is left.
func (m *Model) leave() {
	m.Commit()
	m.close()
	if f := m.focused(); f != nil {
		m.touched[f.ID] = true
	}
}

// close forgets what is open, and what was typed there.
func (m *Model) close() {
	m.open, m.line = nil, nil
}

// enter prepares the focused field for being edited in place.
func (m *Model) enter() {
	m.close()
	f := m.focused()
	if f == nil {
		return
	}
	switch f.Kind {
	case Text, Number, Secret, File:
		m.line = newLine(&m.env.Theme, m.answerOf(f), hint(f), f.Kind == Secret)
	}
}

// fold shows or hides the advanced fields.
func (m *Model) fold() tea.Cmd {
	if m.advanced() == 0 {
		return nil
	}
	m.leave()
	m.unfolded = !m.unfolded
	m.layRows()
	for i, r := range m.rows {
		if r.field < 0 {
			m.focus = i
		}
	}
	m.enter()
	return nil
}

// Typing says whether letters are text: "?" and "j" are then no keys.
func (m *Model) Typing() bool {
	return !m.pane.full() && (m.line != nil || m.open != nil)
}

// Escapes says whether esc closes something on the page first.
func (m *Model) Escapes() bool { return m.open != nil || m.pane.full() }
