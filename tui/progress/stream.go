package progress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/ui"
)

// stream shows a log: it follows its end until it is scrolled, wraps long
// lines on request, and shows only what holds a filter's text.
type stream struct {
	ring
	theme *ui.Theme
	// what it is a log of, for the messages and the file's name: "log".
	what   string
	follow bool
	wrap   bool
	// top is the index in shown of the first line on the screen, where it does
	// not follow.
	top    int
	height int // as it was drawn last
	width  int
}

func newStream(theme *ui.Theme, what string) *stream {
	return &stream{theme: theme, what: what, follow: true}
}

var (
	followKey = key.NewBinding(key.WithKeys("f"), key.WithHelp("f", "follow"))
	wrapKey   = key.NewBinding(key.WithKeys("w"), key.WithHelp("w", "wrap"))
	saveKey   = key.NewBinding(key.WithKeys("s", "ctrl+s"), key.WithHelp("s", "save"))
)

// update takes a key. It reports whether it was one of its own.
func (s *stream) update(k tea.KeyMsg) bool {
	page := max(1, s.height-1)
	switch {
	case key.Matches(k, ui.Keys.Up):
		s.scroll(-1)
	case key.Matches(k, ui.Keys.Down):
		s.scroll(1)
	case key.Matches(k, ui.Keys.PageUp):
		s.scroll(-page)
	case key.Matches(k, ui.Keys.PageDown):
		s.scroll(page)
	case key.Matches(k, ui.Keys.Top):
		s.follow, s.top = false, 0
	case key.Matches(k, ui.Keys.Bottom):
		s.follow = true
	case key.Matches(k, followKey):
		s.top, s.follow = s.start(), !s.follow
	case key.Matches(k, wrapKey):
		s.wrap = !s.wrap
	default:
		return false
	}
	return true
}

// scroll moves by lines of the log. At the end it follows again.
func (s *stream) scroll(by int) {
	s.top = s.start() + by
	s.follow = s.top >= s.last()
	s.top = max(0, s.top)
}

// start is the index of the first line on the screen.
func (s *stream) start() int {
	if last := s.last(); s.follow || s.top > last {
		return last
	}
	return max(0, s.top)
}

// last is the start from which the rest just fits.
func (s *stream) last() int {
	if !s.wrap {
		return max(0, len(s.shown)-s.height)
	}
	room, i := s.height, len(s.shown)
	for i > 0 {
		room -= len(s.rows(i - 1))
		if room < 0 {
			break
		}
		i--
	}
	return min(i, max(0, len(s.shown)-1))
}

// rows are the lines on the screen of one line of the log.
func (s *stream) rows(index int) []string {
	text := s.at(s.shown[index]).text
	if !s.wrap {
		return []string{s.theme.Cut(text, s.width)}
	}
	return indented(text, s.width)
}

// indented breaks text into rows, the further ones indented.
func indented(text string, width int) []string {
	const indent = "    "
	rows := ui.Wrap(text, max(20, width-len(indent)))
	for i := 1; i < len(rows); i++ {
		rows[i] = indent + rows[i]
	}
	return rows
}

// append adds lines, and holds the place on the screen where old ones make
// room.
func (s *stream) append(lines ...line) {
	lost, anchor := s.lost, -1
	if !s.follow && s.top < len(s.shown) {
		anchor = s.shown[s.top]
	}
	for _, l := range lines {
		s.add(l)
	}
	if anchor >= 0 && s.lost != lost {
		s.top, _ = slices.BinarySearch(s.shown, anchor)
	}
}

func (s *stream) setFilter(text string) {
	s.narrow(text)
	s.follow, s.top = true, 0
}

// view draws height lines; the last says how it is shown.
func (s *stream) view(width, height int) []string {
	s.width, s.height = width, max(1, height-1)
	out := make([]string, 0, height)
	for i := s.start(); i < len(s.shown) && len(out) < s.height; i++ {
		style := s.style(s.at(s.shown[i]).level)
		for _, row := range s.rows(i) {
			if len(out) < s.height {
				out = append(out, style.Render(row))
			}
		}
	}
	if len(s.shown) == 0 {
		out = append(out, s.theme.Faint.Render(s.nothing()))
	}
	for len(out) < s.height {
		out = append(out, "")
	}
	return append(out, s.theme.Faint.Render(s.theme.Cut(s.status(), width)))
}

func (s *stream) nothing() string {
	if s.filter != "" {
		return fmt.Sprintf("No line of the %s holds %q.", s.what, s.filter)
	}
	return "Nothing yet."
}

func (s *stream) status() string {
	parts := []string{"following"}
	if !s.follow {
		parts[0] = fmt.Sprintf("line %d, not following", s.start()+1+s.lost)
		if s.filter != "" {
			parts[0] = fmt.Sprintf("match %d, not following", s.start()+1)
		}
	}
	if s.wrap {
		parts = append(parts, "wrapped")
	}
	if s.filter != "" {
		parts = append(parts, fmt.Sprintf("%d of %d lines hold %q", len(s.shown), len(s.lines), s.filter))
	} else {
		parts = append(parts, fmt.Sprintf("%d lines", len(s.lines)+s.lost))
	}
	if s.lost > 0 {
		parts = append(parts, fmt.Sprintf("the last %d are kept", len(s.lines)))
	}
	return strings.Join(parts, ", ")
}

func (s *stream) style(level form.Level) lipgloss.Style {
	switch level {
	case form.Warning:
		return s.theme.Warning
	case form.Error:
		return s.theme.Bad
	case form.Info:
	}
	return s.theme.Text
}

func (s *stream) keys() []key.Binding {
	return []key.Binding{ui.Keys.Filter, followKey, wrapKey, saveKey}
}
