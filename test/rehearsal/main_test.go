// Package rehearsal_test runs the real binary through whole rehearsals: it
// creates clusters on simulated sites, kills it, lets the sites fail and
// searches what it wrote for secrets.
package rehearsal_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"groundwork.dev/bootstrap/internal/create"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

// example is the configuration of `make demo`: 3 control-plane machines and 2
// workers.
const (
	example         = "../../examples/vsphere.yaml"
	exampleName     = "demo"
	exampleMachines = 5
)

// binary is the tool, built for these tests.
var binary string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bootstrap-")
	if err == nil {
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "bootstrap")
		var out []byte
		out, err = exec.Command("go", "build", "-o", binary, "../../cmd/bootstrap").CombinedOutput()
		os.Stderr.Write(out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the tool:", err)
		return 1
	}
	return m.Run()
}

// tool runs the binary over one state directory.
type tool struct {
	state string
	env   []string
}

func newTool(t *testing.T) *tool {
	t.Helper()
	s := &tool{state: t.TempDir()}
	t.Cleanup(func() {
		if left := processes(s.state); len(left) > 0 {
			t.Errorf("processes are left over: %v", left)
		}
	})
	return s
}

// command is one that works on the state directory.
func (s *tool) command(ctx context.Context, args ...string) *exec.Cmd {
	return s.stateless(ctx, append(args, "--state-dir", s.state)...)
}

// stateless is one that works without.
func (s *tool) stateless(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), s.env...)
	return cmd
}

// result is what a finished command has left.
type result struct {
	code           failure.Code
	stdout, stderr string
}

func (s *tool) run(t *testing.T, args ...string) result {
	t.Helper()
	return finish(t, s.command(t.Context(), args...))
}

// finish runs cmd to its end.
func finish(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %v: %v", cmd.Args, err)
	}
	return result{failure.Code(cmd.ProcessState.ExitCode()), stdout.String(), stderr.String()}
}

// create runs a rehearsed create of the example.
func (s *tool) create(t *testing.T, args ...string) result {
	t.Helper()
	return s.run(t, append([]string{"create", "cluster", "-f", example, "--rehearse", "-o", "json"}, args...)...)
}

func (r result) mustSucceed(t *testing.T) result {
	t.Helper()
	if r.code != failure.OK {
		t.Fatalf("exit code %d\nstdout:\n%s\nstderr:\n%s", r.code, tail(r.stdout), r.stderr)
	}
	return r
}

// events are the JSON lines that the command wrote.
func (r result) events(t *testing.T) []event.Event {
	t.Helper()
	var events []event.Event
	for line := range linesOf(strings.NewReader(r.stdout)) {
		var e event.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("stdout holds a line that is no event: %q: %v", line, err)
		}
		events = append(events, e)
	}
	return events
}

// report is the report at the end of a create.
func (r result) report(t *testing.T) create.Report {
	t.Helper()
	var report create.Report
	for _, e := range r.events(t) {
		if e.Kind != event.Reported {
			continue
		}
		text, err := json.Marshal(e.Report)
		if err == nil {
			err = json.Unmarshal(text, &report)
		}
		if err != nil {
			t.Fatalf("read the report: %v", err)
		}
		return report
	}
	t.Fatalf("there is no report among the events:\n%s", tail(r.stdout))
	return report
}

// processes are the running ones that have the state directory in their
// command line.
func processes(state string) []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, _ := os.ReadFile(file)
		if text := strings.ReplaceAll(string(line), "\x00", " "); strings.Contains(text, state) {
			found = append(found, filepath.Base(filepath.Dir(file))+" "+text)
		}
	}
	return found
}

// gone waits until no process works on the state directory any more.
func gone(t *testing.T, state string) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		return len(processes(state)) == 0, nil
	})
	if err != nil {
		t.Fatalf("processes are left over: %v", processes(state))
	}
}

// tail is the end of a long text.
func tail(text string) string {
	const most = 8 << 10
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
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
