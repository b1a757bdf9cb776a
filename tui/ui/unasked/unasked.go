// Package unasked keeps every command of the program from asking its terminal
// for the background colour. Bubble Tea's init does that, for all programs
// that import it: it writes to the terminal, takes what is typed ahead for the
// answer, and waits for up to five seconds where none comes, as on scripted
// terminals and some serial lines.
//
// It has to be initialised before Bubble Tea. Go initialises the first package
// by import path whose imports are initialised ("Program initialization" in
// the language's specification). This one imports nothing but os, and Bubble
// Tea imports os/exec and os/signal: they come after os like this one, and
// after it by name.
package unasked

import "os"

// variable is what termenv takes for the sign that there is no person.
const variable = "CI"

var before, was = os.LookupEnv(variable)

func init() {
	_ = os.Setenv(variable, "true")
}

// Done gives the environment back. The package that needs Bubble Tea calls it
// in its own init, which is after that of Bubble Tea.
func Done() {
	if was {
		_ = os.Setenv(variable, before)
		return
	}
	_ = os.Unsetenv(variable)
}
