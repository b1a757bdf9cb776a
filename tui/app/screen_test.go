package app_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// page is a screen whose keys send what do says.
type page struct {
	name   string
	do     map[string]tea.Cmd
	typing bool
	escape bool
	leave  func(interrupt bool) *ui.Dialog
	got    []string
	closed int
}

type told string

func (p *page) Init() tea.Cmd { return ui.Send(told("begun")) }

func (p *page) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	switch m := msg.(type) {
	case told:
		p.got = append(p.got, string(m))
	case ui.Resumed:
		p.got = append(p.got, "resumed")
	case tea.KeyMsg:
		p.got = append(p.got, m.String())
		return p, p.do[m.String()]
	}
	return p, nil
}

func (p *page) View(width, height int) string {
	lines := []string{fmt.Sprintf("%s has %d by %d cells and got", p.name, width, height), strings.Join(p.got, " ")}
	for len(lines) < height {
		lines = append(lines, strings.Repeat(".", width))
	}
	return strings.Join(lines, "\n")
}

func (p *page) Title() string { return p.name }

func (p *page) Keys() []key.Binding {
	return []key.Binding{ui.Keys.Choose, ui.Keys.Filter, ui.Keys.Save}
}

func (p *page) Typing() bool  { return p.typing }
func (p *page) Escapes() bool { return p.escape }
func (p *page) Close()        { p.closed++ }

func (p *page) Leave(interrupt bool) *ui.Dialog {
	if p.leave == nil {
		return nil
	}
	return p.leave(interrupt)
}

func stay(label string, does tea.Cmd) *ui.Dialog {
	return &ui.Dialog{Title: "Leave?", Text: "What was answered is not saved.", Answers: []ui.Answer{
		{Key: "l", Label: label, Do: does}, {Label: "Stay"},
	}}
}

// opened is a program with a second page over its first.
func opened(t *testing.T, second *page) (*tuitest.Driver, *page) {
	t.Helper()
	first := &page{name: "First", do: map[string]tea.Cmd{"o": ui.Send(ui.Open{Screen: second})}}
	d := tuitest.Open(t, tuitest.Env(), first, 80, 24)
	d.Press("o")
	d.Wait("First › " + second.name)
	return d, first
}

func TestFrame(t *testing.T) {
	for _, size := range []struct{ width, height int }{{80, 24}, {120, 40}} {
		d := tuitest.Open(t, tuitest.Env(), &page{name: "Start"}, size.width, size.height)
		d.Wait(fmt.Sprintf("Start has %d by %d cells", size.width, size.height-4))
		d.Golden(fmt.Sprintf("frame-%d", size.width))
		d.Press("?")
		d.Wait("Keys on this screen")
		d.Golden(fmt.Sprintf("help-%d", size.width))
		d.Press("esc")
		d.WaitGone("Keys on this screen")
	}
}

func TestASCII(t *testing.T) {
	d := tuitest.Open(t, tuitest.ASCIIEnv(), &page{name: "Größe → 5 µm"}, 80, 24)
	d.Press("?")
	d.Wait("Keys on this screen")
	for i, r := range d.Screen() {
		if r > 126 {
			t.Fatalf("%q at byte %d of\n%s", r, i, d.Screen())
		}
	}
	d.Golden("ascii-80")
}

func TestScreensFollowEachOther(t *testing.T) {
	second := &page{name: "Second", do: map[string]tea.Cmd{
		"r": ui.Send(ui.Replace{Screen: &page{name: "Third"}}),
		"b": ui.Send(ui.Back{}),
	}}
	t.Run("esc goes back and the one below knows", func(t *testing.T) {
		d, first := opened(t, second)
		d.Press("esc")
		d.Wait("First has", "resumed")
		if second.closed != 1 || first.closed != 0 {
			t.Errorf("closed %d and %d times", second.closed, first.closed)
		}
	})
	t.Run("replaced", func(t *testing.T) {
		d, _ := opened(t, second)
		d.Press("r")
		d.Wait("First › Third")
		d.Press("esc")
		d.Wait("First has")
	})
	t.Run("back is not asked", func(t *testing.T) {
		second.leave = func(bool) *ui.Dialog { return stay("Leave", nil) }
		d, _ := opened(t, second)
		d.Press("b")
		d.Wait("First has")
	})
	t.Run("esc on the first ends the program", func(t *testing.T) {
		d := tuitest.Open(t, tuitest.Env(), &page{name: "First"}, 80, 24)
		d.Press("esc")
		d.WaitFinished()
	})
}

