package save

import (
	"errors"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/ui"
)

// View implements ui.Screen.
func (s *Screen) View(width, height int) string {
	theme := &s.env.Theme
	readers := "Everybody on this machine can read it (mode 0644): it holds no secret."
	if s.private {
		readers = "Only you can read it (mode 0600): it holds a secret."
	}
	head := []string{
		theme.Text.Render("The configuration as it stands. The file alone is enough to repeat the run."),
		theme.Faint.Render(readers),
		"",
	}
	foot := s.problem()
	return strings.Join([]string{
		theme.Fill(head, width, len(head)),
		s.field.View(width, height-len(head)-len(foot)),
		theme.Fill(foot, width, len(foot)),
	}, "\n")
}

// problem is the two lines at the bottom that say why nothing was saved.
func (s *Screen) problem() []string {
	if s.err == nil {
		return []string{"", ""}
	}
	text := s.err.Error()
	var known *failure.Error
	if errors.As(s.err, &known) {
		text = known.Summary
		if known.Err != nil {
			text += ": " + known.Err.Error()
		}
	}
	theme := &s.env.Theme
	return []string{
		theme.Bad.Render(theme.Glyphs.Failed) + " " + theme.Text.Render(ui.Clean(text)),
		"  " + theme.Text.Render(failure.Remedy(s.err)),
	}
}
