package console

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"

	"groundwork.dev/bootstrap/internal/event"
)

// repeatWait is how often a wait whose cause stays the same is written again,
// to show that it goes on.
const repeatWait = 30 * time.Second

// changeWait is how often one is whose cause keeps changing: with hundreds of
// machines, another is the last at every look.
const changeWait = 5 * time.Second

// text writes one line for each event, with the time since the first.
type text struct {
	mu       sync.Mutex
	out      io.Writer
	terminal terminal
	start    time.Time
	waiting  event.Wait // the last that was written
	waitedAt time.Time
	machines map[string]whereabouts // as they were last written
}

// whereabouts is what of a machine is worth a line when it changes. What is
// said of it changes far more often, and the waits quote what matters.
type whereabouts struct {
	stage   event.Stage
	address string
}

func newText(w io.Writer, t terminal) *text {
	return &text{out: w, terminal: t, machines: map[string]whereabouts{}}
}

// Emit implements event.Sink.
func (t *text) Emit(e event.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	if t.start.IsZero() {
		t.start = e.Time
	}
	if !t.worthALine(e) {
		return
	}
	word, line := Describe(e)
	if line != "" {
		t.line(e, word, line)
	}
	if report, ok := e.Report.(fmt.Stringer); ok {
		fmt.Fprintf(t.out, "\n%s\n", strings.TrimRight(report.String(), "\n"))
	}
}

func (t *text) line(e event.Event, word, line string) {
	head := fmt.Sprintf("%8s  %-8s", clock(e.Time.Sub(t.start)), word)
	line = oneLine(line)
	if e.Remedy != "" {
		line += "; remedy: " + oneLine(e.Remedy)
	}
	// Only what is soon superseded may be cut off.
	if e.Kind == event.Waiting || e.Kind == event.MachineMoved {
		line = t.terminal.cut(line, len(head)+1)
	}
	fmt.Fprintln(t.out, t.terminal.paint(colourOf(e), head), line)
}

// worthALine reports whether e says something new; a wait also when it has
// been silent for long.
func (t *text) worthALine(e event.Event) bool {
	if m := e.Machine; m != nil && e.Kind == event.MachineMoved {
		now := whereabouts{m.Stage, m.Address}
		moved := t.machines[m.Name] != now
		t.machines[m.Name] = now
		return moved
	}
	if e.Kind != event.Waiting {
		return true
	}
	if e.Wait == nil {
		return false
	}
	least := time.Duration(0)
	switch {
	case *e.Wait == t.waiting:
		least = repeatWait
	case e.Wait.For == t.waiting.For:
		least = changeWait
	}
	if e.Time.Sub(t.waitedAt) < least {
		return false
	}
	t.waiting, t.waitedAt = *e.Wait, e.Time
	return true
}

// Describe is the word and the line that stand for an event, wherever it is
// shown. The line may have line breaks where what it quotes does.
func Describe(e event.Event) (word, line string) {
	switch e.Kind {
	case event.StepStarted:
		return "start", e.Message
	case event.StepFinished:
		return "done", e.Message + " (" + seconds(e.Elapsed) + ")"
	case event.StepSkipped:
		return "skip", e.Message + ": done already"
	case event.StepUndone:
		return "undone", e.Message + " (" + seconds(e.Elapsed) + ")"
	case event.StepFailed:
		return "FAILED", e.Message
	case event.Waiting:
		return "waiting", describeWait(e)
	case event.MachineMoved:
		return "machine", describeMachine(e)
	case event.Checked:
		return "check", describeCheck(e)
	case event.Warning:
		return "WARNING", e.Message
	case event.Reported:
		return "report", e.Message
	case event.Notice:
	}
	return "note", e.Message
}

func describeWait(e event.Event) string {
	line := "for " + e.Wait.For
	if e.Wait.Machines > 1 {
		line += fmt.Sprintf(" (%d of %d)", e.Wait.Ready, e.Wait.Machines)
	}
	line += " on " + e.Wait.Object
	if waited := e.Time.Sub(e.Wait.Since); !e.Wait.Since.IsZero() && waited >= time.Second {
		line += ", " + seconds(waited.Seconds())
	}
	return said(line, e.Wait.LastWord)
}

func describeMachine(e event.Event) string {
	m := e.Machine
	if m == nil {
		return e.Message
	}
	line := m.Name
	if m.Role != "" { // logs of earlier releases leave it out
		line += " (" + m.Role + ")"
	}
	line += ": " + string(m.Stage)
	if m.Address != "" {
		line += " " + m.Address
	}
	return said(line, m.LastWord)
}

func said(line, lastWord string) string {
	if lastWord == "" {
		return line
	}
	return line + ": " + lastWord
}

func describeCheck(e event.Event) string {
	c := e.Check
	if c == nil {
		return e.Message
	}
	line := fmt.Sprintf("%-7s  %s", c.Result, c.Name)
	if c.Result == event.Failed || c.Result == event.Warned {
		line = fmt.Sprintf("%-7s  %s: want %s", strings.ToUpper(string(c.Result)), c.Name, c.Want)
		if c.Found != "" {
			line += ", found " + c.Found
		}
	} else if c.Found != "" {
		line += ": " + c.Found
	}
	if c.Remedy != "" && e.Remedy == "" {
		line += "; remedy: " + c.Remedy
	}
	return line
}

// clock is how long something is since the start: "1:05.3", "2:00:00.0".
func clock(d time.Duration) string {
	tenths := d.Milliseconds() / 100
	minutes := fmt.Sprintf("%d", tenths/600)
	if tenths >= 36000 {
		minutes = fmt.Sprintf("%d:%02d", tenths/36000, tenths/600%60)
	}
	return fmt.Sprintf("%s:%02d.%d", minutes, tenths/10%60, tenths%10)
}

// seconds is a duration in the fewest figures that tell it.
func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", s)
	}
	return d.Round(time.Second).String()
}

// oneLine puts a text of several lines on one, and keeps what another
// program said from moving the cursor or changing colours.
func oneLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return printable(strings.Join(lines, " "))
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
