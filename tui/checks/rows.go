package checks

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/event"
)

// kind is what a row is.
type kind int

const (
	check kind = iota
	fold       // stands for the checks that passed
)

// row is what the cursor can stand on.
type row struct {
	kind  kind
	check event.Check
	// open shows its details.
	open bool
}

// rows are the list from top to bottom. While checks are made each keeps the
// place where it came in; afterwards those that matter come first.
func (s *Screen) rows() []row {
	var rows []row
	if s.run.active {
		for _, one := range s.results {
			rows = append(rows, row{check: one})
		}
		return rows
	}
	for _, result := range []event.CheckResult{event.Failed, event.Warned, event.Skipped} {
		for _, one := range s.results {
			if one.Result == result {
				rows = append(rows, row{check: one, open: s.toggled[one.Name] != (result != event.Skipped)})
			}
		}
	}
	if s.count(event.Passed) == 0 {
		return rows
	}
	rows = append(rows, row{kind: fold, open: s.unfolded})
	for _, one := range s.results {
		if s.unfolded && one.Result == event.Passed {
			rows = append(rows, row{check: one, open: s.toggled[one.Name]})
		}
	}
	return rows
}

// button is what stands below the list.
type button struct {
	label string
	says  string // in the footer
	do    func() tea.Cmd
}

func (s *Screen) onButton() bool { return !s.run.active && s.cursor >= len(s.rows()) }

func (s *Screen) button() button {
	unaccepted := s.unaccepted()
	switch {
	case s.err != nil || s.count(event.Failed) > 0:
		return button{"Check again", "check again", s.start}
	case unaccepted > 0:
		label := "Accept the warning"
		if unaccepted > 1 {
			label = fmt.Sprintf("Accept all %d warnings", unaccepted)
		}
		return button{label, "accept", func() tea.Cmd { s.acceptAll(); return nil }}
	}
	return button{"Go on to the review", "go on", s.next}
}

// move puts the cursor on a row and shows it.
func (s *Screen) move(to int) {
	s.cursor = max(0, min(to, len(s.rows())))
	s.show()
}

// show scrolls until the row under the cursor can be seen.
func (s *Screen) show() {
	first, end := 0, 0
	for i, row := range s.rows() {
		first, end = end, end+len(s.lines(row, s.width))
		if i == s.cursor {
			break
		}
	}
	s.offset = max(s.offset, end-s.height)
	s.offset = min(s.offset, first)
}
