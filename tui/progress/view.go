package progress

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"groundwork.dev/bootstrap/tui/ui"
)

// pane is what is shown below the steps.
type pane int

const (
	resultPane pane = iota // once there is one
	machinesPane
	logPane
	eventsPane
)

// panes are those that there are, in order.
func (m *Model) panes() []pane {
	if m.over() {
		return []pane{resultPane, machinesPane, logPane, eventsPane}
	}
	return []pane{machinesPane, logPane, eventsPane}
}

// View implements ui.Screen.
func (m *Model) View(width, height int) string {
	lines := []string{m.summary(width)}
	switch {
	case m.detail != "":
		lines = append(lines, "")
		lines = append(lines, m.page.view(&m.env.Theme, m.details(width), width, height-len(lines))...)
	case m.pane == resultPane:
		lines = append(lines, m.tabs(width))
		lines = append(lines, m.page.view(&m.env.Theme, m.resultText(width), width, height-len(lines))...)
	default:
		lines = append(lines, m.stepsView(width, stepsHeight(height))...)
		lines = append(lines, m.tabs(width))
		lines = append(lines, m.paneView(width, height-len(lines))...)
	}
	if m.prompt != nil {
		for len(lines) < height {
			lines = append(lines, "")
		}
		lines[height-1] = m.prompt.view(&m.env.Theme, width)
	}
	return m.env.Theme.Fill(lines, width, height)
}

func (m *Model) paneView(width, height int) []string {
	if s := m.stream(); s != nil {
		return s.view(width, height)
	}
	return m.tableView(width, height)
}

// summary says in one line what goes on and for how long.
func (m *Model) summary(width int) string {
	theme := &m.env.Theme
	text, style := m.headline()
	right := m.times()
	room := width - ui.Width(right) - 2
	return style.Render(theme.Fit(text, room)) + "  " + theme.Faint.Render(right)
}

// headline is what goes on.
func (m *Model) headline() (string, lipgloss.Style) {
	t := &m.env.Theme
	site := ""
	if m.rehearsal {
		site = " on a simulated site"
	}
	switch m.state {
	case working:
		if m.watched != nil && m.watched.Running != nil {
			return fmt.Sprintf("%s: process %d on %s works on it", orWork(m.watched.Running.Command), m.watched.Running.PID, m.watched.Running.Host), t.Title
		}
		return "Creating " + m.name + site, t.Title
	case stopping:
		return "Stopping: what is in hand is ended, and the state kept", t.Warning
	case succeeded:
		return t.Glyphs.Done + " " + m.name + " is ready" + site, t.Good
	case failed:
		return t.Glyphs.Failed + " The " + m.command() + " of " + m.name + site + " failed", t.Bad
	case stopped:
		return t.Glyphs.Warning + " The " + m.command() + " of " + m.name + site + " was stopped", t.Warning
	case gone:
	}
	return m.name + " has no state on this machine any more", t.Title
}

func orWork(command string) string {
	if command == "" {
		return "working"
	}
	return command
}

// command is what is, or was, done to the cluster: "create".
func (m *Model) command() string {
	if m.watched != nil && strings.HasPrefix(m.watched.Command, "delete") {
		return "deletion"
	}
	return "create"
}

// times says how long it has taken, and how long it still takes.
func (m *Model) times() string {
	if m.over() {
		if m.state == gone {
			return ""
		}
		return exact(m.elapsed())
	}
	so := whole(m.elapsed())
	if m.glance != nil {
		return so + ", not seen since: " + m.env.Theme.Cut(oneLine(m.glance.Error()), 30)
	}
	if m.state == stopping || m.command() != "create" {
		return so
	}
	if rest, known := left(m.estimate, &m.steps, m.begun, m.env.Now()); known {
		return so + ", " + about(rest) + " left"
	}
	if m.estimate.Total > 0 && m.elapsed() > m.estimate.Total {
		return so + ", longer than expected"
	}
	return so
}

// tabs names the panes.
func (m *Model) tabs(width int) string {
	theme := &m.env.Theme
	var parts []string
	used := 0
	for _, p := range m.panes() {
		label, style := m.label(p), theme.Faint
		if p == m.pane {
			label, style = theme.Glyphs.Cursor+" "+label, theme.Focused
		} else {
			label = "  " + label
		}
		used += ui.Width(label) + 2
		parts = append(parts, style.Render(label))
	}
	line := strings.Join(parts, "  ")
	if rest := width - used; rest > 0 {
		line += "  " + theme.Border.Render(strings.Repeat(theme.Glyphs.Horizontal, rest))
	}
	return line
}

func (m *Model) label(p pane) string {
	switch p {
	case resultPane:
		return "Result"
	case machinesPane:
		if n := len(m.machines.rows); n > 0 {
			return fmt.Sprintf("Machines %d of %d ready", m.machines.ready, n)
		}
		return "Machines"
	case logPane:
		return "Log"
	case eventsPane:
	}
	switch m.warnings {
	case 0:
		return "Events"
	case 1:
		return "Events, 1 warning"
	}
	return fmt.Sprintf("Events, %d warnings", m.warnings)
}
