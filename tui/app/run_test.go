package app_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"groundwork.dev/bootstrap/tui/app"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// console is a terminal and all that was written to it.
type console struct {
	user, program *os.File

	mu      sync.Mutex
	changed chan struct{} // closed with the next write
	written strings.Builder
}

func newConsole(t *testing.T) *console {
	t.Helper()
	user, program, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(user, &pty.Winsize{Cols: 80, Rows: 24}); err != nil {
		t.Fatal(err)
	}
	c := &console{user: user, program: program, changed: make(chan struct{})}
	t.Cleanup(func() { _, _ = user.Close(), program.Close() })
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := user.Read(buffer)
			if err != nil {
				return
			}
			c.mu.Lock()
			c.written.Write(buffer[:n])
			close(c.changed)
			c.changed = make(chan struct{})
			c.mu.Unlock()
		}
	}()
	return c
}

// wait waits until met is true of what was written.
func (c *console) wait(t *testing.T, what string, met func(written string) bool) string {
	t.Helper()
	deadline := time.After(tuitest.Deadline)
	for {
		c.mu.Lock()
		written, changed := c.written.String(), c.changed
		c.mu.Unlock()
		if met(written) {
			return written
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waited for %s; written was %q", what, written)
		}
	}
}

func (c *console) waitText(t *testing.T, text string) string {
	t.Helper()
	return c.wait(t, text, func(written string) bool { return strings.Contains(written, text) })
}

// run runs the program on a console, in the environment vars.
func run(t *testing.T, ctx context.Context, first ui.Screen, vars map[string]string) (*console, <-chan error) {
	t.Helper()
	c := newConsole(t)
	env := ui.NewEnv(ui.Options{Getenv: func(name string) string { return vars[name] }, Output: c.program})
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx, env, first, c.program, c.program) }()
	return c, ended
}

var xterm = map[string]string{"TERM": "xterm-256color", "LANG": "C.UTF-8"}

func TestRunEndsWhenItIsLeft(t *testing.T) {
	first := &page{name: "First"}
	c, ended := run(t, context.Background(), first, xterm)
	c.waitText(t, "First has 80 by 20")
	if _, err := c.user.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if first.closed != 1 {
		t.Errorf("closed %d times", first.closed)
	}
	c.waitText(t, "\x1b[?1049l") // the screen of before is back
}

func TestRunEndsWithItsContext(t *testing.T) {
	stop := errors.New("terminated")
	ctx, cancel := context.WithCancelCause(context.Background())
	first := &page{name: "First", leave: func(bool) *ui.Dialog { return stay("Stop", nil) }}
	c, ended := run(t, ctx, first, xterm)
	c.waitText(t, "First has")
	cancel(stop)
	if err := <-ended; !errors.Is(err, stop) {
		t.Errorf("it ended with %v", err)
	}
	if first.closed != 1 {
		t.Errorf("closed %d times", first.closed)
	}
}

// coloured finds SGR sequences that set a colour.
var coloured = regexp.MustCompile(`\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9]+)*m`)

func TestColours(t *testing.T) {
	for _, c := range []struct {
		name          string
		vars          map[string]string
		colours, bold bool
		ascii         bool
	}{
		{"a terminal emulator", xterm, true, true, false},
		{"NO_COLOR", map[string]string{"TERM": "xterm-256color", "LANG": "C.UTF-8", "NO_COLOR": "1"}, false, true, false},
		{"vt100", map[string]string{"TERM": "vt100", "LANG": "C.UTF-8"}, false, true, true},
		{"the console of a machine", map[string]string{"TERM": "linux", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}, true, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := &page{name: "Größe"}
			console, ended := run(t, context.Background(), first, c.vars)
			written := console.waitText(t, "help")
			if _, err := console.user.WriteString("\x03"); err != nil {
				t.Fatal(err)
			}
			<-ended
			if got := coloured.MatchString(written); got != c.colours {
				t.Errorf("colours: %t, want %t: %q", got, c.colours, written)
			}
			if got := strings.Contains(written, "\x1b[1"); got != c.bold {
				t.Errorf("bold: %t, want %t: %q", got, c.bold, written)
			}
			if strings.Contains(written, "38;2;") && c.vars["TERM"] == "linux" {
				t.Errorf("the console got colours that it does not know: %q", written)
			}
			if got := !strings.ContainsFunc(written, func(r rune) bool { return r > 126 }); got != c.ascii {
				t.Errorf("ASCII: %t, want %t: %q", got, c.ascii, written)
			}
		})
	}
}

// TestOnlyChangedLinesAreWritten presses a key that changes one line.
func TestOnlyChangedLinesAreWritten(t *testing.T) {
	first := &page{name: "First"}
	c, ended := run(t, context.Background(), first, xterm)
	before := c.waitText(t, "help")
	if _, err := c.user.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	after := c.waitText(t, "begun x")[len(before):]
	// The line, and where it stands; a whole screen has more than 1500 bytes.
	if len(after) > 150 || strings.Contains(after, "....") {
		t.Errorf("%d bytes were written for one line: %q", len(after), after)
	}
	if _, err := c.user.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	<-ended
}
