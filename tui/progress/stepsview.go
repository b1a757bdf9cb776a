package progress

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/ui"
)

// stepsHeight is how many lines the steps get of a body's height. It does not
// depend on how many there are: what is below stays where it is.
func stepsHeight(height int) int {
	const least, most = 7, 18 // the longest create has 16 steps
	return max(least, min(most, height*2/5))
}

// stepsView draws the steps into height lines: those that have ended with
// their times, the one that runs with a bar and what it waits for.
func (m *Model) stepsView(width, height int) []string {
	var before, live []string
	for i := range m.steps.list {
		s := &m.steps.list[i]
		if s.state == stepRunning {
			live = []string{m.liveLine(s, width), m.waitLine(width)}
			continue
		}
		before = append(before, m.endedLine(s, width))
	}
	if room := height - len(live); len(before) > room {
		hidden := len(before) - room + 1
		before = append([]string{m.foldedLine(hidden, width)}, before[hidden:]...)
	}
	lines := append(before, live...)
	if len(lines) == 0 && !m.over() {
		lines = []string{m.env.Theme.Faint.Render("  Getting ready")}
	}
	for len(lines) < height {
		lines = append(lines, "")
	}
	return lines
}

// foldedLine stands for the steps that there is no room for.
func (m *Model) foldedLine(hidden, width int) string {
	var took time.Duration
	shown := 0
	for i := range m.steps.list {
		if s := &m.steps.list[i]; s.state != stepRunning && shown < hidden {
			took += s.took
			shown++
		}
	}
	text := fmt.Sprintf("%d earlier steps", hidden)
	return m.env.Theme.Faint.Render(m.stepLine(m.env.Theme.Glyphs.Done, text, exact(took), width))
}

// stepLine is a mark, a title and, at the right, a time.
func (m *Model) stepLine(mark, title, took string, width int) string {
	theme := &m.env.Theme
	const most = 100 // cells: across a wide screen the eye loses the line
	width = min(width, most)
	return " " + mark + " " + theme.Fit(oneLine(title), width-4-ui.Width(took)) + " " + took
}

func (m *Model) endedLine(s *step, width int) string {
	theme := &m.env.Theme
	g := theme.Glyphs
	mark, style, took := g.Done, theme.Text, exact(s.took)
	markStyle := theme.Good
	switch s.state {
	case stepSkipped:
		mark, markStyle, style, took = g.Skipped, theme.Faint, theme.Faint, "done before"
	case stepFailed:
		mark, markStyle, style = g.Failed, theme.Bad, theme.Bad
	case stepUndone:
		mark, markStyle, took = g.Skipped, theme.Faint, "undone"
	case stepInterrupted:
		mark, markStyle, took = g.Warning, theme.Warning, "interrupted"
	case stepDone, stepRunning:
	}
	line := m.stepLine("\x00", s.title, took, width)
	before, after, _ := strings.Cut(line, "\x00")
	return before + markStyle.Render(mark) + style.Render(after)
}

// liveLine is the step that runs.
func (m *Model) liveLine(s *step, width int) string {
	theme := &m.env.Theme
	spinner := theme.Glyphs.Spinner
	frame := spinner[int(m.env.Now().Unix())%len(spinner)]
	took := max(0, m.env.Now().Sub(s.begun))
	expected := m.estimate.Steps[s.name]
	right := whole(took)
	if expected >= time.Second {
		right += " of " + about(expected)
	}
	share, count := m.share(took, expected)
	if count != "" {
		right = count + "  " + right
	}
	if share >= 0 {
		right = bar(theme.Glyphs.BarFull, theme.Glyphs.BarEmpty, share, barWidth(width)) + "  " + right
	}
	line := m.stepLine("\x00", s.title, right, width)
	before, after, _ := strings.Cut(line, "\x00")
	return before + theme.Accent.Render(frame) + theme.Focused.Render(after)
}

func barWidth(width int) int {
	if width >= 110 {
		return 24
	}
	return 12
}

// share is how much of the step is done, as far as that is known; negative
// where it is not. Machines that are ready count, and until the next is, time
// moves the bar on within its part: it neither stands still nor goes back.
func (m *Model) share(took, expected time.Duration) (share float64, count string) {
	const nearly = 0.95 // what only time tells of is never whole
	share = -1
	if expected >= time.Second {
		share = min(nearly, took.Seconds()/expected.Seconds())
	}
	w := m.steps.wait
	if w == nil || w.Machines == 0 {
		return share, ""
	}
	ready, all := float64(w.Ready), float64(w.Machines)
	return max(ready/all, min(share, (ready+nearly)/all)), fmt.Sprintf("%d of %d", w.Ready, w.Machines)
}

func bar(full, empty string, share float64, width int) string {
	n := max(0, min(width, int(share*float64(width)+0.5)))
	return strings.Repeat(full, n) + strings.Repeat(empty, width-n)
}

// waitLine is what the step waits for, or what it did last.
func (m *Model) waitLine(width int) string {
	theme := &m.env.Theme
	text, style := "", theme.Faint
	switch w, c := m.steps.wait, m.steps.check; {
	case w != nil:
		text = "waiting for " + w.For + " on " + w.Object
		if w.LastWord != "" {
			text = w.Object + ": " + oneLine(w.LastWord)
		}
	case c != nil:
		text = fmt.Sprintf("%d checks made, last: %s", m.steps.checks, c.Name)
		style = checkStyle(theme, c, style)
	}
	return style.Render(theme.Cut("   "+text, width))
}

func checkStyle(theme *ui.Theme, c *event.Check, otherwise lipgloss.Style) lipgloss.Style {
	switch c.Result {
	case event.Failed:
		return theme.Bad
	case event.Warned:
		return theme.Warning
	case event.Passed, event.Skipped:
	}
	return otherwise
}
