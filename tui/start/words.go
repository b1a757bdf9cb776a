package start

import (
	"fmt"
	"strings"
	"time"

	"groundwork.dev/bootstrap/tui/backend"
)

// condition is how a cluster is: at a glance, in a word or two, and in a
// sentence or two.
func (s *Screen) condition(c backend.Cluster) (m mark, detail, help string) {
	last := ""
	if n := len(c.Steps); n > 0 {
		last = c.Steps[n-1].Title
	}
	switch {
	case c.Running != nil:
		m = running
		doing := c.Running.Command
		if doing == createCommand && last != "" {
			doing = last
		}
		detail = join(doing, "since "+s.moment(c.Running.Since))
		help = fmt.Sprintf("Process %d on %s works on it. Looking at it changes nothing.", c.Running.PID, c.Running.Host)
	case c.Interrupted && c.Command != createCommand:
		m = stopped
		detail = join(c.Command+" was interrupted", last)
		help = "Run `bootstrap " + c.Command + " " + c.Name + "` again: it goes on where it stopped."
	case c.Interrupted:
		m = stopped
		detail = join("stopped at: " + last)
		help = "It goes on where it stopped; what was made is kept."
		if reason := c.Steps[len(c.Steps)-1].Error; reason != "" {
			help = firstLine(reason) + ". " + help
		}
	case last == "":
		detail, help = "nothing was made yet", "There is a folder for it on this machine, and nothing else."
	default:
		m = done
		detail = "finished " + s.ago(s.finished(c))
		help = "Its kubeconfig, its machines and the log of its install."
		if c.Kubeconfig != "" {
			help = "Its kubeconfig is " + c.Kubeconfig + "."
		}
	}
	if n := len(c.Machines); n > 0 {
		detail = join(detail, fmt.Sprintf("%d machines", n))
	}
	if c.Rehearsal {
		detail = join("rehearsal", detail)
	}
	return m, detail, help
}

// finished is when the last step ended, as far as the journal says.
func (s *Screen) finished(c backend.Cluster) time.Time {
	last := c.Steps[len(c.Steps)-1]
	return last.Begun.Add(time.Duration(last.Seconds * float64(time.Second)))
}

// ago is how long a moment is past, as exactly as anybody wants to know.
func (s *Screen) ago(t time.Time) string {
	if t.IsZero() {
		return "at an unknown time"
	}
	switch past := s.env.Now().Sub(t); {
	case past < time.Minute:
		return "just now"
	case past < time.Hour:
		return fmt.Sprintf("%d min ago", int(past.Minutes()))
	case past < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(past.Hours()))
	default:
		return "on " + t.In(s.env.Now().Location()).Format("2 Jan 2006")
	}
}

// moment is a time of today by the clock, another by its date too.
func (s *Screen) moment(t time.Time) string {
	t, now := t.In(s.env.Now().Location()), s.env.Now()
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04")
	}
	return t.Format("2 Jan 15:04")
}

func join(parts ...string) string {
	var said []string
	for _, part := range parts {
		if part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, ", ")
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSuffix(line, ".")
}
