// Package ui is what every screen of the terminal interface is made of: the
// look, the keys, and how screens follow each other.
package ui

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// MinWidth and MinHeight are the smallest terminal that anything is drawn on,
// in cells.
const (
	MinWidth  = 80
	MinHeight = 24
)

// Env is what all screens share. It does not change while the program runs.
type Env struct {
	Theme Theme
	// Now is the clock of everything that is shown.
	Now func() time.Time
}

// Screen is one view that fills the terminal between header and footer, which
// the program draws. It never blocks: what takes time is a tea.Cmd.
type Screen interface {
	Init() tea.Cmd
	Update(tea.Msg) (Screen, tea.Cmd)
	// View draws into width by height cells; no line is longer, and there are
	// no more lines. It is called for every frame.
	View(width, height int) string
	// Title is the screen's name in the header.
	Title() string
	// Keys are the keys that do something right now, the most useful first:
	// the footer shows as many as fit, the help all of them. The program adds
	// its own: help, back and leave.
	Keys() []key.Binding
}

// Typing is implemented by screens with text fields: while it returns true,
// letters and "?" belong to the screen and not to the program.
type Typing interface{ Typing() bool }

// Escaper is implemented by screens in which esc closes something first: a
// filter, a pane. The screen gets esc while Escapes returns true, and while it
// is typing; it sends Leave when there was nothing to close after all. In all
// other cases the program takes esc for leaving.
type Escaper interface{ Escapes() bool }

// Closer is implemented by screens that hold something: Close is called once,
// when the screen is left for good. Contexts of commands end there.
type Closer interface{ Close() }

// Leaver is implemented by screens that cannot just be left: the program asks
// the dialog before it goes back or quits. Nil leaves at once. interrupt says
// that it was ctrl+c.
type Leaver interface{ Leave(interrupt bool) *Dialog }

// Messages that a screen sends, as a tea.Cmd, to the program.
type (
	// Open shows a screen on top; Back comes back to what was below.
	Open struct{ Screen Screen }
	// Replace shows a screen instead of the one that sends it.
	Replace struct{ Screen Screen }
	// Leave leaves the screen as esc does: its Leaver is asked.
	Leave struct{}
	// Back leaves the screen; the program does not ask again.
	Back struct{}
	// Quit ends the program; it does not ask again.
	Quit struct{}
	// Toast shows a passing message in the line above the footer.
	Toast struct{ Text string }
	// Failed shows an error, with its remedy, until it is read.
	Failed struct{ Err error }
	// Ask shows a dialog over the screen.
	Ask struct{ Dialog *Dialog }
)

// A screen's commands answer to that screen, also while another one is on top.
// Once it has been left, only Toast and Failed still reach the program.

// Resumed is sent to a screen that is on top again.
type Resumed struct{}

// Send makes a tea.Cmd of a message.
func Send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// Dialog is a question over the screen.
type Dialog struct {
	Title, Text string
	// Word has to be typed where the answer destroys something, "" otherwise.
	Word string
	// Answers are offered in this order; the first is what enter takes, esc
	// is the last. None is a text to be read.
	Answers []Answer
}

// Answer is one way to answer a dialog.
type Answer struct {
	Key   string // a single key: "y"
	Label string
	// Do is sent when it is chosen; nil goes on.
	Do tea.Cmd
}
