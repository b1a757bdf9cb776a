package app

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

// runes takes letters that were read at once, as on a slow line, one by one,
// unless they are text.
func (a *App) runes(msg tea.KeyMsg) tea.Cmd {
	if msg.Type != tea.KeyRunes || msg.Paste || len(msg.Runes) < 2 || a.typing() {
		return a.key(msg)
	}
	commands := make([]tea.Cmd, len(msg.Runes))
	for i, r := range msg.Runes {
		commands[i] = a.key(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt})
	}
	return tea.Sequence(commands...)
}

// key takes a key to whatever is on top: what is over the screen, the program,
// the screen.
func (a *App) key(msg tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(msg, ui.Keys.Suspend):
		return tea.Suspend
	case a.tooSmall():
		// Nothing is done that cannot be seen, but it can be left.
		switch {
		case len(a.dialogs) > 0:
			return a.dialogKey(msg)
		case key.Matches(msg, ui.Keys.Leave):
			return a.leave(true)
		}
		return nil
	case len(a.failures) > 0:
		a.failureKey(msg)
		return nil
	case len(a.dialogs) > 0:
		return a.dialogKey(msg)
	case a.help:
		if key.Matches(msg, ui.Keys.Leave) {
			a.help = false
			return a.leave(true)
		}
		if key.Matches(msg, ui.Keys.Back, ui.Keys.Help, ui.Keys.Choose) || msg.String() == "q" {
			a.help = false
		}
		return nil
	case key.Matches(msg, ui.Keys.Leave):
		return a.leave(true)
	}
	top := len(a.screens) - 1
	typing := a.typing()
	switch {
	case key.Matches(msg, ui.Keys.HelpTyping), !typing && key.Matches(msg, ui.Keys.Help):
		a.help = true
		return nil
	case !typing && !a.escapes() && key.Matches(msg, ui.Keys.Back):
		return a.leave(false)
	}
	return a.update(top, msg)
}

func (a *App) dialogKey(msg tea.KeyMsg) tea.Cmd {
	q := a.dialogs[0]
	chosen := q.asking.Update(msg)
	if chosen == nil {
		return nil
	}
	a.dialogs = a.dialogs[1:]
	return tag(q.id, chosen.Do)
}

func (a *App) failureKey(msg tea.KeyMsg) {
	switch {
	case key.Matches(msg, ui.Keys.Back, ui.Keys.Choose, ui.Keys.Leave):
		a.failures, a.scrolled = a.failures[1:], 0
	case key.Matches(msg, ui.Keys.Up):
		a.scrolled = max(a.scrolled-1, 0)
	case key.Matches(msg, ui.Keys.Down):
		a.scrolled++ // drawing bounds it
	case key.Matches(msg, ui.Keys.PageUp):
		a.scrolled = max(a.scrolled-10, 0)
	case key.Matches(msg, ui.Keys.PageDown):
		a.scrolled += 10
	}
}

func (a *App) typing() bool {
	t, ok := a.top().screen.(ui.Typing)
	return ok && t.Typing()
}

func (a *App) escapes() bool {
	e, ok := a.top().screen.(ui.Escaper)
	return ok && e.Escapes()
}

// keys are those of the screen, and those of the program.
func (a *App) keys() (screen, program []key.Binding) {
	switch {
	case len(a.failures) > 0:
		return []key.Binding{ui.Say(ui.Keys.Choose, "understood"), ui.Say(ui.Keys.Move, "scroll")}, nil
	case len(a.dialogs) > 0:
		return a.dialogs[0].asking.Keys(), nil
	case a.help:
		return []key.Binding{ui.Say(ui.Keys.Back, "close the help")}, nil
	}
	screen = a.top().screen.Keys()
	back := ui.Say(ui.Keys.Back, "back")
	if len(a.screens) == 1 {
		back = ui.Say(ui.Keys.Back, "leave")
	}
	help := ui.Keys.Help
	if a.typing() {
		help = ui.Keys.HelpTyping
	}
	// A screen that says itself what esc does now, knows better.
	for _, binding := range screen {
		for _, k := range binding.Keys() {
			if k == "esc" && binding.Enabled() {
				return screen, []key.Binding{help}
			}
		}
	}
	return screen, []key.Binding{back, help}
}
