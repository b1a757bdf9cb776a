package progress

import (
	"strings"
	"time"

	"groundwork.dev/bootstrap/internal/event"
)

// trouble is what is wrong with a machine.
type trouble int

const (
	well   trouble = iota
	slow           // longer in its stage than usual
	ailing         // what is said of it speaks of an error
	lost           // the create has failed because of it
)

// String is the word for it in the table's details.
func (t trouble) String() string {
	return [...]string{"", "slow: longer in this stage than usual", "its last word speaks of an error", "the create failed because of this machine"}[t]
}

// patience is how long a machine may be in a stage before it counts as slow:
// about half of what internal/progress takes for hopeless where it has a
// deadline. Stages that are missing wait for others and are never slow.
var patience = map[event.Stage]time.Duration{
	event.StageBootstrap: 2 * time.Minute,
	event.StageCopying:   5 * time.Minute,
	event.StageInstalled: 2 * time.Minute,
	event.StageCloning:   10 * time.Minute,
	event.StageCloned:    2 * time.Minute,
	event.StagePoweredOn: 150 * time.Second,
	event.StageAddressed: 5 * time.Minute,
	event.StageJoining:   5 * time.Minute,
	event.StageNode:      5 * time.Minute,
	event.StageDeleting:  10 * time.Minute,
}

const (
	// slowFactor is how many times the usual is slow, where enough machines
	// have shown what is usual, and slowLeast the least that is.
	slowFactor = 3
	slowLeast  = 20 * time.Second
	// ailingLeast is how long a machine has to be in its stage before an
	// error counts: controllers try again, and the first try often fails.
	ailingLeast = 10 * time.Second
)

// errorWords are what controllers' errors have in common.
var errorWords = []string{
	"fail", "error", "denied", "refused", "forbidden", "unauthorized", "timed out", "no space", "cannot", "unable", "invalid", "unreachable",
}

// judge looks what is wrong with each machine at now. failed is the text of
// the error that the create ended with, "" for none.
func (t *machines) judge(now time.Time, failed string) {
	limits := map[event.Stage]time.Duration{}
	for stage, limit := range patience {
		if usual, known := t.took[stage].median(); known {
			limit = min(limit, max(slowFactor*usual, slowLeast))
		}
		limits[stage] = limit
	}
	t.troubled = 0
	for _, m := range t.rows {
		m.trouble = well
		if m.Stage != event.StageReady {
			m.trouble = m.judge(now, limits, failed)
		}
		if m.trouble != well {
			t.troubled++
		}
	}
}

func (m *machine) judge(now time.Time, limits map[event.Stage]time.Duration, failed string) trouble {
	if failed != "" && names(failed, m.Name) {
		return lost
	}
	limit, counts := limits[m.Stage]
	in := now.Sub(m.Since)
	switch {
	case !counts:
		return well
	case in >= ailingLeast && speaksOfError(m.LastWord):
		return ailing
	case in >= limit:
		return slow
	}
	return well
}

func speaksOfError(word string) bool {
	word = strings.ToLower(word)
	for _, w := range errorWords {
		if strings.Contains(word, w) {
			return true
		}
	}
	return false
}

// names reports whether text names the object: "demo-1", but not within
// "demo-10".
func names(text, object string) bool {
	for rest := text; ; {
		i := strings.Index(rest, object)
		if i < 0 {
			return false
		}
		after := rest[i+len(object):]
		if (i == 0 || !nameByte(rest[i-1])) && (after == "" || !nameByte(after[0])) {
			return true
		}
		rest = after
	}
}

// nameByte reports whether b can stand in an object's name. A dot ends a
// sentence far more often.
func nameByte(b byte) bool {
	return b == '-' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}
