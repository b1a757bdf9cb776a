// Package secret holds values that must never reach a log, an event, the
// journal or a manifest on stdout.
package secret

import "log/slog"

// Redacted stands in for every secret value that is formatted.
const Redacted = "[redacted]"

// String is text that redacts itself wherever it is formatted, logged or
// marshalled. Reveal is the only way to its value.
type String struct{ value string }

// New wraps value.
func New(value string) String { return String{value: value} }

// Reveal returns the value itself; its callers hand it to the one peer that
// needs it and to nothing else.
func (s String) Reveal() string { return s.value }

// Empty reports whether there is no value.
func (s String) Empty() bool { return s.value == "" }

// String implements fmt.Stringer.
func (s String) String() string { return Redacted }

// GoString implements fmt.GoStringer, so that %#v redacts too.
func (s String) GoString() string { return Redacted }

// LogValue implements slog.LogValuer.
func (s String) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText implements encoding.TextMarshaler: JSON and YAML redact too.
func (s String) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
