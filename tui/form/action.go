package form

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/failure"
)

// action is the one that runs, or ran last.
type action struct {
	run     int
	label   string
	running bool
	cancel  context.CancelFunc
	// err or note is how it ended.
	err  error
	note *Note
}

// actionDone is sent when an action has ended.
type actionDone struct {
	model int64
	run   int
	then  func() Note
	err   error
}

// actions are what can be done on the page now.
func (m *Model) actions() []Action {
	if m.page.Actions == nil {
		return nil
	}
	return m.page.Actions()
}

// act starts an action; one that still runs is ended.
func (m *Model) act(a Action) tea.Cmd {
	m.leave()
	m.enter()
	if m.action.cancel != nil {
		m.action.cancel()
	}
	ctx, cancel := context.WithCancel(m.context())
	m.action = action{run: m.action.run + 1, label: a.Label, running: true, cancel: cancel}
	id, run := m.id, m.action.run
	return tea.Batch(func() tea.Msg {
		then, err := a.Run(ctx)
		return actionDone{id, run, then, err}
	}, m.spin())
}

// acted ends an action on the interface's goroutine.
func (m *Model) acted(msg actionDone) tea.Cmd {
	if msg.run != m.action.run || !m.action.running {
		return nil
	}
	m.action.running = false
	m.action.cancel()
	m.action.err = msg.err
	before := ""
	if f := m.focused(); f != nil {
		before = f.Answer()
	}
	if msg.then != nil {
		if note := msg.then(); note.Text != "" {
			m.action.note = &note
		}
	}
	m.refresh()
	if f := m.focused(); f != nil && m.open == nil && f.Answer() != before {
		m.enter() // the action answered the field that is being edited
	}
	return m.loadFocused(false)
}

// notes are the page's, and how the last action ended.
func (m *Model) notes() []Note {
	var notes []Note
	switch {
	case m.action.err != nil:
		text := m.action.err.Error()
		if remedy := failure.Remedy(m.action.err); remedy != "" {
			text += "; " + remedy
		}
		notes = append(notes, Note{Error, text})
	case m.action.note != nil:
		notes = append(notes, *m.action.note)
	}
	if m.page.Notes != nil {
		notes = append(notes, m.page.Notes()...)
	}
	return notes
}
