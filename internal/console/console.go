// Package console renders the stream of events as plain lines or as JSON, and
// errors with their remedy.
package console

import (
	"encoding/json"
	"io"
	"log/slog"
	"sync"

	"groundwork.dev/bootstrap/internal/event"
)

// Format is how something is written.
type Format string

// The formats.
const (
	Text Format = "text" // lines for people
	JSON Format = "json" // one JSON document a line
)

// New returns a sink that writes every event to w: as one line each, or as
// one JSON document each. What cannot be written is lost: an event is no
// reason to stop a run.
func New(w io.Writer, format Format) event.Sink {
	if format == JSON {
		return &jsonLines{out: w}
	}
	return newText(w, terminalOf(w))
}

// jsonLines writes one JSON document a line.
type jsonLines struct {
	mu   sync.Mutex
	out  io.Writer
	step string // that is running
}

func (j *jsonLines) Emit(e event.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch e.Kind {
	case event.StepStarted:
		j.step = e.Step
	case event.StepFinished, event.StepSkipped, event.StepFailed, event.StepUndone:
		j.step = ""
	default:
		if e.Step == "" {
			e.Step = j.step
		}
	}
	encode(j.out, e)
}

// encode writes v on one line, with < and > as they are: the reader is a
// program or a person, not a browser.
func encode(w io.Writer, v any) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v)
}

// Log returns a sink that writes every event to log.
func Log(log *slog.Logger) event.Sink {
	return event.SinkFunc(func(e event.Event) {
		attributes := []any{"event", e.Kind}
		add := func(key, value string) {
			if value != "" {
				attributes = append(attributes, key, value)
			}
		}
		add("step", e.Step)
		if w := e.Wait; w != nil {
			add("for", w.For)
			add("object", w.Object)
			add("lastWord", w.LastWord)
		}
		if m := e.Machine; m != nil {
			add("machine", m.Name)
			add("role", m.Role)
			add("stage", string(m.Stage))
			add("address", m.Address)
			add("lastWord", m.LastWord)
		}
		if c := e.Check; c != nil {
			add("check", c.Name)
			add("result", string(c.Result))
			add("want", c.Want)
			add("found", c.Found)
			add("remedy", c.Remedy)
		}
		add("remedy", e.Remedy)
		switch e.Kind {
		case event.StepFailed:
			log.Error(e.Message, attributes...)
		case event.Warning:
			log.Warn(e.Message, attributes...)
		default:
			log.Info(e.Message, attributes...)
		}
	})
}
