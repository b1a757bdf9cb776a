package app

import (
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

type still struct{}

func (still) Init() tea.Cmd                         { return nil }
func (s still) Update(tea.Msg) (ui.Screen, tea.Cmd) { return s, nil }
func (still) View(int, int) string                  { return "" }
func (still) Title() string                         { return "Still" }
func (still) Keys() []key.Binding                   { return nil }

func TestToastPasses(t *testing.T) {
	a := New(ui.NewEnv(ui.Options{Getenv: func(string) string { return "" }}), still{})
	a.say("one")
	a.say("two")
	for _, step := range []struct {
		over passed
		want string
	}{{1, "two"}, {2, ""}} {
		a.Update(step.over)
		if a.toast != step.want {
			t.Errorf("after the time of toast %d it shows %q, want %q", step.over, a.toast, step.want)
		}
	}
}
