// Package app is the program of the terminal interface: it draws header and
// footer around the screens, lets them follow each other, shows dialogs,
// errors and help over them, and never leaves one that has to be asked.
package app

import (
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

// Product is the name at the left of the header.
const Product = "Groundwork"

// App is the program's model.
type App struct {
	env           *ui.Env
	width, height int

	screens []*shown // the last is on top
	next    int      // identity of the screen that is opened next

	dialogs  []question // the first is asked
	failures []error    // the first is shown
	scrolled int        // lines of the failure that are above its box
	help     bool
	toast    string
	toasts   int // identity of the toast that is shown
	quitting bool
}

// shown is a screen and its identity, by which its commands find it again.
type shown struct {
	id     int
	screen ui.Screen
	closed bool
}

// question is a dialog and who asked.
type question struct {
	asking *ui.Asking
	id     int
}

// New is a program that begins with first. Close it when the program has ended.
func New(env *ui.Env, first ui.Screen) *App {
	a := &App{env: env}
	a.push(first)
	return a
}

// Init implements tea.Model.
func (a *App) Init() tea.Cmd {
	top := a.top()
	return tag(top.id, top.screen.Init())
}

// Update implements tea.Model.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if a.quitting {
		return a, nil
	}
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		a.width, a.height = m.Width, m.Height
	case tea.KeyMsg:
		return a, a.runes(m)
	case passed:
		if int(m) == a.toasts {
			a.toast = ""
		}
	case answer:
		return a, a.answered(m.id, m.msg)
	case tea.BatchMsg, tea.MouseMsg, tea.FocusMsg, tea.BlurMsg, tea.ResumeMsg, tea.SuspendMsg:
	default:
		return a, a.answered(a.top().id, msg)
	}
	return a, nil
}

// answered hands what a command of the screen id came to, to the program or to
// that screen. What else a screen asked for that was left, is nobody's.
func (a *App) answered(id int, msg tea.Msg) tea.Cmd {
	// What passed or failed is worth to be known also after its screen.
	switch m := msg.(type) {
	case ui.Toast:
		return a.say(m.Text)
	case ui.Failed:
		if m.Err != nil {
			a.failures = append(a.failures, m.Err)
		}
		return nil
	}
	at := a.find(id)
	if at < 0 {
		return nil
	}
	switch m := msg.(type) {
	case ui.Open:
		return a.open(m.Screen)
	case ui.Replace:
		return a.replace(at, m.Screen)
	case ui.Back:
		return a.back(at)
	case ui.Leave:
		if at != len(a.screens)-1 {
			return nil
		}
		return a.leave(false)
	case ui.Quit:
		return a.quit()
	case ui.Ask:
		a.ask(id, m.Dialog)
		return nil
	}
	return a.update(at, msg)
}

func (a *App) update(at int, msg tea.Msg) tea.Cmd {
	s := a.screens[at]
	var cmd tea.Cmd
	s.screen, cmd = s.screen.Update(msg)
	return tag(s.id, cmd)
}

func (a *App) ask(id int, d *ui.Dialog) {
	if d != nil {
		a.dialogs = append(a.dialogs, question{ui.NewAsking(d), id})
	}
}

// quit ends the program. The screens are closed when the terminal has been
// given back.
func (a *App) quit() tea.Cmd {
	a.quitting = true
	return tea.Quit
}

// Close closes all screens that are still open, the top one first.
func (a *App) Close() {
	a.quitting = true
	for i := len(a.screens) - 1; i >= 0; i-- {
		a.screens[i].close()
	}
}
