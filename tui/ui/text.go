package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Width is how many cells the widest line of s takes.
func Width(s string) int {
	widest := 0
	for line := range strings.SplitSeq(s, "\n") {
		widest = max(widest, ansi.StringWidth(line))
	}
	return widest
}

// Cut shortens one line to width cells, with an ellipsis where it was longer.
func (t *Theme) Cut(s string, width int) string {
	if width <= 0 {
		return ""
	}
	if ansi.StringWidth(s) <= width {
		return s
	}
	return ansi.Truncate(s, width, t.Glyphs.Ellipsis)
}

// CutLeft shortens one line at its beginning: of a path the end says more.
func (t *Theme) CutLeft(s string, width int) string {
	if width <= 0 {
		return ""
	}
	all := ansi.StringWidth(s)
	if all <= width {
		return s
	}
	return ansi.TruncateLeft(s, all-width+1, t.Glyphs.Ellipsis)
}

// Fit makes one line exactly width cells wide: cut or filled with blanks.
func (t *Theme) Fit(s string, width int) string {
	s = t.Cut(s, width)
	if missing := width - ansi.StringWidth(s); missing > 0 {
		return s + strings.Repeat(" ", missing)
	}
	return s
}

// FitRight is Fit with the blanks before, for numbers.
func (t *Theme) FitRight(s string, width int) string {
	s = t.Cut(s, width)
	if missing := width - ansi.StringWidth(s); missing > 0 {
		return strings.Repeat(" ", missing) + s
	}
	return s
}

// Wrap breaks text into lines of at most width cells, between words where it
// can and within them where it must.
func Wrap(text string, width int) []string {
	if width <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(text, width, ""), "\n")
}

// Fill makes lines exactly height many, each at most width cells.
func (t *Theme) Fill(lines []string, width, height int) string {
	out := make([]string, max(height, 0))
	for i := range out {
		if i < len(lines) {
			out[i] = t.Cut(lines[i], width)
		}
	}
	return strings.Join(out, "\n")
}

// Columns draws blocks side by side, each with its width in cells, and gap
// blanks between them. It is as high as the highest of them.
func (t *Theme) Columns(gap int, blocks ...Block) []string {
	height := 0
	split := make([][]string, len(blocks))
	for i, b := range blocks {
		split[i] = strings.Split(b.Text, "\n")
		height = max(height, len(split[i]))
	}
	space := strings.Repeat(" ", gap)
	lines := make([]string, height)
	for row := range lines {
		var b strings.Builder
		for i, block := range blocks {
			if i > 0 {
				b.WriteString(space)
			}
			text := ""
			if row < len(split[i]) {
				text = split[i][row]
			}
			b.WriteString(t.Fit(text, block.Width))
		}
		lines[row] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// Block is a column of Columns.
type Block struct {
	Text  string
	Width int
}
