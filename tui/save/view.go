package save

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/ui"
)

// label is the width of what stands before an answer.
const label = 10

// View implements ui.Screen.
func (s *Screen) View(width, height int) string {
	theme := &s.env.Theme
	s.input.Width = max(width-label-2, 1)
	typed := s.input.Value()
	absolute, err := filepath.Abs(expand(typed))
	if err != nil {
		absolute = expand(typed)
	}
	readers := "Everybody on this machine can read it (mode 0644): it holds no secret."
	if s.private {
		readers = "Only you can read it (mode 0600): it holds a secret."
	}
	head := []string{
		theme.Text.Render("The configuration as it stands. The file alone is enough to repeat the run."),
		"",
		theme.Focused.Render("File") + strings.Repeat(" ", label-len("File")) + s.input.View(),
		strings.Repeat(" ", label) + theme.Faint.Render(theme.CutLeft(absolute, width-label)),
		"",
		theme.Faint.Render(readers),
		"",
	}
	foot := s.problem()
	room := height - len(head) - len(foot)
	lines := append(head, s.matches(width, room)...)
	body := theme.Fill(lines, width, height-len(foot))
	return body + "\n" + theme.Fill(foot, width, len(foot))
}

// matches are what can be completed to, in at most room lines.
func (s *Screen) matches(width, room int) []string {
	theme := &s.env.Theme
	if room < 2 {
		return nil
	}
	if s.unread != nil {
		return []string{theme.Faint.Render("The folder " + theme.CutLeft(s.listed, width-30) + " cannot be read.")}
	}
	all := matching(s.entries, s.input.Value())
	if len(all) == 0 {
		return nil
	}
	lines := []string{theme.Header.Render("Folders and configuration files there")}
	room--
	first := 0
	if len(all) > room {
		room-- // for the last line
		first = max(0, min(s.chosen-room/2, len(all)-room))
	}
	last := min(first+room, len(all))
	for i := first; i < last; i++ {
		if i == s.chosen {
			lines = append(lines, theme.Selected.Render(theme.Glyphs.Cursor+" "+all[i].String()))
		} else {
			lines = append(lines, strings.Repeat(" ", ui.Width(theme.Glyphs.Cursor)+1)+theme.Text.Render(all[i].String()))
		}
	}
	if last-first < len(all) {
		lines = append(lines, theme.Faint.Render(fmt.Sprintf("  %d of %d; type to see fewer", last-first, len(all))))
	}
	return lines
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
		theme.Bad.Render(theme.Glyphs.Failed + " " + text),
		theme.Text.Render(strings.Repeat(" ", ui.Width(theme.Glyphs.Failed)+1) + failure.Remedy(s.err)),
	}
}
