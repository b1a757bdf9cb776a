package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminalTimeout is for a machine that is busy with other things.
const terminalTimeout = time.Minute

// TestOnATerminal runs the command without arguments on a terminal.
func TestOnATerminal(t *testing.T) {
	for _, test := range []struct {
		name, shows, answer, ends string
		args, env                 []string
		code                      int
	}{
		{"screens", "Virtual machines on vSphere", "\x03", "\x1b[?1049l", nil, []string{"TERM=xterm"}, 0},
		{"a serial console", "Virtual machines on vSphere", "\x1b", "\x1b[?1049l", nil, []string{"TERM=vt100"}, 0},
		{"a screen reader", "What do you want to do", "leave\r", "leave", []string{"--accessible"}, []string{"TERM=xterm"}, 0},
		{"a screen reader by the environment", "Your choice", "leave\r", "leave", nil, []string{"TERM=dumb", "ACCESSIBLE=1"}, 0},
		{"a dumb terminal", "generate config", "", "TERM says", nil, []string{"TERM=dumb"}, 2},
		{"CI", "generate config", "", "CI is set", nil, []string{"TERM=xterm", "CI=true"}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			program, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			command := exec.CommandContext(t.Context(), program, test.args...)
			command.Args[0] = "bootstrap" // which TestMain knows
			command.Env = append([]string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}, test.env...)
			terminal, err := pty.StartWithSize(command, &pty.Winsize{Cols: 80, Rows: 24})
			if err != nil {
				t.Fatal(err)
			}
			defer terminal.Close()
			late := time.AfterFunc(terminalTimeout, func() { _ = command.Process.Kill() })
			defer late.Stop()
			written := follow(terminal, test.shows, test.answer)
			err = command.Wait()
			if code := command.ProcessState.ExitCode(); code != test.code {
				t.Errorf("it ends with %d (%v), want %d", code, err, test.code)
			}
			for _, text := range []string{test.shows, test.ends} {
				if !bytes.Contains(written, []byte(text)) {
					t.Errorf("it does not write %q but %q", text, written)
				}
			}
		})
	}
}

// follow answers once shows was written, and is all that was written.
func follow(terminal *os.File, shows, answer string) []byte {
	var written []byte
	answered := answer == ""
	buffer := make([]byte, 4096)
	for {
		n, err := terminal.Read(buffer)
		written = append(written, buffer[:n]...)
		if err != nil { // the program has ended
			return written
		}
		if !answered && bytes.Contains(written, []byte(shows)) {
			answered = true
			_, _ = terminal.WriteString(answer)
		}
	}
}
