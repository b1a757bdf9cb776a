package progress

import (
	"strconv"
	"strings"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/form"
)

// record is one line of a log file, as slog's text handler writes it.
type record struct {
	time           time.Time
	level, message string
	attributes     map[string]string
	order          []string // of the attributes' names
	event          event.Kind
}

// parseLine takes a line apart; false where it is none of slog's.
func parseLine(text string) (record, bool) {
	r := record{attributes: map[string]string{}}
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimLeft(rest, " ") {
		name, after, found := strings.Cut(rest, "=")
		if !found || name == "" || strings.ContainsAny(name, " \"") {
			return r, false
		}
		value := after
		if quoted, err := strconv.QuotedPrefix(after); err == nil {
			rest = after[len(quoted):]
			if value, err = strconv.Unquote(quoted); err != nil {
				return r, false
			}
		} else {
			value, rest, _ = strings.Cut(after, " ")
		}
		r.set(name, value)
	}
	return r, !r.time.IsZero() && r.level != ""
}

func (r *record) set(name, value string) {
	switch {
	case name == "time" && r.time.IsZero():
		r.time, _ = time.Parse(time.RFC3339Nano, value)
	case name == "level" && r.level == "":
		r.level = value
	case name == "msg" && r.message == "":
		r.message = value
	default:
		if name == "event" {
			r.event = event.Kind(value)
		}
		r.attributes[name] = value
		r.order = append(r.order, name)
	}
}

// shown is the line as the log pane shows it.
func (r *record) shown(where *time.Location) line {
	var b strings.Builder
	b.WriteString(r.time.In(where).Format(time.TimeOnly))
	b.WriteByte(' ')
	if r.level != "INFO" {
		b.WriteString(r.level)
		b.WriteByte(' ')
	}
	b.WriteString(oneLine(r.message))
	for _, name := range r.order {
		b.WriteString("  " + name + "=" + oneLine(r.attributes[name]))
	}
	return line{b.String(), r.severity()}
}

func (r *record) severity() form.Level {
	switch {
	case strings.HasPrefix(r.level, "ERROR"):
		return form.Error
	case strings.HasPrefix(r.level, "WARN"):
		return form.Warning
	}
	return form.Info
}

// toEvent is the event that the record tells of (package internal/console
// wrote it). What the log leaves out comes from the machines that are known.
func (r *record) toEvent(known *machines) event.Event {
	a := r.attributes
	e := event.Event{Time: r.time, Kind: r.event, Step: a["step"], Message: r.message, Remedy: a["remedy"]}
	switch r.event {
	case event.Waiting:
		e.Wait = &event.Wait{For: a["for"], Object: a["object"], LastWord: a["lastWord"]}
	case event.MachineMoved:
		e.Machine = &event.Machine{Name: a["machine"], Role: a["role"], Stage: event.Stage(a["stage"]), Address: a["address"], LastWord: a["lastWord"]}
		if m := known.find(a["machine"]); m != nil && e.Machine.Role == "" {
			e.Machine.Role = m.Role
		}
	case event.Checked:
		e.Check = &event.Check{Name: a["check"], Result: event.CheckResult(a["result"]), Want: a["want"], Found: a["found"], Remedy: a["remedy"]}
	case event.StepStarted, event.StepFinished, event.StepSkipped, event.StepFailed, event.StepUndone, event.Notice, event.Warning, event.Reported:
	}
	return e
}

// logLine is a line of a log file as the log pane shows it.
func logLine(text string, where *time.Location) (line, record) {
	if r, ok := parseLine(text); ok {
		return r.shown(where), r
	}
	return line{text: oneLine(text)}, record{}
}
