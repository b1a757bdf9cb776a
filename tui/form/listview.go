package form

import (
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/ui"
)

// listHeight is how many options are seen at a time.
const listHeight = 8

func (l *list) head(width int) string {
	t := &l.m.env.Theme
	if l.textual() {
		return l.line.view(t, width)
	}
	return t.Accent.Render("/") + " " + l.line.view(t, width-2)
}

// body is as high while a filter is typed as it was without: what is below
// does not move.
func (l *list) body(width, height int) []string {
	t := &l.m.env.Theme
	var lines []string
	if c := l.options; c != nil && c.err != nil {
		lines = l.failed(c.err, width)
	}
	if l.options != nil && l.options.loading {
		lines = append(lines, t.Faint.Render(l.m.spinner()+" Loading the choices"))
	}
	rows := len(l.all)
	if l.free && !l.textual() {
		rows++
	}
	l.page = max(min(rows, listHeight, height-1-len(lines)), 1)
	if l.cursor >= 0 {
		l.offset = min(l.offset, l.cursor)
		l.offset = max(l.offset, l.cursor-l.page+1)
	}
	l.offset = max(0, min(l.offset, len(l.shown)-l.page))
	label := l.labelWidth(width)
	for i := l.offset; i < l.offset+l.page; i++ {
		switch {
		case i < len(l.shown):
			lines = append(lines, l.option(i, width, label))
		case rows > 0:
			lines = append(lines, "")
		}
	}
	if len(l.all) > 0 || len(lines) == 0 || l.options != nil && !l.options.loading && l.options.err == nil {
		lines = append(lines, t.Faint.Render(l.count()))
	}
	return lines
}

// failed says why there are no options, and what can be done.
func (l *list) failed(err error, width int) []string {
	t := &l.m.env.Theme
	lines := fitted(t, t.Bad.Render, t.Glyphs.Failed+" ", clean(err.Error()), width, 3)
	if remedy := failure.Remedy(err); remedy != "" {
		lines = append(lines, fitted(t, t.Text.Render, "  ", clean(remedy), width, 2)...)
	}
	try := "ctrl+r tries again."
	if l.free || l.textual() {
		try = "ctrl+r tries again; the value can also be typed."
	}
	return append(lines, fitted(t, t.Faint.Render, "  ", try, width, 2)...)
}

// count says how much of the list is seen.
func (l *list) count() string {
	switch {
	case len(l.all) == 0 && l.textual():
		return "No proposals."
	case len(l.all) == 0:
		return "There is nothing to choose from."
	case len(l.shown) == 0:
		return fmt.Sprintf("None of %d fits.", len(l.all))
	}
	said := fmt.Sprintf("%d of %d", len(l.shown), len(l.all))
	if len(l.shown) >= len(l.all) {
		said = fmt.Sprintf("%d to choose from", len(l.all))
	}
	if l.kind == Choices {
		said += fmt.Sprintf(", %d chosen", len(l.picked))
	}
	return said
}

// labelWidth leaves room for the details, which stand in a column.
func (l *list) labelWidth(width int) int {
	widest, details := 0, false
	for _, o := range l.all {
		widest = max(widest, ui.Width(clean(o.name())))
		details = details || o.Detail != ""
	}
	room := width - 2
	if l.kind == Choices {
		room -= 4
	}
	if details {
		return max(min(widest, room*3/5), 1)
	}
	return max(room, 1)
}

func (l *list) option(i, width, label int) string {
	t := &l.m.env.Theme
	o := &l.shown[i]
	cursor, mark := "  ", ""
	style := t.Text
	if i == l.cursor {
		cursor, style = t.Focused.Render(t.Glyphs.Cursor)+" ", t.Focused
	}
	if l.kind == Choices {
		mark = "[ ] "
		if slices.Contains(l.picked, o.Value) {
			mark = "[x] "
		}
	}
	name := clean(o.name())
	if strings.HasPrefix(name, "/") { // the end of a path says more
		name = t.CutLeft(name, label)
	}
	if o.Detail == "" {
		return t.Cut(cursor+style.Render(mark+t.Cut(name, width-2-len(mark))), width)
	}
	return t.Cut(cursor+style.Render(mark+t.Fit(name, label))+"  "+t.Faint.Render(clean(o.Detail)), width)
}

// name is how an option is called.
func (o *Option) name() string {
	if o.Label != "" {
		return o.Label
	}
	return o.Value
}

// fitted wraps text behind a prefix into at most most lines; the following
// ones are indented as far.
func fitted(t *ui.Theme, render func(...string) string, prefix, text string, width, most int) []string {
	if text == "" || most <= 0 {
		return nil
	}
	indent := ui.Width(prefix)
	wrapped := ui.Wrap(text, width-indent)
	if len(wrapped) > most {
		wrapped = wrapped[:most]
		last := strings.TrimRight(wrapped[most-1], " ")
		if ui.Width(last) > width-indent-1 {
			last = t.Cut(last, width-indent-1)
			last = strings.TrimSuffix(last, t.Glyphs.Ellipsis)
		}
		wrapped[most-1] = last + t.Glyphs.Ellipsis
	}
	lines := make([]string, len(wrapped))
	for i, line := range wrapped {
		if i > 0 {
			prefix = strings.Repeat(" ", indent)
		}
		lines[i] = render(prefix + line)
	}
	return lines
}
