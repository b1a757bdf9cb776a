package review

import (
	"fmt"
	"strings"
	"time"

	"groundwork.dev/bootstrap/tui/ui"
)

const (
	// besideFrom is the width from which both parts fit beside each other, and
	// summaryWidth is then the summary's.
	besideFrom   = 110
	summaryWidth = 56

	labelWidth = 14
)

// View implements ui.Screen.
func (s *Screen) View(width, height int) string {
	t := &s.env.Theme
	foot := []string{"", s.buttonLine()}
	room := height - len(foot)
	var body []string
	s.beside = width >= besideFrom
	switch {
	case s.beside:
		left := s.summary(summaryWidth)
		left = append(left, make([]string, max(room-len(left), 0))...)[:room]
		right := append([]string{t.Header.Render("Effective configuration")}, s.pane.view(width-summaryWidth-3, room-1)...)
		for i := range right {
			right[i] = t.Border.Render(t.Glyphs.Vertical) + " " + right[i]
		}
		body = t.Columns(1, ui.Block{Text: strings.Join(left, "\n"), Width: summaryWidth},
			ui.Block{Text: strings.Join(right, "\n"), Width: width - summaryWidth - 1})
	case s.paneOnly:
		body = append([]string{t.Header.Render("Effective configuration") + t.Faint.Render("  ctrl+y shows the summary")}, s.pane.view(width, room-1)...)
	default:
		body = s.scrolled(s.summary(width), room)
	}
	return t.Fill(body, width, room) + "\n" + t.Fill(foot, width, len(foot))
}

func (s *Screen) buttonLine() string {
	t := &s.env.Theme
	var parts []string
	for i, b := range s.buttons() {
		label := "[ " + b.label + " ]"
		if i == s.button {
			parts = append(parts, t.Accent.Render(t.Glyphs.Cursor)+" "+t.Selected.Render(label))
		} else {
			parts = append(parts, "  "+t.Text.Render(label))
		}
	}
	return strings.Join(parts, "  ")
}

// scrolled are the lines of the summary that are shown, where not all fit.
func (s *Screen) scrolled(lines []string, room int) []string {
	if len(lines) <= room {
		s.offset = 0
		return lines
	}
	s.offset = max(0, min(s.offset, len(lines)-room+1))
	end := s.offset + room - 1
	return append(lines[s.offset:end:end], s.env.Theme.Faint.Render(fmt.Sprintf("lines %d to %d of %d", s.offset+1, end, len(lines))))
}

// summary is what is to be made, where, and how long it takes.
func (s *Screen) summary(width int) []string {
	t := &s.env.Theme
	config := s.options.Config
	lines := []string{t.Title.Render("Cluster "+ui.Clean(config.Cluster.Name)) +
		t.Text.Render(", Kubernetes "+string(config.Cluster.Spec.KubernetesVersion))}
	lines = append(lines, s.facts(site(config), width)...)
	if s.beside {
		lines = append(lines, "")
	}
	if !s.options.RehearsalOnly {
		lines = append(lines, s.estimate("Create takes", false, width)...)
	}
	if config.VSphereDatacenter != nil {
		lines = append(lines, s.estimate("Rehearsal", true, width)...)
	}
	lines = append(lines, s.warning(width)...)
	all := groups(config)
	lines = append(append(lines, ""), s.table(all, total(all), width)...)
	if s.objects > 0 {
		lines = append(lines, t.Faint.Render(fmt.Sprintf("from %d objects in the bootstrap cluster", s.objects)))
	}
	return lines
}

// facts are drawn beside each other where there is room, to leave it to what
// is below.
func (s *Screen) facts(facts []fact, width int) []string {
	t := &s.env.Theme
	var lines []string
	if width < ui.MinWidth {
		for _, f := range facts {
			lines = append(lines, s.fact(f.name, ui.Clean(f.value), width))
		}
		return lines
	}
	half := width / 2
	rows := (len(facts) + 1) / 2
	for i := range rows {
		line := s.fact(facts[i].name, ui.Clean(facts[i].value), half-2)
		if i+rows < len(facts) {
			line = t.Fit(line, half) + s.fact(facts[i+rows].name, ui.Clean(facts[i+rows].value), width-half)
		}
		lines = append(lines, line)
	}
	return lines
}