func TestWhoGetsAKey(t *testing.T) {
	for _, c := range []struct {
		name   string
		page   page
		key    string
		reach  bool   // the screen gets it
		screen string // what is on the screen after it
	}{
		{"letters are the screen's", page{}, "x", true, "Second has"},
		{"? is help", page{}, "?", false, "Keys on this screen"},
		{"? is text while typing", page{typing: true}, "?", true, "Second has"},
		{"F1 is help while typing", page{typing: true}, "f1", false, "Keys on this screen"},
		{"esc leaves", page{}, "esc", false, "First has"},
		{"esc is the screen's while it has something to close", page{escape: true}, "esc", true, "Second has"},
		{"esc is the screen's while typing", page{typing: true}, "esc", true, "Second has"},
	} {
		t.Run(c.name, func(t *testing.T) {
			second := c.page
			second.name = "Second"
			d, _ := opened(t, &second)
			d.Press(c.key)
			d.Wait(c.screen)
			if got := second.got[len(second.got)-1] == c.key; got != c.reach {
				t.Errorf("the screen got %v", second.got)
			}
		})
	}
}

// What is pasted is never taken for keys, whoever gets it.
func TestPasteIsNoKeys(t *testing.T) {
	second := &page{name: "Second", do: map[string]tea.Cmd{"b": ui.Send(ui.Back{})}}
	d, _ := opened(t, second)
	d.Paste("b?")
	if got := second.got[len(second.got)-1]; got != "[b?]" || second.closed > 0 {
		t.Errorf("the screen got %v, and was closed %d times", second.got, second.closed)
	}
	if strings.Contains(d.Screen(), "close the help") {
		t.Errorf("the help was opened:\n%s", d.Screen())
	}
}

// On a slow line the letters of a key that is held down come together.
func TestLettersThatAreReadAtOnce(t *testing.T) {
	second := &page{name: "Second"}
	d, _ := opened(t, second)
	letters := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("jjk")}
	d.Send(letters)
	if got := strings.Join(second.got, " "); !strings.HasSuffix(got, " j j k") {
		t.Errorf("the screen got %s", got)
	}
	second.typing = true
	d.Send(letters)
	if got := second.got[len(second.got)-1]; got != "jjk" {
		t.Errorf("while typing the screen got %s", got)
	}
}

func TestAnswersFindTheirScreen(t *testing.T) {
	release := make(chan struct{})
	late := func(text string) tea.Cmd {
		return func() tea.Msg { <-release; return told(text) }
	}
	second := &page{name: "Second"}
	first := &page{name: "First", do: map[string]tea.Cmd{
		"o": tea.Batch(late("late"), tea.Sequence(late("one"), tea.Batch(late("two"))), ui.Send(ui.Open{Screen: second})),
	}}
	d := tuitest.Open(t, tuitest.Env(), first, 80, 24)
	d.Press("o")
	d.Wait("Second has")
	close(release)
	d.WaitFor("the answers", func(string) bool { return len(first.got) == 5 })
	if len(second.got) != 1 {
		t.Errorf("the screen on top got %v", second.got)
	}
}

func TestAnswersOfScreensThatWereLeftAreNobodys(t *testing.T) {
	release := make(chan struct{})
	second := &page{name: "Second", do: map[string]tea.Cmd{
		"x": func() tea.Msg { <-release; return ui.Open{Screen: &page{name: "Third"}} },
		"y": func() tea.Msg { <-release; return ui.Failed{Err: errors.New("the save failed")} },
	}}
	d, _ := opened(t, second)
	d.Press("x", "y", "esc")
	d.Wait("First has")
	close(release)
	d.Wait("the save failed") // an error is worth to be known even then
	d.Press("enter")
	d.WaitGone("the save failed")
	if strings.Contains(d.Screen(), "Third") {
		t.Errorf("a screen was opened by one that had been left:\n%s", d.Screen())
	}
}

func TestFailureStaysUntilRead(t *testing.T) {
	err := &failure.Error{
		Summary: "cannot write the configuration", Object: "/srv/site/cluster.yaml",
		Err: errors.New("no space left on device"), Remedy: "make room on /srv, or save elsewhere with ctrl+s",
	}
	for _, size := range []struct{ width, height int }{{80, 24}, {120, 40}} {
		first := &page{name: "First", do: map[string]tea.Cmd{"f": ui.Send(ui.Failed{Err: err})}}
		d := tuitest.Open(t, tuitest.Env(), first, size.width, size.height)
		d.Press("f")
		d.Wait("cannot write")
		d.Press("x")
		d.Golden(fmt.Sprintf("failure-%d", size.width))
		d.Press("enter")
		d.WaitGone("cannot write")
	}
}

func TestLongFailureScrolls(t *testing.T) {
	var lines []string
	for i := range 60 {
		lines = append(lines, fmt.Sprintf("problem %02d", i))
	}
	first := &page{name: "First", do: map[string]tea.Cmd{"f": ui.Send(ui.Failed{Err: errors.New(strings.Join(lines, "\n"))})}}
	d := tuitest.Open(t, tuitest.Env(), first, 80, 24)
	d.Press("f")
	d.Wait("problem 00", "of 60")
	for range 10 {
		d.Press("pgdown")
	}
	d.Wait("problem 59")
	d.Press("pgup", "up")
	d.WaitGone("problem 59")
}
