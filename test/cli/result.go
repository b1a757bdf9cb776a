package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/create"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

// Result is what a finished command has left.
type Result struct {
	Code           failure.Code
	Stdout, Stderr string
}

// MustSucceed ends the test unless the exit code is 0.
func (r Result) MustSucceed(t *testing.T) Result {
	t.Helper()
	if r.Code != failure.OK {
		t.Fatalf("exit code %d\nstdout:\n%s\nstderr:\n%s", r.Code, Tail(r.Stdout), r.Stderr)
	}
	return r
}

// Events are the JSON lines that the command wrote.
func (r Result) Events(t *testing.T) []event.Event {
	t.Helper()
	var events []event.Event
	for line := range linesOf(strings.NewReader(r.Stdout)) {
		var e event.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("stdout holds a line that is no event: %q: %v", line, err)
		}
		events = append(events, e)
	}
	return events
}

// Report is the report at the end of a create.
func (r Result) Report(t *testing.T) create.Report {
	t.Helper()
	var report create.Report
	for _, e := range r.Events(t) {
		if e.Kind != event.Reported {
			continue
		}
		text, err := json.Marshal(e.Report)
		if err == nil {
			err = json.Unmarshal(text, &report)
		}
		if err != nil {
			t.Fatalf("read the report: %v", err)
		}
		return report
	}
	t.Fatalf("there is no report among the events:\n%s", Tail(r.Stdout))
	return report
}

// Tail is the end of a long text.
func Tail(text string) string {
	const most = 8 << 10
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
}
