package form

import (
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/tui/ui"
)

// Columns of a row: the cursor and a mark, each with a blank, and the gap
// between label and answer.
const (
	margin = 4
	gap    = 2
)

// visible are the lines of the rows that fit, the focused one among them, and
// how many lines there are above and below.
func (m *Model) visible(width, height int) (lines []string, above, below int) {
	start, end := 0, 0
	for i := range m.rows {
		if i == m.focus {
			start = len(lines)
		}
		lines = append(lines, m.row(i, width, height)...)
		if i == m.focus {
			end = len(lines)
		}
	}
	m.offset = max(m.offset, end-height)
	m.offset = min(m.offset, start)
	m.offset = max(0, min(m.offset, len(lines)-height))
	last := min(m.offset+height, len(lines))
	return lines[m.offset:last], m.offset, len(lines) - last
}

// labels is the width of the column of labels; folded ones count, so that it
// stays when they are shown.
func (m *Model) labels(width int) int {
	widest := 0
	for i := range m.fields {
		widest = max(widest, ui.Width(clean(m.fields[i].Title)))
	}
	return min(widest, max(width*2/5-margin, 12))
}

func (m *Model) row(i, width, height int) []string {
	t := &m.env.Theme
	focused := i == m.focus
	cursor := "  "
	if focused {
		cursor = t.Focused.Render(t.Glyphs.Cursor) + " "
	}
	if m.rows[i].field < 0 {
		sign := "+"
		if m.unfolded {
			sign = "-"
		}
		style := t.Faint
		if focused {
			style = t.Focused
		}
		count := m.advanced()
		said := fmt.Sprintf("%s %d advanced settings", sign, count)
		if count == 1 {
			said = sign + " 1 advanced setting"
		}
		return []string{t.Cut(cursor+style.Render(said), width)}
	}
	f := &m.fields[m.rows[i].field]
	mark := "  "
	if _, _, wrong := m.trouble(f); wrong {
		mark = t.Bad.Render(t.Glyphs.Failed) + " "
	}
	label, style := m.labels(width), t.Label
	if focused {
		style = t.Focused
	}
	left := margin + label + gap
	room := max(width-left, 1)
	head := cursor + mark + style.Render(t.Fit(clean(f.Title), label)) + strings.Repeat(" ", gap)
	if !focused {
		return []string{head + m.shown(f, room)}
	}
	switch {
	case m.open != nil:
		lines := []string{head + m.open.head(room)}
		// Half of the label column is given up for long names.
		indent := min(left, max(left/2, margin+2))
		for _, line := range m.open.body(width-indent, height-1) {
			lines = append(lines, strings.Repeat(" ", indent)+line)
		}
		return lines
	case m.line != nil:
		return []string{head + m.line.view(t, room)}
	}
	return []string{head + m.shown(f, room)}
}

// shown is an answer as it stands in its row.
func (m *Model) shown(f *Field, width int) string {
	t := &m.env.Theme
	answer := m.answerOf(f)
	focused := m.focused() == f
	busy := ""
	if c := m.options(f); focused && c != nil && c.loading {
		busy = " " + t.Faint.Render(m.spinner())
	}
	switch {
	case f.Kind == Toggle:
		return m.toggled(answer == "true", focused)
	case answer == "" && f.Placeholder != "":
		return t.Cut(t.Faint.Render(hint(f))+busy, width)
	case answer == "":
		return t.Faint.Render("-") + busy
	case f.Kind == Secret:
		// Always as many: how long it is, is nobody's business.
		return t.Value.Render(strings.Repeat(t.Glyphs.Bullet, min(8, width)))
	case f.Kind == Choice:
		answer = m.labelOf(f, answer)
	case f.Kind == Choices:
		var names []string
		for _, value := range values(answer) {
			names = append(names, m.labelOf(f, value))
		}
		answer = strings.Join(names, ", ")
	case f.Kind == Lines:
		if all := strings.Split(strings.TrimRight(answer, "\n"), "\n"); len(all) > 1 {
			count := fmt.Sprintf(" (%d lines)", len(all))
			return t.Value.Render(t.Cut(clean(all[0]), max(width-len(count), 1))) + t.Faint.Render(count)
		}
	}
	answer = clean(answer)
	room := max(width-ui.Width(busy), 1)
	if strings.HasPrefix(answer, "/") && f.Kind != Choices {
		answer = t.CutLeft(answer, room)
	}
	return t.Value.Render(t.Cut(answer, room)) + busy
}

// hint is what stands where there is no answer, in brackets: without colours
// it would look like one.
func hint(f *Field) string {
	if f.Placeholder == "" {
		return ""
	}
	return "(" + clean(f.Placeholder) + ")"
}

// toggled shows both answers, so that it is seen what it can be.
func (m *Model) toggled(on, focused bool) string {
	t := &m.env.Theme
	if !focused {
		if on {
			return t.Value.Render("yes")
		}
		return t.Value.Render("no")
	}
	if on {
		return t.Focused.Render("[yes]") + t.Faint.Render("  no ")
	}
	return t.Faint.Render(" yes  ") + t.Focused.Render("[no]")
}
