package progress

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/tuitest"
)

func TestTheRingIsBounded(t *testing.T) {
	r := ring{}
	r.narrow("7")
	for i := range 3 * ringLimit {
		r.add(line{text: fmt.Sprint(i)})
	}
	if len(r.lines) > ringLimit || r.lost+len(r.lines) != 3*ringLimit {
		t.Errorf("%d lines are kept, %d lost", len(r.lines), r.lost)
	}
	if last := r.at(r.first + len(r.lines) - 1).text; last != fmt.Sprint(3*ringLimit-1) {
		t.Errorf("the last is %s", last)
	}
	for _, number := range r.shown {
		if text := r.at(number).text; !strings.Contains(text, "7") {
			t.Fatalf("%s is shown", text)
		}
	}
	filtered := len(r.shown)
	r.narrow("")
	if len(r.shown) != len(r.lines) || filtered == 0 || filtered >= len(r.lines) {
		t.Errorf("%d of %d lines are shown, %d with a filter", len(r.shown), len(r.lines), filtered)
	}
}

func TestScrollingStaysWhereItIs(t *testing.T) {
	env := tuitest.Env()
	s := newStream(&env.Theme, "log")
	add := func(from, to int) {
		for i := from; i < to; i++ {
			s.append(line{text: fmt.Sprintf("line %d", i)})
		}
	}
	top := func() string { return s.view(40, 11)[0] }
	add(0, 100)
	if got := top(); got != "line 90" {
		t.Errorf("it follows at %q", got)
	}
	s.update(tea.KeyMsg{Type: tea.KeyPgUp})
	held := top()
	add(100, 200)
	if got := top(); got != held || s.follow {
		t.Errorf("new lines moved %q to %q", held, got)
	}
	add(200, ringLimit+10) // the oldest make room
	s.top = 0
	s.scroll(600)
	held = top()
	add(ringLimit+10, ringLimit+1000)
	if got := top(); got != held {
		t.Errorf("lost lines moved %q to %q", held, got)
	}
	s.update(tea.KeyMsg{Type: tea.KeyEnd})
	if got := top(); got != fmt.Sprintf("line %d", ringLimit+990) || !s.follow {
		t.Errorf("the end is %q", got)
	}
	s.update(tea.KeyMsg{Type: tea.KeyUp})
	s.update(tea.KeyMsg{Type: tea.KeyDown})
	if !s.follow {
		t.Error("scrolled to its end, it does not follow")
	}
}

func TestWrappedLinesFitAndFollow(t *testing.T) {
	env := tuitest.Env()
	s := newStream(&env.Theme, "log")
	s.wrap = true
	for i := range 20 {
		s.append(line{text: fmt.Sprintf("%d %s", i, strings.Repeat("word ", 30))})
	}
	s.append(line{text: "the end"})
	s.view(60, 12)
	rows := s.view(60, 12)
	if len(rows) != 12 || rows[10] == "" && !strings.Contains(strings.Join(rows, "\n"), "the end") {
		t.Errorf("the end is not in sight: %q", rows)
	}
	if !strings.Contains(strings.Join(rows[:11], "\n"), "the end") {
		t.Errorf("the end is not in sight: %q", rows)
	}
}
