package tuitest

import (
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

// Now is the time that Env's clock always shows.
var Now = time.Date(2026, time.March, 2, 10, 30, 0, 0, time.UTC)

// Env draws without colours, with Unicode glyphs, a spinner that stands still
// and a clock that shows Now.
func Env() *ui.Env { return environment("xterm", "C.UTF-8") }

// ASCIIEnv is Env on a terminal that knows ASCII alone.
func ASCIIEnv() *ui.Env { return environment("vt100", "C") }

func environment(term, locale string) *ui.Env {
	values := map[string]string{"TERM": term, "LC_ALL": locale, "NO_COLOR": "1"}
	env := ui.NewEnv(ui.Options{
		Getenv: func(name string) string { return values[name] },
		Now:    func() time.Time { return Now },
	})
	env.Theme.Glyphs.Spinner = env.Theme.Glyphs.Spinner[:1]
	return env
}

// Body starts a screen alone, without the program around it: on a terminal of
// width by height cells it draws into the four lines less that a screen has.
// What it sends to the program is read with Sent.
func Body(t testing.TB, screen ui.Screen, width, height int) *Driver {
	t.Helper()
	return New(t, &body{screen: screen}, width, height-4)
}

type body struct {
	screen        ui.Screen
	width, height int
}

func (b *body) Init() tea.Cmd { return b.screen.Init() }

func (b *body) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		b.width, b.height = m.Width, m.Height
		return b, nil
	case ui.Open, ui.Replace, ui.Back, ui.Leave, ui.Quit, ui.Toast, ui.Failed, ui.Ask:
		return b, nil
	}
	var cmd tea.Cmd
	b.screen, cmd = b.screen.Update(msg)
	return b, cmd
}

func (b *body) View() string {
	if b.width == 0 {
		return ""
	}
	return b.screen.View(b.width, b.height)
}
