package progress

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"groundwork.dev/bootstrap/tui/ui"
)

// page is text that scrolls.
type page struct {
	top, height, total int // as drawn last
}

func (p *page) reset() { p.top = 0 }

func (p *page) update(k tea.KeyMsg) {
	switch {
	case key.Matches(k, ui.Keys.Up):
		p.top--
	case key.Matches(k, ui.Keys.Down):
		p.top++
	case key.Matches(k, ui.Keys.PageUp):
		p.top -= p.height
	case key.Matches(k, ui.Keys.PageDown):
		p.top += p.height
	case key.Matches(k, ui.Keys.Top):
		p.top = 0
	case key.Matches(k, ui.Keys.Bottom):
		p.top = p.total
	}
	p.top = max(0, min(p.top, p.total-p.height))
}

// view draws the lines that are in sight; the last of height says whether
// there are more.
func (p *page) view(t *ui.Theme, lines []string, width, height int) []string {
	p.height, p.total = max(1, height-1), len(lines)
	p.top = max(0, min(p.top, p.total-p.height))
	end := min(p.total, p.top+p.height)
	out := append([]string{}, lines[p.top:end]...)
	for len(out) < p.height {
		out = append(out, "")
	}
	status := ""
	if p.total > p.height {
		status = t.Faint.Render(t.Cut(fmt.Sprintf("lines %d-%d of %d", p.top+1, end, p.total), width))
	}
	return append(out, status)
}

// text is a page as it is written.
type text struct {
	theme *ui.Theme
	width int
	lines []string
}

const labelWidth = 12 // cells, of the longest label and a gap

func (t *text) line(style lipgloss.Style, s string) { t.lines = append(t.lines, style.Render(s)) }
func (t *text) blank()                              { t.lines = append(t.lines, "") }

// wrapped is a paragraph.
func (t *text) wrapped(style lipgloss.Style, s string) {
	for _, part := range strings.Split(strings.TrimSpace(printable(s)), "\n") {
		for _, l := range ui.Wrap(strings.TrimRight(part, " "), t.width) {
			t.line(style, l)
		}
	}
}

// field is a label with its text beside it; nothing where there is none.
func (t *text) field(label, s string) { t.styled(label, s, t.theme.Text) }

func (t *text) styled(label, s string, style lipgloss.Style) {
	if strings.TrimSpace(s) == "" {
		return
	}
	for _, part := range strings.Split(strings.TrimSpace(printable(s)), "\n") {
		for _, l := range ui.Wrap(strings.TrimRight(part, " "), t.width-labelWidth) {
			t.lines = append(t.lines, t.theme.Faint.Render(t.theme.Fit(label, labelWidth))+style.Render(l))
			label = ""
		}
	}
}

// commands are to be copied: where they do not fit beside the label they stand
// below it, and are only broken where the terminal would break them.
func (t *text) commands(label string, commands ...string) {
	for _, c := range commands {
		if ui.Width(c) <= t.width-labelWidth {
			t.field(label, c)
			label = " "
			continue
		}
		if strings.TrimSpace(label) != "" {
			t.line(t.theme.Faint, label)
		}
		for _, l := range strings.Split(ansi.Hardwrap(c, t.width, true), "\n") {
			t.line(t.theme.Text, l)
		}
		label = " "
	}
}

// verbatim is text whose lines are not to be broken.
func (t *text) verbatim(s string) {
	for _, l := range strings.Split(strings.TrimRight(printable(s), "\n"), "\n") {
		t.line(t.theme.Text, t.theme.Cut(l, t.width))
	}
}
