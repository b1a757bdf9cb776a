package ui

import (
	"errors"
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/console"
)

// Failure says what err says in lines of at most width cells: what was
// attempted, on what, why it failed, and what to do next.
func (t *Theme) Failure(err error, width int) []string {
	var problems v1alpha1.Problems
	if errors.As(err, &problems) && len(problems) > 0 {
		return t.problems(problems, width)
	}
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

// problems says what is wrong with a configuration, one after the other.
func (t *Theme) problems(problems v1alpha1.Problems, width int) []string {
	head := fmt.Sprintf("The configuration has %d problems.", len(problems))
	if len(problems) == 1 {
		head = "The configuration has a problem."
	}
	lines := []string{t.Bad.Render(t.Glyphs.Failed) + " " + t.Cut(head, width-2)}
	for _, p := range problems {
		where := p.File
		if p.Line > 0 {
			where = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
		}
		lines = append(lines, "", "  "+t.Faint.Render(t.CutLeft(Clean(where), width-2)))
		if field := strings.TrimSpace(p.Object + " " + p.Field); field != "" {
			lines = append(lines, "  "+t.Title.Render(t.CutLeft(Clean(field), width-2)))
		}
		for _, text := range []string{p.Message, p.Remedy} {
			if text != "" {
				for _, line := range Wrap(Clean(text), width-2) {
					lines = append(lines, "  "+line)
				}
			}
		}
	}
	return lines
}
