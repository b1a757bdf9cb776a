package tuitest

import (
	"testing"

	"groundwork.dev/bootstrap/tui/app"
	"groundwork.dev/bootstrap/tui/ui"
)

// Open starts the program with first as its first screen, on a terminal of
// width by height cells. Its screens are closed with the test.
func Open(t testing.TB, env *ui.Env, first ui.Screen, width, height int) *Driver {
	t.Helper()
	program := app.New(env, first)
	t.Cleanup(program.Close)
	return New(t, program, width, height)
}
