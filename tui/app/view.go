package app

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"

	"groundwork.dev/bootstrap/tui/ui"
)

// around are the lines that are not the screen's: header and rule above,
// message and footer below.
const around = 4

func (a *App) tooSmall() bool { return a.width < ui.MinWidth || a.height < ui.MinHeight }

// View implements tea.Model.
func (a *App) View() string {
	if a.quitting || a.width == 0 {
		return ""
	}
	view := ""
	if a.tooSmall() {
		view = a.small()
	} else {
		view = a.whole()
	}
	if a.env.Theme.Glyphs.ASCII {
		view = ui.ASCII(view)
	}
	if a.env.Theme.Monochrome {
		view = ui.Uncoloured(view)
	}
	return view
}

// small says what is missing, or asks what has to be asked before leaving.
func (a *App) small() string {
	if len(a.dialogs) > 0 {
		box := a.dialogs[0].asking.View(&a.env.Theme, a.width, a.height)
		return a.env.Theme.Fill(strings.Split(box, "\n"), a.width, a.height)
	}
	text := fmt.Sprintf("This terminal has %d columns and %d lines. At least %d and %d are needed: enlarge it, or use a smaller font. ctrl+c leaves.",
		a.width, a.height, ui.MinWidth, ui.MinHeight)
	return a.env.Theme.Fill(ui.Wrap(text, a.width), a.width, a.height)
}

func (a *App) whole() string {
	t := &a.env.Theme
	body := a.height - around
	crumbs := make([]string, len(a.screens))
	for i, s := range a.screens {
		crumbs[i] = s.screen.Title()
	}
	screenKeys, programKeys := a.keys()
	view := t.Fill(strings.Split(a.top().screen.View(a.width, body), "\n"), a.width, body)
	message := ""
	switch {
	case len(a.failures) > 0:
		view = t.Over(view, a.failure(body), a.width, body)
	case len(a.dialogs) > 0:
		view = t.Over(view, a.dialogs[0].asking.View(t, a.width, body), a.width, body)
	case a.help:
		view = t.Over(view, a.helpBox(body), a.width, body)
	}
	if a.toast != "" {
		message = t.Cut(t.Accent.Render(t.Glyphs.Bullet)+" "+ui.Clean(a.toast), a.width)
	}
	return strings.Join([]string{
		t.HeaderLine(a.width, Product, crumbs),
		t.Rule(a.width),
		view,
		message,
		t.FooterLine(a.width, screenKeys, programKeys),
	}, "\n")
}

// failure is the box of the first failure, as much of it as there is room.
func (a *App) failure(height int) string {
	t := &a.env.Theme
	const widest, margin = 96, 4
	outer := min(widest, a.width-margin)
	inner := outer - t.Box.GetHorizontalFrameSize()
	lines := t.Failure(a.failures[0], inner)
	room := height - t.Box.GetVerticalFrameSize() - 2
	foot := "enter closes this"
	if more := len(a.failures) - 1; more > 0 {
		foot = fmt.Sprintf("enter goes on to the next of %d more", more)
	}
	if len(lines) > room {
		a.scrolled = min(a.scrolled, len(lines)-room)
		foot = fmt.Sprintf("lines %d-%d of %d, up and down scroll; %s", a.scrolled+1, a.scrolled+room, len(lines), foot)
		lines = lines[a.scrolled : a.scrolled+room]
	} else {
		a.scrolled = 0
	}
	lines = append(lines, "", t.Faint.Render(foot))
	return t.Framed(lines, outer)
}

func (a *App) helpBox(height int) string {
	help := a.help
	a.help = false
	screen, program := a.keys()
	a.help = help
	all := append(append([]key.Binding{}, screen...), program...)
	all = append(all, ui.Keys.Leave, ui.Keys.Suspend)
	return a.env.Theme.Help("Keys on this screen: "+a.top().screen.Title(), all, a.width, height)
}
