package ui_test

import (
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/creack/pty"

	_ "groundwork.dev/bootstrap/tui/ui"
)

// TestTerminalIsNotAsked runs this test program again, on a terminal that
// answers nothing: no other test, since all that matters is its beginning.
func TestTerminalIsNotAsked(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	again := exec.Command(program, "-test.run=^TestEnvironmentIsGivenBack$", "-test.v")
	again.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CI=") })
	again.Env = append(again.Env, "TERM=xterm-256color", "ENVIRONMENT_OF_TEST=1")
	terminal, err := pty.Start(again)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	written, _ := io.ReadAll(terminal) // ends with EIO when the program does
	if err := again.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, written)
	}
	if strings.Contains(string(written), "\x1b") {
		t.Errorf("the terminal was asked: %q", written)
	}
}

func TestEnvironmentIsGivenBack(t *testing.T) {
	if os.Getenv("ENVIRONMENT_OF_TEST") == "" {
		return // it is the terminal's test that runs this without CI
	}
	if value, set := os.LookupEnv("CI"); set {
		t.Errorf("CI is %q", value)
	}
}
