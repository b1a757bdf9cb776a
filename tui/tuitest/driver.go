// Package tuitest drives a part of the terminal interface by keys and reads
// its screen, without a terminal and without waiting for any clock.
package tuitest

import (
	"reflect"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"groundwork.dev/bootstrap/tui/ui"
)

// Deadline is how long anything is waited for before a test fails. It is
// generous: machines that run tests are busy.
const Deadline = 60 * time.Second

// patience is how long the commands that a key started are given to answer
// before the next key. What takes longer answers whenever it does, as it would
// for a person who types on.
const patience = 150 * time.Millisecond

// Driver is a model on a terminal of a fixed size. It is used by the test's
// goroutine alone.
type Driver struct {
	t             testing.TB
	model         tea.Model
	width, height int

	messages chan message
	done     chan struct{} // closed with the test
	key      int           // counts what was sent
	acting   int           // the key that what happens now came of
	open     int           // commands of this key that are expected to answer soon
	sent     []tea.Msg
	finished bool
	tooBig   bool // was reported
}

// message is what a command answered; of none where it only ended.
type message struct {
	msg  tea.Msg
	key  int  // that the command came of
	soon bool // it counts in open
}

// New starts model on a terminal of width by height cells.
func New(t testing.TB, model tea.Model, width, height int) *Driver {
	t.Helper()
	d := &Driver{
		t: t, model: model, width: width, height: height,
		messages: make(chan message, 64), done: make(chan struct{}),
	}
	t.Cleanup(func() { close(d.done) })
	d.start(model.Init())
	d.update(tea.WindowSizeMsg{Width: width, Height: height})
	d.settle()
	return d
}

// Press sends keys by their names, such as "tab", "ctrl+n", "f1", "space" or
// "a", each after the commands of the one before have answered.
func (d *Driver) Press(keys ...string) {
	d.t.Helper()
	for _, name := range keys {
		d.Send(keyNamed(d.t, name))
	}
}

// Type sends text key by key.
func (d *Driver) Type(text string) {
	d.t.Helper()
	for _, r := range text {
		d.Send(keyOf(r))
	}
}

// Paste sends text at once, as a terminal does what is pasted.
func (d *Driver) Paste(text string) {
	d.t.Helper()
	d.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true})
}

// Resize changes the size of the terminal.
func (d *Driver) Resize(width, height int) {
	d.t.Helper()
	d.width, d.height = width, height
	d.Send(tea.WindowSizeMsg{Width: width, Height: height})
}

// Send hands msg to the model.
func (d *Driver) Send(msg tea.Msg) {
	d.t.Helper()
	d.key++
	d.acting, d.open = d.key, 0
	d.update(msg)
	d.settle()
}

// Screen is what the terminal shows: no colours, no blanks at line ends.
func (d *Driver) Screen() string {
	d.t.Helper()
	view := d.model.View()
	lines := strings.Split(ansi.Strip(view), "\n")
	if !d.tooBig && len(lines) > d.height {
		d.tooBig = true
		d.t.Errorf("the screen has %d lines on a terminal of %d:\n%s", len(lines), d.height, view)
	}
	for i, line := range lines {
		if w := ansi.StringWidth(line); !d.tooBig && w > d.width {
			d.tooBig = true
			d.t.Errorf("line %d is %d cells wide on a terminal of %d: %q", i+1, w, d.width, line)
		}
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// Raw is what is drawn, colours included.
func (d *Driver) Raw() string { return d.model.View() }

// Model is the model as it is now.
func (d *Driver) Model() tea.Model { return d.model }

// Finished says whether the program has ended.
func (d *Driver) Finished() bool { return d.finished }

// Sent are the messages of type T, such as ui.Open, that commands answered so
// far.
func Sent[T tea.Msg](d *Driver) []T {
	var all []T
	for _, msg := range d.sent {
		if m, ok := msg.(T); ok {
			all = append(all, m)
		}
	}
	return all
}

func (d *Driver) update(msg tea.Msg) {
	d.t.Helper()
	if d.finished || msg == nil {
		return
	}
	value := reflect.ValueOf(msg)
	switch m := msg.(type) {
	case tea.QuitMsg:
		d.finished = true
		return
	case tea.BatchMsg:
		for _, cmd := range m {
			d.start(cmd)
		}
		return
	default:
		// tea.Sequence answers with a slice of commands of a type of its own.
		if value.Kind() == reflect.Slice && value.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			d.startInOrder(value.Convert(reflect.TypeFor[[]tea.Cmd]()).Interface().([]tea.Cmd))
			return
		}
	}
	if value.Type().PkgPath() == reflect.TypeFor[ui.Open]().PkgPath() {
		d.sent = append(d.sent, msg)
	}
	var cmd tea.Cmd
	d.model, cmd = d.model.Update(msg)
	d.start(cmd)
	d.Screen() // as the program draws after every message
}