func (s *Screen) fact(name, value string, width int) string {
	t := &s.env.Theme
	return t.Faint.Render(t.Fit(name, labelWidth)) + t.Value.Render(t.CutLeft(value, width-labelWidth))
}

// table lists the groups of machines and their sum.
func (s *Screen) table(all []group, sum group, width int) []string {
	t := &s.env.Theme
	sizes := sum.cpus > 0
	row := func(name, count, cpus, memory, disk string) string {
		line := t.Fit(name, 18) + t.FitRight(count, 8)
		if sizes {
			line += t.FitRight(cpus, 7) + t.FitRight(memory, 12) + t.FitRight(disk, 11)
		}
		return line
	}
	lines := []string{t.Header.Render(row("To be made", "count", "CPUs", "memory", "disk"))}
	for _, g := range all {
		count := fmt.Sprint(g.count)
		if g.most > g.count {
			count += fmt.Sprintf("..%d", g.most)
		}
		line := row(ui.Clean(g.name), count, fmt.Sprint(g.cpus), gib(g.memoryMiB), fmt.Sprintf("%d GiB", g.diskGiB))
		if used := ui.Width(line); g.on != "" && width-used > 8 {
			line += t.Faint.Render("  " + t.CutLeft(ui.Clean(g.on), width-used-2))
		}
		lines = append(lines, line)
	}
	together := row("together", fmt.Sprint(sum.count), fmt.Sprint(sum.cpus), gib(sum.memoryMiB), fmt.Sprintf("%d GiB", sum.diskGiB))
	return append(lines, t.Title.Render(together))
}

// estimate is the expected time and what it is taken from.
func (s *Screen) estimate(name string, rehearsal bool, width int) []string {
	t := &s.env.Theme
	e, known := s.estimates[rehearsal]
	value := t.Glyphs.Ellipsis
	switch {
	case known && e.Total > 0:
		value = about(e.Total)
		if e.Basis != "" {
			value += ", by " + e.Basis
		}
	case known:
		value = "not known"
	}
	var lines []string
	for i, line := range ui.Wrap(ui.Clean(value), width-labelWidth) {
		if i > 0 {
			name = ""
		}
		lines = append(lines, t.Faint.Render(t.Fit(name, labelWidth))+t.Value.Render(line))
	}
	return lines
}

// warning says what an earlier run has left.
func (s *Screen) warning(width int) []string {
	t := &s.env.Theme
	var text []string
	if s.err != nil {
		text = append(text, "What an earlier run has left is not known: "+s.err.Error())
	}
	for _, rehearsal := range []bool{false, true} {
		now, ok := s.known[rehearsal]
		if !ok || (now.begun == nil && now.cluster.Running == nil) {
			continue
		}
		what := "A cluster of this name was begun before."
		if rehearsal {
			what = "It was rehearsed before."
		}
		if now.cluster.Running != nil {
			what = strings.TrimSuffix(what, ".") + ", and a process works on it now."
		}
		text = append(text, what)
	}
	if s.options.RehearsalOnly {
		text = append(text, "The site has not passed its checks: only a rehearsal can be made.")
	}
	var lines []string
	for _, one := range text {
		for i, line := range ui.Wrap(ui.Clean(one), width-2) {
			mark := " "
			if i == 0 {
				mark = t.Warning.Render(t.Glyphs.Warning)
			}
			lines = append(lines, mark+" "+t.Text.Render(line))
		}
	}
	return lines
}

// about is a duration as one says it: nobody knows the seconds of an hour.
func about(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("about %d s", max(int(d.Round(time.Second).Seconds()), 1))
	case d < 2*time.Minute:
		return "about a minute"
	case d < time.Hour:
		return fmt.Sprintf("about %d minutes", int(d.Round(time.Minute).Minutes()))
	}
	return fmt.Sprintf("about %.1f hours", d.Hours())
}
