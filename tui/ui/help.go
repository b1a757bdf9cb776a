package ui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// Help draws all keys in a box that fits into width by height cells.
func (t *Theme) Help(title string, bindings []key.Binding, width, height int) string {
	type row struct{ keys, desc string }
	var rows []row
	keyWidth, descWidth := 0, 0
	for _, b := range bindings {
		h := b.Help()
		if !b.Enabled() || h.Key == "" {
			continue
		}
		rows = append(rows, row{h.Key, h.Desc})
		keyWidth, descWidth = max(keyWidth, Width(h.Key)), max(descWidth, Width(h.Desc))
	}
	// Border above and below, the title, a blank line, and the way out.
	const around = 6
	high := max(height-around, 1)
	columns := (len(rows) + high - 1) / high
	high = (len(rows) + max(columns, 1) - 1) / max(columns, 1)
	const gap = 3
	cell := keyWidth + 2 + descWidth
	if columns > 0 {
		most := (width - t.Box.GetHorizontalFrameSize() - gap*(columns-1)) / columns
		cell = min(cell, most)
	}
	lines := []string{t.Title.Render(title), ""}
	for i := range high {
		var b strings.Builder
		for column := range columns {
			at := column*high + i
			if at >= len(rows) {
				break
			}
			if column > 0 {
				b.WriteString(strings.Repeat(" ", gap))
			}
			b.WriteString(t.Fit(t.Accent.Render(t.Fit(rows[at].keys, keyWidth))+"  "+rows[at].desc, cell))
		}
		lines = append(lines, b.String())
	}
	lines = append(lines, "", t.Faint.Render("esc closes this"))
	widest := 0
	for _, line := range lines {
		widest = max(widest, Width(line))
	}
	return t.Framed(lines, min(widest+t.Box.GetHorizontalFrameSize(), width))
}
