package console

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
)

// Told is an error as its reader needs it.
type Told struct {
	Code    failure.Code `json:"code"`
	Summary string       `json:"summary"`
	Object  string       `json:"object,omitempty"`
	Cause   string       `json:"cause,omitempty"`
	// Causes is a cause that is a list, item by item: the problems of a
	// configuration.
	Causes any    `json:"causes,omitempty"`
	Remedy string `json:"remedy,omitempty"`
	// Also are the errors that came beside it.
	Also []string `json:"also,omitempty"`
}

// Error writes what err says: summary, object, cause and remedy, each on its
// own lines, or as one JSON document {"error": …}.
func Error(w io.Writer, err error, format Format) {
	t := Tell(err)
	if format == JSON {
		encode(w, map[string]Told{"error": t})
		return
	}
	terminal := terminalOf(w)
	fmt.Fprintln(w, terminal.paint(red, "Error:"), indented(t.Summary))
	for _, part := range []struct{ name, text string }{
		{"object", t.Object}, {"cause", t.Cause}, {"remedy", t.Remedy}, {"also", strings.Join(t.Also, "\n")},
	} {
		if part.text != "" {
			fmt.Fprintf(w, "  %-7s %s\n", part.name+":", indented(part.text))
		}
	}
}

// Tell takes err apart. Its texts may have several lines, and what another
// program said may hold control characters.
func Tell(err error) Told {
	t := Told{Code: failure.ExitCode(err), Remedy: failure.Remedy(err)}
	parts := joined(err)
	err = parts[0]
	for _, beside := range parts[1:] {
		t.Also = append(t.Also, beside.Error())
	}
	var known *failure.Error
	if !errors.As(err, &known) {
		t.Summary = err.Error()
		return t
	}
	t.Summary, t.Object = known.Summary, known.Object
	if known.Err != nil {
		t.Cause = known.Err.Error()
		if reflect.TypeOf(known.Err).Kind() == reflect.Slice {
			t.Causes = known.Err
		}
	}
	if err != error(known) {
		// What was wrapped around it says what was attempted; it already
		// holds the object and the cause.
		t.Summary, t.Cause = err.Error(), ""
	}
	return t
}

// joined are the errors that errors.Join made err of, the ones that a person
// can act on first; err itself where it was not made so.
func joined(err error) []error {
	list, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // only the outermost is taken apart
	if !ok || errors.Join(list.Unwrap()...).Error() != err.Error() {
		return []error{err}
	}
	var first, rest []error
	for _, e := range list.Unwrap() {
		var known *failure.Error
		if parts := joined(e); errors.As(e, &known) {
			first = append(first, parts...)
		} else {
			rest = append(rest, parts...)
		}
	}
	return append(first, rest...)
}

// indented keeps the further lines of s below its first, and what another
// program said from moving the cursor.
func indented(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i := range lines {
		lines[i] = printable(strings.TrimRight(lines[i], " \r"))
	}
	return strings.Join(lines, "\n          ")
}
