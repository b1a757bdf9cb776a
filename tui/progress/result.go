package progress

import (
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

// showResult shows what has become of the work.
func (m *Model) showResult() {
	m.resultSeen = true
	m.detail, m.pane = "", resultPane
	m.page.reset()
}

// canRetry reports whether the create can be gone on with here.
func (m *Model) canRetry() bool {
	return m.run != nil && (m.state == failed || m.state == stopped)
}

// changesRefused reports whether the create did not begin because the
// configuration is another one than the interrupted run's. The remedy that
// names the flag is all that tells it from other faults of a configuration.
func (m *Model) changesRefused() bool {
	return failure.ExitCode(m.err) == failure.Configuration && strings.Contains(failure.Remedy(m.err), "--accept-changes")
}

// resultText is the end of the work: what to do next.
func (m *Model) resultText(width int) []string {
	t := &text{theme: &m.env.Theme, width: width}
	t.blank()
	switch m.state {
	case succeeded:
		m.successText(t)
	case failed:
		m.failureText(t)
	case stopped:
		m.stoppedText(t)
	case gone:
		t.wrapped(t.theme.Text, "It was deleted, or its state was removed: nothing is left to be watched. "+
			"What was seen last is still in the other views.")
	case working, stopping:
	}
	return t.lines
}

func (m *Model) successText(t *text) {
	if m.command() != "create" {
		t.wrapped(t.theme.Text, "The deletion has finished.")
		return
	}
	if m.rehearsal {
		t.wrapped(t.theme.Good, fmt.Sprintf("The rehearsal has made %s: %s. Nothing real was touched.", m.name, m.machineCount()))
		t.blank()
		t.field("Next", "save the configuration; the review page then makes the cluster for real, and so does")
		t.commands(" ", "bootstrap create cluster -f FILE")
		t.field("Kubeconfig", m.result.Kubeconfig+"\nThe simulated API server that it is of has ended with the rehearsal.")
	} else {
		t.wrapped(t.theme.Good, fmt.Sprintf("Cluster %s is ready: %s.", m.name, m.machineCount()))
		t.blank()
		t.field("Kubeconfig", m.result.Kubeconfig)
		t.commands("Use it", "export KUBECONFIG="+quoted(m.result.Kubeconfig), "kubectl get nodes -o wide")
		t.blank()
		t.commands("Next", "bootstrap status "+m.name, "bootstrap cilium status "+m.name,
			"bootstrap cilium connectivity "+m.name, "bootstrap delete cluster "+m.name)
	}
	t.field("Log", m.logFile())
	if m.result.Summary != "" {
		t.blank()
		t.verbatim(m.result.Summary)
	}
}

func (m *Model) failureText(t *text) {
	told := console.Tell(m.err)
	t.styled("Failed", told.Summary, t.theme.Bad)
	if at := m.lastStep(); at != "" {
		t.field("At", at)
	}
	t.field("Object", told.Object)
	t.field("Cause", told.Cause)
	t.field("Also", strings.Join(told.Also, "\n"))
	t.blank()
	t.styled("Remedy", told.Remedy, t.theme.Title)
	m.goOn(t)
	if len(m.steps.bad) > 0 {
		t.blank()
		m.checksText(t)
	}
	m.troubleText(t)
	t.blank()
	t.field("Log", m.logFile())
}

func (m *Model) stoppedText(t *text) {
	words := "Its state is kept on this machine, and so is what was made at the site."
	if at := m.lastStep(); at != "" {
		words = fmt.Sprintf("It was stopped at %q. ", at) + words
	}
	t.wrapped(t.theme.Text, words)
	t.blank()
	m.goOn(t)
	t.commands("Undo", "bootstrap delete cluster "+m.name+m.flag())
	t.blank()
	t.field("Log", m.logFile())
}

// goOn says how to go on from here.
func (m *Model) goOn(t *text) {
	switch {
	case m.changesRefused() && m.canRetry():
		t.field("Go on", "press a to consent to the changes, or go back to undo them")
	case m.canRetry():
		t.field("Go on", "press r: what is done already is not done again. Later, the start page resumes it.")
	case m.watched != nil:
		t.field("Go on", "the start page resumes it; so does the same command.")
	}
}

// lastStep is the title of the step that did not end well.
func (m *Model) lastStep() string {
	for i := len(m.steps.list) - 1; i >= 0; i-- {
		if s := &m.steps.list[i]; s.state == stepFailed || s.state == stepInterrupted {
			return s.title
		}
	}
	return ""
}

func (m *Model) checksText(t *text) {
	for i := range m.steps.bad {
		c := &m.steps.bad[i]
		glyph, style := t.theme.Glyphs.Failed, t.theme.Bad
		if c.Result == event.Warned {
			glyph, style = t.theme.Glyphs.Warning, t.theme.Warning
		}
		t.line(style, t.theme.Cut(glyph+" "+c.Name, t.width))
		t.field("  want", c.Want)
		t.field("  found", c.Found)
		t.field("  remedy", c.Remedy)
	}
}

// troubleText lists the machines that need a look, as many as make sense.
func (m *Model) troubleText(t *text) {
	const most = 5
	n := 0
	for _, at := range m.machines.rows {
		if at.trouble == well {
			continue
		}
		if n++; n == 1 {
			t.blank()
		}
		if n <= most {
			t.field(map[bool]string{true: "Machines"}[n == 1], fmt.Sprintf("%s, %s for %s: %s", at.Name, at.Stage, coarse(m.stageTime(at)),
				orNothing(oneLine(at.LastWord))))
		}
	}
	if n > 0 {
		t.field("", fmt.Sprintf("%s press n, then enter for details", map[bool]string{true: fmt.Sprintf("and %d more;", n-most)}[n > most]))
	}
}

func orNothing(word string) string {
	if word == "" {
		return "nothing is said of it"
	}
	return word
}

func (m *Model) machineCount() string {
	switch n := len(m.machines.rows); n {
	case 0:
		return "its machines are not known here"
	case 1:
		return "1 machine"
	default:
		return fmt.Sprintf("%d machines", n)
	}
}

func (m *Model) logFile() string {
	if m.reader == nil {
		return ""
	}
	return m.reader.path
}

func (m *Model) flag() string {
	if m.rehearsal {
		return " --rehearse"
	}
	return ""
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	for _, r := range path {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("/._-+:@%", r):
		default:
			return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
		}
	}
	return path
}
