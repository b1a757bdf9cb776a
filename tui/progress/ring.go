package progress

import (
	"strings"

	"groundwork.dev/bootstrap/tui/form"
)

// line is one line of a log.
type line struct {
	text  string
	level form.Level
}

// ringLimit is how many lines are kept; at two hundred bytes a line it is a
// megabyte.
const ringLimit = 5000

// ring are the last lines of a log, numbered from the first that ever came,
// and those of them that hold a filter's text.
type ring struct {
	lines []line
	first int // the number of lines[0]
	// lost are the lines that made room.
	lost   int
	filter string
	shown  []int // numbers
}

func (r *ring) add(l line) {
	if len(r.lines) >= ringLimit {
		// In one go for many: moving a few thousand lines for each would not be.
		drop := ringLimit / 10
		r.lines = append(r.lines[:0:0], r.lines[drop:]...)
		r.first += drop
		r.lost += drop
		keep := 0
		for keep < len(r.shown) && r.shown[keep] < r.first {
			keep++
		}
		r.shown = append(r.shown[:0:0], r.shown[keep:]...)
	}
	r.lines = append(r.lines, l)
	if r.matches(l) {
		r.shown = append(r.shown, r.first+len(r.lines)-1)
	}
}

func (r *ring) clear() { *r = ring{filter: r.filter} }

func (r *ring) matches(l line) bool {
	return r.filter == "" || strings.Contains(strings.ToLower(l.text), r.filter)
}

// narrow shows only the lines that hold text, whatever its case.
func (r *ring) narrow(text string) {
	r.filter = strings.ToLower(text)
	r.shown = r.shown[:0]
	for i, l := range r.lines {
		if r.matches(l) {
			r.shown = append(r.shown, r.first+i)
		}
	}
}

// at is the line of that number.
func (r *ring) at(number int) line { return r.lines[number-r.first] }
