package form

import (
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/failure"
)

// Commit takes what is being typed, without leaving the field. It has to be
// called before the configuration is saved or read while the page is shown.
func (m *Model) Commit() {
	f := m.focused()
	if f == nil {
		return
	}
	if m.open != nil {
		if text, changed := m.open.answer(); changed {
			m.set(f.ID, text)
		}
		return
	}
	if m.line != nil {
		m.settle(f.ID, m.line.text())
	}
}

// settle sets an answer that was typed, where it says something new.
func (m *Model) settle(id, text string) {
	f := m.field(id)
	if f == nil {
		return
	}
	m.touched[id] = true
	before, wasRefused := m.refused[id]
	if wasRefused && before.text == text {
		return
	}
	if wasRefused || text != f.Answer() {
		m.set(id, text)
	} else if err := f.Missing(); err != nil {
		m.refused[id] = refusal{text, err}
	}
}

// set gives a field an answer. One that is refused is kept to be corrected.
func (m *Model) set(id, text string) {
	f := m.field(id)
	if f == nil {
		return
	}
	m.touched[id] = true
	if err := f.Take(text); err != nil {
		m.refused[id] = refusal{text, err}
		return
	}
	delete(m.refused, id)
	m.refresh()
}

// field finds one by its ID.
func (m *Model) field(id string) *Field {
	for i := range m.fields {
		if m.fields[i].ID == id {
			return &m.fields[i]
		}
	}
	return nil
}

// answerOf is what a field shows: what was typed, also where it was refused.
func (m *Model) answerOf(f *Field) string {
	if r, ok := m.refused[f.ID]; ok {
		return r.text
	}
	return f.Answer()
}

// trouble is what is wrong with a field, with what to do about it. Fields that
// nobody has been to yet are left in peace until the next page is asked for.
func (m *Model) trouble(f *Field) (message, remedy string, ok bool) {
	if r, refused := m.refused[f.ID]; refused {
		return r.err.Error(), failure.Remedy(r.err), true
	}
	if !m.touched[f.ID] && !m.tried {
		return "", "", false
	}
	if p, wrong := m.problems[f.ID]; wrong {
		return p.Message, p.Remedy, true
	}
	return "", "", false
}

// Check takes all answers and says whether the page can be left. Where it
// cannot, the first field with a problem gets the focus.
func (m *Model) Check() bool {
	m.Commit()
	m.close()
	for i := range m.fields {
		f := &m.fields[i]
		if _, refused := m.refused[f.ID]; refused {
			continue
		}
		if err := f.Missing(); err != nil {
			m.refused[f.ID] = refusal{"", err}
		}
	}
	m.tried = true
	m.refresh()
	for _, advanced := range []bool{false, true} {
		for i := range m.fields {
			f := &m.fields[i]
			if f.Advanced != advanced {
				continue
			}
			if _, _, wrong := m.trouble(f); wrong {
				m.FocusField(f.ID)
				return false
			}
		}
	}
	m.tried = false
	return true
}

// HasProblems says whether a field of the page has a problem, seen or not.
func (m *Model) HasProblems() bool {
	for i := range m.fields {
		if _, refused := m.refused[m.fields[i].ID]; refused {
			return true
		}
	}
	return len(m.problems) > 0
}

// next leaves the page where nothing is wrong with it.
func (m *Model) next() tea.Cmd {
	if !m.Check() {
		return m.loadFocused(false)
	}
	m.Close()
	return func() tea.Msg { return Next{} }
}

// previous leaves the page as it is.
func (m *Model) previous() tea.Cmd {
	m.Commit()
	m.close()
	m.Close()
	return func() tea.Msg { return Previous{} }
}
