package progress

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/app"
	"groundwork.dev/bootstrap/tui/tuitest"
)

// terminal takes what the program writes.
type terminal struct {
	mu      sync.Mutex
	written bytes.Buffer
	more    chan struct{}
}

func newTerminal() *terminal { return &terminal{more: make(chan struct{}, 1)} }

func (w *terminal) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written.Write(data)
	select {
	case w.more <- struct{}{}:
	default:
	}
	return len(data), nil
}

// take waits until text has been written, and is all that was since it was
// called last.
func (w *terminal) take(t *testing.T, text string) string {
	t.Helper()
	deadline := time.After(tuitest.Deadline)
	for {
		w.mu.Lock()
		all := w.written.String()
		if strings.Contains(ansi.Strip(all), text) {
			w.written.Reset()
			w.mu.Unlock()
			return all
		}
		w.mu.Unlock()
		select {
		case <-w.more:
		case <-deadline:
			t.Fatalf("%q was not written, but %q", text, all)
		}
	}
}

// onTerminal runs a create with 500 machines in the real program.
func onTerminal(t *testing.T, width, height int) (*play, *tea.Program, *terminal) {
	t.Helper()
	p := newPlay(tuitest.ASCIIEnv())
	out := newTerminal()
	program := tea.NewProgram(app.New(p.env, New(p.env, p, request(false))),
		tea.WithInput(nil), tea.WithOutput(out), tea.WithAltScreen(), tea.WithoutSignalHandler())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if _, err := program.Run(); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { program.Quit(); <-ended })
	program.Send(tea.WindowSizeMsg{Width: width, Height: height})
	p.sink = <-p.sinks
	p.step(0, 0, "control-plane-machines", "Bring up the control plane")
	for i := range 500 {
		p.machine(0, machineName(i), wrk, "md-0", event.StageCloning, "", "cloning")
	}
	out.take(t, "0 of 500 ready")
	return p, program, out
}

func machineName(i int) string { return fmt.Sprintf("demo-md-0-6f9c4-%05d", i) }

// What does not change is not written again.
func TestOnlyChangedLinesAreWritten(t *testing.T) {
	p, program, out := onTerminal(t, 120, 40)
	out.take(t, "") // the frames that were on their way
	for range 50 {
		program.Send(second{})
	}
	p.machine(0, machineName(3), wrk, "md-0", event.StageCloning, "192.0.2.33", "cloning")
	wrote := out.take(t, "192.0.2.33")
	if lines := strings.Count(wrote, "demo-md-0-"); lines != 1 {
		t.Errorf("%d lines of machines were written: %q", lines, wrote)
	}
	if len(wrote) > 300 {
		t.Errorf("%d bytes were written for one changed line and 50 ticks: %q", len(wrote), wrote)
	}
}

// A serial line of 9600 baud carries 960 bytes a second.
func TestASerialLineKeepsUp(t *testing.T) {
	p, program, out := onTerminal(t, 80, 24)
	const seconds = 40
	bytes := 0
	for s := 1; s <= seconds; s++ {
		p.at(time.Duration(s) * time.Second)
		program.Send(second{})
		bytes += len(out.take(t, fmt.Sprintf(" %ds,", s)))
	}
	perSecond := bytes / seconds
	t.Logf("%d bytes a second while a create runs", perSecond)
	if perSecond > 480 {
		t.Errorf("%d bytes a second take more than half of a line of 9600 baud", perSecond)
	}
}
