package form

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/tui/ui"
)

// besideWidth is the least at which form and YAML are both worth reading.
const besideWidth = 92

// mode is where the YAML stands.
type mode int

const (
	beside mode = iota
	full
	off
)

// pane shows the configuration as it becomes.
type pane struct {
	mode    mode
	entered []string // when the page was entered
	lines   []string
	changed []bool // since then
	// last is the line that changed last; it is followed until scrolled.
	last, offset int
	following    bool
	height       int
}

// enter begins a page: nothing has changed yet.
func (p *pane) enter(text string) {
	p.entered = split(text)
	p.lines, p.changed = p.entered, make([]bool, len(p.entered))
}

// show takes the configuration after an answer.
func (p *pane) show(text string) {
	lines := split(text)
	if slices.Equal(lines, p.lines) {
		return
	}
	_, p.last = changes(p.lines, lines)
	p.following = true
	p.lines = lines
	p.changed, _ = changes(p.entered, lines)
}

func split(text string) []string {
	return strings.Split(strings.TrimRight(text, "\n"), "\n")
}

// at is where it stands in so much width.
func (p *pane) at(width int) mode {
	if p.mode == beside && width < besideWidth {
		return off
	}
	return p.mode
}

func (p *pane) full() bool { return p.mode == full }

func (p *pane) cycle(width int) {
	switch p.at(width) {
	case beside:
		p.mode = full
	case full:
		p.mode = off
	case off:
		p.mode = beside
		if width < besideWidth {
			p.mode = full
		}
	}
}

// key scrolls it while it has the whole screen.
func (p *pane) key(msg tea.KeyMsg) tea.Cmd {
	by := 0
	switch {
	case key.Matches(msg, ui.Keys.Back):
		p.mode = beside
	case key.Matches(msg, ui.Keys.Up):
		by = -1
	case key.Matches(msg, ui.Keys.Down):
		by = 1
	case key.Matches(msg, ui.Keys.PageUp):
		by = -p.height
	case key.Matches(msg, ui.Keys.PageDown):
		by = p.height
	case key.Matches(msg, ui.Keys.Top):
		by = -len(p.lines)
	case key.Matches(msg, ui.Keys.Bottom):
		by = len(p.lines)
	}
	if by != 0 {
		p.following = false
		p.offset += by
	}
	return nil
}

// view draws it; changed lines have a mark, which needs no colours.
func (p *pane) view(t *ui.Theme, width, height int) []string {
	p.height = height
	if p.following && (p.last < p.offset || p.last >= p.offset+height) {
		p.offset = p.last - height/3
	}
	p.offset = max(0, min(p.offset, len(p.lines)-height))
	var drawn []string
	for i := p.offset; i < min(p.offset+height, len(p.lines)); i++ {
		text := t.Cut(ui.Clean(p.lines[i]), width-2)
		if p.changed[i] {
			drawn = append(drawn, t.Accent.Render(t.Glyphs.Running+" "+text))
			continue
		}
		if name, value, ok := strings.Cut(text, ": "); ok {
			text = t.Faint.Render(name+":") + " " + t.Text.Render(value)
		} else {
			text = t.Faint.Render(text)
		}
		drawn = append(drawn, "  "+text)
	}
	return drawn
}

// yaml is the configuration without what must not be seen. Logins are not part
// of it; that none can slip in is made sure here all the same.
func (m *Model) yaml() string {
	text := m.doc.YAML()
	for i := range m.fields {
		value := ""
		if m.fields[i].Kind == Secret {
			value = m.fields[i].Answer()
		}
		if value == "" || !strings.Contains(text, value) {
			continue
		}
		lines := strings.Split(text, "\n")
		for j, line := range lines {
			name, said, ok := strings.Cut(line, ": ")
			if ok && strings.Trim(said, `"' `) == value {
				lines[j] = name + ": " + secret.Redacted
			}
		}
		text = strings.Join(lines, "\n")
	}
	return text
}
