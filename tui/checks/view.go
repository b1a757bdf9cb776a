package checks

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/ui"
)

const (
	nameWidth = 34
	timeWidth = 8
	// indent is that of details, below the name.
	indent = 4
	// labelWidth is that of "Wanted" and its like.
	labelWidth = 8
)

// View implements ui.Screen.
func (s *Screen) View(width, height int) string {
	theme := &s.env.Theme
	foot := s.foot(width)
	head := []string{s.subject(), s.summary(), ""}
	s.width, s.height = width, max(height-len(head)-len(foot), 1)

	var list []string
	if s.err != nil {
		list = s.broken(width)
	}
	rows := s.rows()
	for i, row := range rows {
		lines := s.lines(row, width)
		if i == s.cursor {
			lines[0] = theme.Accent.Render(theme.Glyphs.Cursor) + lines[0][1:]
		}
		list = append(list, lines...)
	}
	s.offset = max(0, min(s.offset, len(list)-s.height))
	shown := list[s.offset:min(s.offset+s.height, len(list))]
	if below := len(list) - s.offset - len(shown); below > 0 {
		foot[0] = theme.Faint.Render(fmt.Sprintf("  %d more lines below", below))
	}
	return strings.Join([]string{
		theme.Fill(head, width, len(head)), theme.Fill(shown, width, s.height), theme.Fill(foot, width, len(foot)),
	}, "\n")
}

// subject is what is checked.
func (s *Screen) subject() string {
	theme := &s.env.Theme
	config := s.options.Config
	return theme.Title.Render("Cluster "+ui.Clean(config.Cluster.Name)) + theme.Text.Render(" "+ui.Clean(site(config, s.options.Rehearsal)))
}

// summary is how it went, or goes.
func (s *Screen) summary() string {
	theme := &s.env.Theme
	if s.run.active {
		made := len(s.results) - s.count("")
		since := s.env.Now().Sub(s.run.since)
		return theme.Accent.Render(s.spinner()) + fmt.Sprintf(" checking, %d done, %s", made, duration(since))
	}
	var parts []string
	add := func(n int, style lipgloss.Style, text string) {
		if n > 0 {
			parts = append(parts, style.Render(fmt.Sprintf("%d %s", n, text)))
		}
	}
	warnings := "warnings"
	if s.count(event.Warned) == 1 {
		warnings = "warning"
	}
	add(s.count(event.Failed), theme.Bad, "failed")
	add(s.count(event.Warned), theme.Warning, warnings)
	add(s.count(event.Skipped), theme.Faint, "not made")
	add(s.count(event.Passed), theme.Good, "passed")
	if len(parts) == 0 {
		parts = append(parts, "no check was made")
	}
	return strings.Join(parts, ", ") + theme.Faint.Render(" in "+duration(s.took))
}

// site says where the cluster is to be.
func site(config *v1alpha1.Config, rehearsal bool) string {
	switch {
	case rehearsal:
		return "on a simulated site"
	case config.VSphereDatacenter != nil:
		return "on " + config.VSphereDatacenter.Spec.Server
	case config.SSHDatacenter != nil:
		return fmt.Sprintf("on %d hosts over SSH", len(config.SSHDatacenter.Spec.Hosts))
	}
	return "on this site"
}

func (s *Screen) spinner() string {
	frames := s.env.Theme.Glyphs.Spinner
	return frames[s.run.frame%len(frames)]
}

// lines draws a row; the first begins with a blank for the cursor.
func (s *Screen) lines(r row, width int) []string {
	theme := &s.env.Theme
	if r.kind == fold {
		text, hint := fmt.Sprintf("%d checks passed", s.count(event.Passed)), "enter shows them"
		if s.count(event.Passed) == 1 {
			text = "1 check passed"
		}
		if r.open {
			hint = "enter hides them"
		}
		return []string{"  " + theme.Good.Render(theme.Glyphs.Done) + " " + theme.Text.Render(text) + theme.Faint.Render("  "+hint)}
	}
	glyph, style := s.glyph(r.check.Result)
	note, took := "", ""
	if r.check.Seconds >= 0.05 { // less would be 0.0
		took = duration(time.Duration(r.check.Seconds * float64(time.Second)))
	}
	switch {
	case r.check.Result == event.Warned && !s.run.active && s.accepted[acceptance{r.check.Name, r.check.Found}]:
		note = theme.Good.Render("accepted")
	case r.check.Result == event.Warned && !s.run.active:
		note = theme.Warning.Render("to be accepted: space")
	case !r.open:
		note = theme.Faint.Render(oneLine(r.check.Found))
	}
	room := width - indent - timeWidth
	line := theme.Fit(theme.Text.Render(ui.Clean(r.check.Name)), nameWidth) + " " + note
	first := "  " + style.Render(glyph) + " " + theme.Fit(line, room) + theme.Faint.Render(theme.FitRight(took, timeWidth))
	lines := []string{first}
	if !r.open {
		return lines
	}
	for _, part := range []struct{ label, text string }{
		{"Wanted", r.check.Want}, {"Found", r.check.Found}, {"Remedy", r.check.Remedy},
	} {
		lines = append(lines, s.detail(part.label, part.text, width)...)
	}
	return append(lines, "")
}

// detail is a labelled text, wrapped; nothing for an empty one.
func (s *Screen) detail(label, text string, width int) []string {
	text = strings.TrimSpace(ui.Clean(text))
	if text == "" {
		return nil
	}
	theme := &s.env.Theme
	style := theme.Text
	if label == "Remedy" {
		style = theme.Accent
	}
	var lines []string
	for i, line := range ui.Wrap(text, width-indent-labelWidth) {
		if i > 0 {
			label = ""
		}
		lines = append(lines, strings.Repeat(" ", indent)+theme.Faint.Render(theme.Fit(label, labelWidth))+style.Render(line))
	}
	return lines
}

func (s *Screen) glyph(result event.CheckResult) (string, lipgloss.Style) {
	theme := &s.env.Theme
	switch result {
	case event.Passed:
		return theme.Glyphs.Done, theme.Good
	case event.Warned:
		return theme.Glyphs.Warning, theme.Warning
	case event.Failed:
		return theme.Glyphs.Failed, theme.Bad
	case event.Skipped:
		return theme.Glyphs.Skipped, theme.Faint
	}
	return s.spinner(), theme.Accent
}

// broken says why there is no preflight at all.
func (s *Screen) broken(width int) []string {
	lines := s.env.Theme.Failure(s.err, width-2)
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return append(lines, "")
}

// foot is what to do next, at the bottom, and the button for it.
func (s *Screen) foot(width int) []string {
	theme := &s.env.Theme
	var text string
	failed := s.count(event.Failed)
	switch {
	case s.run.active:
		return []string{"", theme.Faint.Render("  Nothing is changed at the site."), ""}
	case s.err != nil:
		text = "The checks could not be made. Correct what is said above, then check again."
	case failed > 0:
		text = "Do what each failed check asks for, then check again."
	case s.unaccepted() > 0:
		text = "Nothing failed. The warnings have to be accepted before it goes on."
	default:
		text = "The site is ready."
	}
	label := "  " + theme.Text.Render("[ "+s.button().label+" ]")
	if s.onButton() {
		label = theme.Accent.Render(theme.Glyphs.Cursor) + " " + theme.Selected.Render("[ "+s.button().label+" ]")
	}
	return []string{"", theme.Text.Render("  " + text), label}
}

// duration is short and steady: tenths below ten seconds.
func duration(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
}

func oneLine(text string) string { return strings.Join(strings.Fields(ui.Clean(text)), " ") }
