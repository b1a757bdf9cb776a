// Package failure is the error that a person can act on: what was attempted,
// on which object, why it failed, what to do, and the process's exit code.
package failure

import (
	"context"
	"errors"
	"strings"
)

// Code is the exit code of the process.
type Code int

// The exit codes of every command.
const (
	OK             Code = 0
	Other          Code = 1
	Usage          Code = 2
	Configuration  Code = 3
	Preflight      Code = 4
	Infrastructure Code = 5
	Bootstrap      Code = 6
	AddOns         Code = 7
	TimedOut       Code = 8 // resumable
	Gate           Code = 9 // waits for a person
	Interrupted    Code = 130
)

// Error carries its remedy as data, so that every interface can show it in
// its own place.
type Error struct {
	Code Code
	// Summary says what was attempted and what went wrong, in one sentence.
	Summary string
	// Object is what it happened to, such as "VSphereVM eksa-system/demo-abc".
	Object string
	// Remedy says what to do next; empty when nothing can be said.
	Remedy string
	// Err is the cause, if there is one.
	Err error
}

// Error implements error: summary, object and cause; without the remedy.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Summary)
	if e.Object != "" {
		b.WriteString(" (" + e.Object + ")")
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ExitCode is the exit code that err asks for: its own where it is an Error,
// Interrupted for a cancelled context, TimedOut for a passed deadline.
func ExitCode(err error) Code {
	var e *Error
	switch {
	case err == nil:
		return OK
	case errors.As(err, &e):
		return e.Code
	case errors.Is(err, context.Canceled):
		return Interrupted
	case errors.Is(err, context.DeadlineExceeded):
		return TimedOut
	}
	return Other
}

// Remedy returns the remedy that err carries, or "".
func Remedy(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Remedy
	}
	return ""
}
