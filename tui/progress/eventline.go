package progress

import (
	"fmt"
	"time"

	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/form"
)

// waitAgain is how often a wait is a line of the events again while only what
// is said of it changes.
const waitAgain = 15 * time.Second

// worthALine reports whether e says something new. What is said of a machine
// changes far more often than where it is.
func (m *Model) worthALine(e event.Event, moved bool) bool {
	switch {
	case e.Kind == event.MachineMoved:
		return moved
	case e.Kind != event.Waiting:
		return true
	case e.Wait == nil:
		return false
	}
	now, before := *e.Wait, m.told
	if now.For == before.For && now.Since.Equal(before.Since) &&
		(now.LastWord == before.LastWord || e.Time.Sub(m.toldAt) < waitAgain) {
		return false
	}
	m.told, m.toldAt = now, e.Time
	return true
}

// eventLine is e as the events pane shows it: in the words of the plain lines.
func (m *Model) eventLine(e event.Event) line {
	word, text := console.Describe(e)
	text = oneLine(text)
	if e.Remedy != "" {
		text += "; remedy: " + oneLine(e.Remedy)
	}
	return line{fmt.Sprintf("%s  %-8s %s", m.clock(e.Time), word, text), levelOf(e)}
}

// clock is a time of day, where the reader is.
func (m *Model) clock(t time.Time) string { return t.In(m.env.Now().Location()).Format(time.TimeOnly) }

func levelOf(e event.Event) form.Level {
	switch e.Kind {
	case event.StepFailed:
		return form.Error
	case event.Warning:
		return form.Warning
	case event.Checked:
		if e.Check != nil && e.Check.Result == event.Failed {
			return form.Error
		}
		if e.Check != nil && e.Check.Result == event.Warned {
			return form.Warning
		}
	case event.StepStarted, event.StepFinished, event.StepSkipped, event.StepUndone, event.Waiting, event.MachineMoved, event.Notice, event.Reported:
	}
	return form.Info
}
