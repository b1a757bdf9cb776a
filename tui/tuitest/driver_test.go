package tuitest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// echo shows the keys it got and the answers of the commands that they start.
type echo struct {
	width, height int
	lines         []string
}

type answer string

func (e *echo) Init() tea.Cmd { return func() tea.Msg { return answer("begun") } }

func (e *echo) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	say := func(text string) tea.Cmd { return func() tea.Msg { return answer(text) } }
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		e.width, e.height = m.Width, m.Height
	case answer:
		e.lines = append(e.lines, string(m))
	case tea.KeyMsg:
		e.lines = append(e.lines, fmt.Sprintf("%q", m.String()))
		switch m.String() {
		case "b":
			return e, tea.Batch(say("one"), tea.Batch(say("two")))
		case "o":
			return e, tea.Sequence(say("first"), say("second"), tea.Sequence(say("third")))
		case "t":
			return e, tea.Tick(time.Millisecond, func(time.Time) tea.Msg { return answer("ticked") })
		case "q":
			return e, tea.Quit
		}
	}
	return e, nil
}

func (e *echo) View() string {
	return fmt.Sprintf("%dx%d  \n%s", e.width, e.height, strings.Join(e.lines, " "))
}

func TestKeysAndAnswers(t *testing.T) {
	for _, c := range []struct {
		name  string
		press []string
		want  string
	}{
		{"names", []string{"tab", "shift+tab", "ctrl+n", "pgdn", "f1", "esc", "alt+x"}, `"tab" "shift+tab" "ctrl+n" "pgdown" "f1" "esc" "alt+x"`},
		{"characters", []string{"a", "ä", "space", "?"}, `"a" "ä" " " "?"`},
		{"in order", []string{"o"}, `"o" first second third`},
		{"after the answers of the key before", []string{"o", "x"}, `"o" first second third "x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := New(t, &echo{}, 100, 5)
			d.Press(c.press...)
			if want := "100x5\nbegun " + c.want; d.Screen() != want {
				t.Errorf("got\n%s\nwant\n%s", d.Screen(), want)
			}
		})
	}
}

func TestBatchTickAndEnd(t *testing.T) {
	d := New(t, &echo{}, 80, 24)
	d.Press("b")
	d.Wait("one", "two")
	d.Press("t")
	d.Wait("ticked")
	d.Resize(90, 30)
	d.Wait("90x30")
	d.Type("q")
	d.WaitFinished()
}

// failures is a test that only counts what it is told.
type failures struct {
	testing.TB
	errors int
}

func (f *failures) Helper()               {}
func (f *failures) Errorf(string, ...any) { f.errors++ }

func TestScreensThatDoNotFitFail(t *testing.T) {
	for _, c := range []struct {
		name          string
		width, height int
		errors        int
	}{
		{"fits", 20, 5, 0}, {"too wide", 12, 5, 1}, {"too high", 20, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &failures{TB: t}
			d := New(f, &echo{}, c.width, c.height)
			d.Type("acd")
			if f.errors != c.errors {
				t.Errorf("%d failures, want %d", f.errors, c.errors)
			}
		})
	}
}

func TestDifferenceMarksLines(t *testing.T) {
	got := difference("a\nb", "a\nc\nd")
	if want := "  1   a\n  2 - b\n  2 + c\n  3 - \n  3 + d\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
