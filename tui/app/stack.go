package app

import (
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

func (a *App) top() *shown { return a.screens[len(a.screens)-1] }

func (a *App) find(id int) int {
	for i, s := range a.screens {
		if s.id == id {
			return i
		}
	}
	return -1
}

func (a *App) push(screen ui.Screen) *shown {
	a.next++
	s := &shown{id: a.next, screen: screen}
	a.screens = append(a.screens, s)
	return s
}

func (a *App) open(screen ui.Screen) tea.Cmd {
	if screen == nil {
		return nil
	}
	s := a.push(screen)
	return tag(s.id, screen.Init())
}

// replace puts screen where the one at stands; those above it go with it.
func (a *App) replace(at int, screen ui.Screen) tea.Cmd {
	if screen == nil {
		return nil
	}
	a.cut(at)
	return a.open(screen)
}

// back leaves the screen at, with those above it. Back from the first ends the
// program.
func (a *App) back(at int) tea.Cmd {
	if at == 0 {
		return a.quit()
	}
	a.cut(at)
	return a.update(at-1, ui.Resumed{})
}

// cut closes the screens from at on. What they asked is not asked any more.
func (a *App) cut(at int) {
	for i := len(a.screens) - 1; i >= at; i-- {
		s := a.screens[i]
		s.close()
		kept := a.dialogs[:0]
		for _, q := range a.dialogs {
			if q.id != s.id {
				kept = append(kept, q)
			}
		}
		a.dialogs = kept
	}
	a.screens = a.screens[:at]
	a.help = false
}

func (s *shown) close() {
	if s.closed {
		return
	}
	s.closed = true
	if c, ok := s.screen.(ui.Closer); ok {
		c.Close()
	}
}

// leave asks before the top screen is left, or where it is the whole program
// that is left, every screen from the top down: a log pane above a running
// create does not make ctrl+c harmless.
func (a *App) leave(interrupt bool) tea.Cmd {
	for i := len(a.screens) - 1; i >= 0; i-- {
		s := a.screens[i]
		if l, ok := s.screen.(ui.Leaver); ok {
			if d := l.Leave(interrupt); d != nil {
				a.help = false
				a.ask(s.id, d)
				return nil
			}
		}
		if !interrupt && len(a.screens) > 1 {
			return a.back(i)
		}
	}
	return a.quit()
}
