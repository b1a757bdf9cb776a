package ui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/x/ansi"
)

// HeaderLine is the first line: the product, and how one came to this screen. The
// last crumb stays whole as long as it can.
func (t *Theme) HeaderLine(width int, product string, crumbs []string) string {
	separator := " " + t.Glyphs.Separator + " "
	for dropped := 0; ; dropped++ {
		rest := crumbs[min(dropped, len(crumbs)):]
		shown := rest
		if dropped > 0 {
			shown = append([]string{t.Glyphs.Ellipsis}, rest...)
		}
		plain := strings.Join(append([]string{product}, shown...), separator)
		if len(rest) > 1 && Width(plain) > width {
			continue
		}
		line := t.Header.Render(product)
		for i, crumb := range shown {
			style := t.Faint
			if i == len(shown)-1 {
				style = t.Title
			}
			line += t.Faint.Render(separator) + style.Render(crumb)
		}
		return t.Cut(line, width)
	}
}

// Rule is a line across the screen.
func (t *Theme) Rule(width int) string {
	return t.Border.Render(strings.Repeat(t.Glyphs.Horizontal, max(width, 0)))
}

// FooterLine is the last line: as many of the screen's keys as fit at the left,
// and those of the program at the right, where they never move.
func (t *Theme) FooterLine(width int, screen, program []key.Binding) string {
	right := t.keyLine(width, program)
	left := t.keyLine(width-Width(right)-footerGap, screen)
	gap := width - Width(left) - Width(right)
	return t.Cut(left+strings.Repeat(" ", max(gap, 0))+right, width)
}

const footerGap = 3

// keyLine names keys until the width is used up.
func (t *Theme) keyLine(width int, bindings []key.Binding) string {
	var b strings.Builder
	used := 0
	for _, binding := range bindings {
		h := binding.Help()
		if !binding.Enabled() || h.Key == "" {
			continue
		}
		wide := Width(h.Key) + 1 + Width(h.Desc)
		if used > 0 {
			wide += footerGap
		}
		if used+wide > width {
			break
		}
		if used > 0 {
			b.WriteString(strings.Repeat(" ", footerGap))
		}
		b.WriteString(t.FooterKey.Render(h.Key) + " " + t.Footer.Render(h.Desc))
		used += wide
	}
	return b.String()
}

// Bar is a bar of width cells, done between 0 and 1 of it full.
func (t *Theme) Bar(width int, done float64) string {
	width = max(width, 0)
	full := int(min(max(done, 0), 1)*float64(width) + 0.5)
	return t.Accent.Render(strings.Repeat(t.Glyphs.BarFull, full)) +
		t.Faint.Render(strings.Repeat(t.Glyphs.BarEmpty, width-full))
}

// Over draws a box in the middle of a screen of width by height cells, which
// steps back behind it.
func (t *Theme) Over(screen, box string, width, height int) string {
	lines := strings.Split(ansi.Strip(screen), "\n")
	boxLines := strings.Split(box, "\n")
	if len(boxLines) > height {
		boxLines = boxLines[:height]
	}
	wide := min(Width(box), width)
	top, left := (height-len(boxLines))/2, (width-wide)/2
	out := make([]string, height)
	for i := range out {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		row := i - top
		if row < 0 || row >= len(boxLines) {
			out[i] = t.Faint.Render(t.Cut(line, width))
			continue
		}
		before := t.Fit(ansi.Truncate(line, left, ""), left)
		after := ansi.TruncateLeft(t.Cut(line, width), left+wide, "")
		out[i] = t.Faint.Render(before) + t.Fit(boxLines[row], wide) + t.Faint.Render(after)
	}
	return strings.Join(out, "\n")
}

// Framed draws lines in a box that is width cells wide outside.
func (t *Theme) Framed(lines []string, width int) string {
	inner := max(width-t.Box.GetHorizontalFrameSize(), 1)
	for i := range lines {
		lines[i] = t.Cut(lines[i], inner)
	}
	return t.Box.Width(inner + t.Box.GetHorizontalPadding()).Render(strings.Join(lines, "\n"))
}

// Clean takes out of s what would move the cursor or change colours: texts of
// other programs may hold anything. Tabs become blanks, line ends stay.
func Clean(s string) string {
	s = strings.ReplaceAll(ansi.Strip(s), "\t", "    ")
	return strings.Map(func(r rune) rune {
		if r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0) {
			return -1
		}
		return r
	}, s)
}
