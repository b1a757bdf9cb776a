package progress

import (
	"fmt"
	"time"

	"groundwork.dev/bootstrap/tui/backend"
)

// left is how long the work is expected to take from now; false where nothing
// is known, or where it takes longer than expected.
func left(e backend.Estimate, s *steps, begun, now time.Time) (time.Duration, bool) {
	if e.Total <= 0 {
		return 0, false
	}
	if len(e.Steps) == 0 {
		rest := e.Total - now.Sub(begun)
		return rest, rest > 0
	}
	var rest time.Duration
	seen := map[string]bool{}
	for i := range s.list {
		at := &s.list[i]
		seen[at.name] = true
		if at.state == stepRunning {
			// A step over its time says nothing about when it ends, but those
			// after it still take theirs.
			rest += max(0, e.Steps[at.name]-now.Sub(at.begun))
		}
	}
	for name, takes := range e.Steps {
		if !seen[name] {
			rest += takes
		}
	}
	return rest, rest > 0
}

// about is a duration as rough as a guess is, so that what is left does not
// flicker: "about 2 min".
func about(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return "a few seconds"
	case d < 55*time.Second:
		return fmt.Sprintf("about %d s", int((d+5*time.Second)/(10*time.Second))*10)
	case d < time.Hour:
		return fmt.Sprintf("about %d min", int((d+30*time.Second)/time.Minute))
	}
	return fmt.Sprintf("about %d h %d min", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

// exact is how long something took.
func exact(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d/time.Minute), int(d%time.Minute/time.Second))
	}
	return fmt.Sprintf("%dh%02dm", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

// whole is how long something has gone on, in seconds.
func whole(d time.Duration) string {
	if d = max(0, d); d < time.Minute {
		return fmt.Sprintf("%ds", int(d/time.Second))
	}
	return exact(d)
}

// coarse is how long a machine has been where it is. A table whose every row
// changes every second would fill a serial line.
func coarse(d time.Duration) string {
	const step = 10 * time.Second
	switch d = max(0, d); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d/step*step/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d/time.Minute))
	}
	return fmt.Sprintf("%dh%02d", int(d/time.Hour), int(d%time.Hour/time.Minute))
}
