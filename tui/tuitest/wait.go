package tuitest

import (
	"strings"
	"time"
)

// Wait takes answers of commands until the screen shows all of texts.
func (d *Driver) Wait(texts ...string) {
	d.t.Helper()
	d.WaitFor(strings.Join(texts, ", "), func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
}

// Within is Wait with a deadline of its own, for what makes whole machines.
func (d *Driver) Within(deadline time.Duration, text string) {
	d.t.Helper()
	if !d.waitFor(deadline, func(screen string) bool { return strings.Contains(screen, text) }) {
		d.t.Fatalf("waited %v for %s; the screen is\n%s", deadline, text, d.Screen())
	}
}

// WaitGone takes answers until the screen does not show text any more.
func (d *Driver) WaitGone(text string) {
	d.t.Helper()
	d.WaitFor(text+" to be gone", func(screen string) bool { return !strings.Contains(screen, text) })
}

// WaitFor takes answers until met is true of the screen, and fails the test
// when it does not get so.
func (d *Driver) WaitFor(what string, met func(screen string) bool) {
	d.t.Helper()
	if !d.waitFor(Deadline, met) {
		d.t.Fatalf("waited for %s; the screen is\n%s", what, d.Screen())
	}
}

// WaitFinished takes answers until the program ends.
func (d *Driver) WaitFinished() {
	d.t.Helper()
	d.WaitFor("the program to end", func(string) bool { return d.finished })
}

func (d *Driver) waitFor(deadline time.Duration, met func(screen string) bool) bool {
	timer := time.NewTimer(deadline)
	defer timer.Stop()
	for !met(d.Screen()) {
		if !d.pump(timer.C) {
			return met(d.Screen())
		}
	}
	return true
}
