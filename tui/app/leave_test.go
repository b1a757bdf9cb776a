package app_test

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

func TestToastIsShown(t *testing.T) {
	first := &page{name: "First", do: map[string]tea.Cmd{"t": ui.Send(ui.Toast{Text: "Saved to cluster.yaml."})}}
	d := tuitest.Open(t, tuitest.Env(), first, 80, 24)
	d.Press("t")
	d.Wait("Saved to cluster.yaml.")
	d.Golden("toast-80")
}

func TestLeaving(t *testing.T) {
	asks := func(interrupt bool) *ui.Dialog {
		if interrupt {
			return stay("Stop and leave", ui.Send(ui.Quit{}))
		}
		return stay("Leave the page", ui.Send(ui.Back{}))
	}
	for _, c := range []struct {
		name   string
		press  []string
		screen string // "" where the program ends
	}{
		{"esc asks", []string{"esc"}, "Leave the page"},
		{"esc again stays", []string{"esc", "esc"}, "Second has"},
		{"enter takes the first answer", []string{"esc", "enter"}, "First has"},
		{"a letter takes its answer", []string{"esc", "l"}, "First has"},
		{"other letters take none", []string{"esc", "z"}, "Leave the page"},
		{"down and enter take the second", []string{"esc", "down", "enter"}, "Second has"},
		{"ctrl+c asks otherwise", []string{"ctrl+c"}, "Stop and leave"},
		{"ctrl+c again stays", []string{"ctrl+c", "ctrl+c"}, "Second has"},
		{"ctrl+c from the help", []string{"?", "ctrl+c"}, "Stop and leave"},
		{"ctrl+c and yes", []string{"ctrl+c", "l"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, _ := opened(t, &page{name: "Second", leave: asks})
			d.Press(c.press...)
			if c.screen == "" {
				d.WaitFinished()
				return
			}
			d.Wait(c.screen)
		})
	}
}

func TestCtrlCAsksTheScreensBelowToo(t *testing.T) {
	third := &page{name: "Third"}
	second := &page{
		name:  "Second",
		do:    map[string]tea.Cmd{"o": ui.Send(ui.Open{Screen: third})},
		leave: func(bool) *ui.Dialog { return stay("Stop", ui.Send(ui.Quit{})) },
	}
	d, _ := opened(t, second)
	d.Press("o")
	d.Wait("Third has")
	d.Press("ctrl+c")
	d.Wait("Leave?", "Stop")
	d.Press("esc", "esc")
	d.Wait("Second has")
}

func TestTypedWord(t *testing.T) {
	done := false
	first := &page{name: "First", do: map[string]tea.Cmd{"d": ui.Send(ui.Ask{Dialog: &ui.Dialog{
		Title: "Replace demo?", Text: "The state of demo is kept aside, and its machines are made anew.",
		Word: "demo",
		Answers: []ui.Answer{
			{Key: "r", Label: "Replace", Do: func() tea.Msg { done = true; return nil }},
			{Label: "Cancel"},
		},
	}})}}
	d := tuitest.Open(t, tuitest.Env(), first, 80, 24)
	d.Press("d")
	d.Wait("Type demo")
	d.Press("enter")
	d.Wait("this is not demo")
	d.Type("demx")
	d.Press("enter")
	d.Wait("this is not demo")
	d.Golden("word-80")
	d.Press("backspace")
	d.Type("o")
	d.Press("enter")
	d.WaitGone("Replace demo?")
	if !done {
		t.Error("the answer was not sent")
	}
}

func TestSmallTerminal(t *testing.T) {
	first := &page{name: "First"}
	d := tuitest.Open(t, tuitest.Env(), first, 80, 24)
	d.Resize(79, 24)
	d.Golden("small-79")
	d.Press("x") // what cannot be seen is not done
	d.Resize(80, 23)
	d.Wait("80 columns and 23 lines")
	d.Resize(20, 5)
	d.Resize(1, 1)
	d.Resize(120, 40)
	d.Wait("First has 120 by 36")
	if len(first.got) != 1 {
		t.Errorf("the screen got %v", first.got)
	}
	first.leave = func(bool) *ui.Dialog { return stay("Stop", ui.Send(ui.Quit{})) }
	d.Resize(60, 20)
	d.Press("ctrl+c")
	d.Wait("Leave?", "Stop")
	d.Press("l")
	d.WaitFinished()
}

func TestClosedOnce(t *testing.T) {
	second := &page{name: "Second", do: map[string]tea.Cmd{"q": ui.Send(ui.Quit{})}}
	var first *page
	t.Run("", func(t *testing.T) {
		var d *tuitest.Driver
		d, first = opened(t, second)
		d.Press("q")
		d.WaitFinished()
		if second.closed != 0 {
			t.Error("closed while the terminal still is the program's")
		}
	})
	if first.closed != 1 || second.closed != 1 {
		t.Errorf("closed %d and %d times", first.closed, second.closed)
	}
}
