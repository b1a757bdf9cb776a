// Package cli runs the built binary for tests and reads what it writes.
package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"os/exec"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

// Tool runs the binary over one state directory.
type Tool struct {
	Binary, State string
	// Env is added to the environment.
	Env []string
}

// New is the tool over an empty state directory. At the end of the test no
// process may be at work on it any more.
func New(t *testing.T, binary string) *Tool {
	t.Helper()
	tool := &Tool{Binary: binary, State: t.TempDir()}
	t.Cleanup(func() {
		if left := Processes(tool.State); len(left) > 0 {
			t.Errorf("processes are left over: %v", left)
		}
	})
	return tool
}

// Command is one that works on the state directory.
func (s *Tool) Command(ctx context.Context, args ...string) *exec.Cmd {
	return s.Stateless(ctx, append(args, "--state-dir", s.State)...)
}

// Stateless is one that works without.
func (s *Tool) Stateless(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.Binary, args...)
	cmd.Env = append(os.Environ(), s.Env...)
	return cmd
}

// Run runs a command on the state directory to its end.
func (s *Tool) Run(t *testing.T, args ...string) Result {
	t.Helper()
	return Finish(t, s.Command(t.Context(), args...))
}

// Start begins a command on the state directory and returns the lines that it
// writes to standard output.
func (s *Tool) Start(t *testing.T, args ...string) (cmd *exec.Cmd, lines iter.Seq[string], stderr *bytes.Buffer) {
	t.Helper()
	cmd, stderr = s.Command(t.Context(), args...), &bytes.Buffer{}
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, linesOf(stdout), stderr
}

// Finish runs cmd to its end.
func Finish(t *testing.T, cmd *exec.Cmd) Result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %v: %v", cmd.Args, err)
	}
	return Result{failure.Code(cmd.ProcessState.ExitCode()), stdout.String(), stderr.String()}
}

// linesOf are the lines of r until its end.
func linesOf(r io.Reader) iter.Seq[string] {
	return func(yield func(string) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 64<<20)
		for lines.Scan() {
			if !yield(lines.Text()) {
				return
			}
		}
	}
}
