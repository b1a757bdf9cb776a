package form

import (
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/tui/ui"
)

// formWidth is the least that the form has beside the YAML.
const formWidth = 54

// View draws the page into width by height cells.
func (m *Model) View(width, height int) string {
	t := &m.env.Theme
	m.width, m.height = width, height
	switch m.pane.at(width) {
	case full:
		return t.Fill(m.pane.view(t, width, height), width, height)
	case off:
		return t.Fill(m.form(width, height), width, height)
	}
	left := max(formWidth, width*11/20)
	rule := strings.TrimSuffix(strings.Repeat(t.Border.Render(t.Glyphs.Vertical)+"\n", height), "\n")
	return t.Fill(t.Columns(1,
		ui.Block{Text: t.Fill(m.form(left, height), left, height), Width: left},
		ui.Block{Text: rule, Width: 1},
		ui.Block{Text: t.Fill(m.pane.view(t, width-left-3, height), width-left-3, height), Width: width - left - 3},
	), width, height)
}

// form is the page without the YAML: the intro, the rows, which scroll, what
// follows from them, and at the bottom, in a fixed place, the help and what is
// wrong with the focused field.
func (m *Model) form(width, height int) []string {
	t := &m.env.Theme
	tall := 0
	if height >= 30 {
		tall = 1
	}
	lines := fitted(t, t.Faint.Render, "", clean(m.page.Intro), width, 2+tall)
	helpHeight, troubleHeight := 2+tall, 3+tall
	below := m.below(width, max(2, height/4))
	room := height - len(lines) - 1 - len(below) - 1 - helpHeight - troubleHeight
	if least := 4; room < least {
		cut := min(least-room, len(below))
		below, room = below[:len(below)-cut], room+cut
	}
	rows, above, hidden := m.visible(width, max(room, 1))
	lines = append(lines, more(t, above, "above"))
	lines = append(lines, rows...)
	for range room - len(rows) {
		lines = append(lines, "")
	}
	lines = append(lines, below...)
	rule := more(t, hidden, "below")
	rule += t.Border.Render(strings.Repeat(t.Glyphs.Horizontal, max(width-ui.Width(rule), 0)))
	lines = append(lines, rule)
	lines = append(lines, pad(m.help(width, helpHeight), helpHeight)...)
	return append(lines, pad(m.wrong(width, troubleHeight), troubleHeight)...)
}

func more(t *ui.Theme, lines int, where string) string {
	if lines <= 0 {
		return ""
	}
	return t.Faint.Render(fmt.Sprintf("    %d more %s ", lines, where))
}

func pad(lines []string, height int) []string {
	for len(lines) < height {
		lines = append(lines, "")
	}
	return lines[:height]
}

// below are the actions and notes, the worst first where not all fit.
func (m *Model) below(width, most int) []string {
	t := &m.env.Theme
	var lines []string
	if actions := m.actions(); len(actions) > 0 {
		var said []string
		for _, a := range actions {
			said = append(said, a.Key+" "+a.Label)
		}
		lines = fitted(t, t.Accent.Render, "  ", clean(strings.Join(said, "  "+t.Glyphs.Bullet+"  ")), width, 2)
	}
	if m.action.running {
		lines = append(lines, t.Cut(t.Faint.Render("  "+m.spinner()+" "+clean(m.action.label)), width))
	}
	notes := m.notes()
	slices.SortStableFunc(notes, func(a, b Note) int { return int(b.Level) - int(a.Level) })
	for i, note := range notes {
		glyph, style := t.Glyphs.Bullet, t.Faint
		switch note.Level {
		case Warning:
			glyph, style = t.Glyphs.Warning, t.Warning
		case Error:
			glyph, style = t.Glyphs.Failed, t.Bad
		}
		said := fitted(t, style.Render, "  "+glyph+" ", clean(note.Text), width, 3)
		left := most - len(lines)
		if len(said) > left || len(said) == left && i < len(notes)-1 {
			return append(lines, t.Faint.Render(fmt.Sprintf("    %d more notes", len(notes)-i)))
		}
		lines = append(lines, said...)
	}
	return lines
}

// help is of the focused field.
func (m *Model) help(width, most int) []string {
	t := &m.env.Theme
	f := m.focused()
	switch {
	case f != nil:
		return fitted(t, t.Text.Render, "", clean(f.Help), width, most)
	case len(m.rows) > 0:
		return fitted(t, t.Text.Render, "", "Settings that are seldom changed. Their defaults are good for most sites.", width, most)
	}
	return nil
}

// wrong is what is wrong with the focused field, and what to do.
func (m *Model) wrong(width, most int) []string {
	t := &m.env.Theme
	f := m.focused()
	if f == nil {
		return nil
	}
	if message, remedy, ok := m.trouble(f); ok {
		first := most
		if remedy != "" {
			first--
		}
		lines := fitted(t, t.Bad.Render, t.Glyphs.Failed+" ", clean(message), width, first)
		return append(lines, fitted(t, t.Text.Render, "  ", clean(remedy), width, most-len(lines))...)
	}
	if c := m.options(f); m.open == nil && c != nil && c.err != nil {
		said := "The choices could not be loaded: " + clean(c.err.Error())
		lines := fitted(t, t.Warning.Render, t.Glyphs.Warning+" ", said, width, most-1)
		return append(lines, fitted(t, t.Text.Render, "  ", "ctrl+r tries again.", width, 1)...)
	}
	return nil
}
