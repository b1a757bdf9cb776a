package ui

import (
	"strings"

	"groundwork.dev/bootstrap/internal/console"
)

// Failure says what err says in lines of at most width cells: what was
// attempted, on what, why it failed, and what to do next.
func (t *Theme) Failure(err error, width int) []string {
	told := console.Tell(err)
	var lines []string
	for i, line := range Wrap(Clean(strings.TrimSpace(told.Summary)), width-2) {
		mark := "  "
		if i == 0 {
			mark = t.Bad.Render(t.Glyphs.Failed) + " "
		}
		lines = append(lines, mark+line)
	}
	for _, part := range []struct{ name, text string }{
		{"Object", told.Object}, {"Cause", told.Cause}, {"Remedy", told.Remedy}, {"Also", strings.Join(told.Also, "\n")},
	} {
		lines = append(lines, t.part(part.name, part.text, width)...)
	}
	return lines
}

// part is a text with its name before it, and its further lines below.
func (t *Theme) part(name, text string, width int) []string {
	const indent = 9
	text = Clean(strings.TrimSpace(text))
	if text == "" {
		return nil
	}
	lines := []string{""}
	for i, line := range Wrap(text, width-indent) {
		before := strings.Repeat(" ", indent)
		if i == 0 {
			before = t.Faint.Render(t.Fit("  "+name, indent))
		}
		lines = append(lines, before+line)
	}
	return lines
}
