// Package form shows one page of questions at a time, beside the configuration
// that the answers make. It knows nothing of what is asked.
package form

import (
	"context"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// Kind is how a field is edited.
type Kind int

// The kinds of field.
const (
	Text Kind = iota
	Number
	Secret  // shown as dots
	Choice  // one of Options, with filtering
	Choices // any number of Options; the value has one on each line
	Toggle  // "true" or "false"
	Lines   // several lines of text
	File    // a path on this machine
)

// Option is one thing to choose.
type Option struct {
	Value string
	// Label stands for the value, Detail beside it: "512 GiB free".
	Label, Detail string
}

// Field is one question. Its functions are called from the interface's own
// goroutine and return at once, except Options.
type Field struct {
	// ID is unique on the page.
	ID    string
	Kind  Kind
	Title string
	// Help is a sentence or two, shown while the field has the focus.
	Help        string
	Placeholder string
	// Advanced fields are shown on request.
	Advanced bool
	// Hidden fields do not matter after the answers so far; nil is never.
	Hidden func() bool
	// Get is the answer so far.
	Get func() string
	// Set takes the answer; an error refuses it. "" takes the answer back; it
	// is refused where Object is "" and there has to be an answer.
	Set func(string) error
	// Options are asked for in the background, for Choice and Choices, and for
	// Text as proposals. They are asked for anew when OptionsFor returns
	// something else than before. Other may be typed where FreeText is set,
	// also while they load or when they cannot be loaded.
	Options    func(context.Context) ([]Option, error)
	OptionsFor func() string
	FreeText   bool
	// Object and Path say which problems of the configuration are the field's:
	// those of this object ("Kind/name") at this path or below it.
	Object, Path string
}

// Level is how bad a note is.
type Level int

// The levels of notes.
const (
	Info Level = iota
	Warning
	Error
)

// Note is a fact that follows from the answers: "256 nodes of 110 pods".
type Note struct {
	Level Level
	Text  string
}

// Action is something that can be done on a page: add a group, test a host.
type Action struct {
	Key   string // "ctrl+t"; the keys of ui.Keys are taken
	Label string
	// Run works in the background. What it returns is called on the
	// interface's goroutine, and is a note to show; nil says nothing.
	Run func(context.Context) (func() Note, error)
}

// Page is a group of questions. Its functions return at once.
type Page struct {
	// ID is unique in the wizard.
	ID, Title string
	// Intro is a sentence or two at the top.
	Intro  string
	Hidden func() bool
	// Fields are asked for anew after every answer.
	Fields func() []Field
	Notes  func() []Note
	// Actions may be nil, as Hidden and Notes.
	Actions func() []Action
}

// Document is the configuration that the answers make.
type Document interface {
	// YAML is the configuration so far.
	YAML() string
	// Problems are all that is wrong with it so far.
	Problems() v1alpha1.Problems
}
