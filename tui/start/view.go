package start

import (
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/ui"
)

// helpLines are below the list, for the row that is chosen: always as many.
const helpLines = 3

// View implements ui.Screen.
func (s *Screen) View(width, height int) string {
	t := &s.env.Theme
	rows := s.rows()
	at := s.at(rows)
	room := height - helpLines - 1
	lines, line := s.list(rows, at, width)
	window, more := s.window(lines, line, room)
	out := strings.Split(t.Fill(window, width, room), "\n")
	out = append(out, t.Faint.Render(t.FitRight(more, width)))
	return t.Fill(append(out, s.below(rows, at, width)...), width, height)
}

// list draws all rows under their sections, and says in which line the chosen
// one is.
func (s *Screen) list(rows []row, at, width int) (lines []string, line int) {
	t := &s.env.Theme
	titles := titleWidth(rows, width)
	section := ""
	head := func(name string) {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, t.Header.Render(name))
		section = name
	}
	for i, r := range rows {
		if r.section != section {
			head(r.section)
		}
		cursor, style := " ", t.Text
		if i == at {
			cursor, style = t.Accent.Render(t.Glyphs.Cursor), t.Focused
			line = len(lines)
		}
		text := style.Render(ui.Clean(r.title))
		if r.detail != "" {
			text = style.Render(t.Fit(ui.Clean(r.title), titles)) + "  " + t.Faint.Render(ui.Clean(r.detail))
		}
		lines = append(lines, t.Cut(cursor+" "+s.glyph(r)+text, width))
	}
	if section != known {
		head(known)
		word := "none so far"
		if !s.known {
			word = "looking" + t.Glyphs.Ellipsis
		}
		lines = append(lines, "  "+t.Faint.Render(word))
	}
	return lines, line
}

// titleWidth is that of the widest title of a row that has something beside
// it.
func titleWidth(rows []row, width int) int {
	widest := 0
	for _, r := range rows {
		if r.detail != "" {
			widest = max(widest, ui.Width(ui.Clean(r.title)))
		}
	}
	return min(max(widest, 20), width/2)
}

// glyph is the mark of a row; rows that are only begun have none.
func (s *Screen) glyph(r row) string {
	t := &s.env.Theme
	switch r.mark {
	case running:
		return t.Accent.Render(t.Glyphs.Running) + " "
	case stopped:
		return t.Warning.Render(t.Glyphs.Warning) + " "
	case done:
		return t.Good.Render(t.Glyphs.Done) + " "
	}
	if r.detail != "" {
		return "  "
	}
	return ""
}

// window is what there is room for of lines, with the chosen line in it, and
// how much is above and below.
func (s *Screen) window(lines []string, line, room int) (shown []string, more string) {
	if len(lines) <= room {
		s.first = 0
		return lines, ""
	}
	// The section's name above the first row of all is worth to be seen too.
	if line <= 1 {
		s.first = 0
	}
	s.first = min(max(s.first, line-room+1), line)
	s.first = min(max(s.first, 0), len(lines)-room)
	return lines[s.first : s.first+room], fmt.Sprintf("lines %d to %d of %d", s.first+1, s.first+room, len(lines))
}

// below says what the chosen row is about, or what goes on instead.
func (s *Screen) below(rows []row, at, width int) []string {
	t := &s.env.Theme
	var lines []string
	switch {
	case s.opening != "":
		lines = []string{t.Accent.Render(t.Glyphs.Running) + " opening " + ui.Clean(s.opening) + t.Glyphs.Ellipsis}
	case s.err != nil:
		remedy := failure.Remedy(s.err)
		lines = ui.Wrap(ui.Clean(firstLine(s.err.Error())), width-2)
		lines[0] = t.Bad.Render(t.Glyphs.Failed) + " " + lines[0]
		lines = append(lines[:min(len(lines), helpLines-1)], ui.Wrap("  "+remedy, width)...)
	case len(rows) > 0:
		for _, line := range ui.Wrap(ui.Clean(rows[at].help), width) {
			lines = append(lines, t.Faint.Render(line))
		}
	}
	return lines[:min(len(lines), helpLines)]
}
