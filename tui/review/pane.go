package review

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"groundwork.dev/bootstrap/tui/ui"
)

// pane shows the configuration: it scrolls, and finds text.
type pane struct {
	env    *ui.Env
	text   []string // the lines of the configuration
	lines  []string // those lines, wrapped to width
	width  int
	offset int
	height int // when it was drawn last

	input   textinput.Model
	typing  bool
	matches []int // lines that hold what is searched for
	match   int   // the one that is shown
}

func newPane(env *ui.Env, text string) *pane {
	input := textinput.New()
	input.Prompt = "/"
	input.Cursor.SetMode(cursor.CursorStatic)
	input.Cursor.Style = env.Theme.Selected
	p := &pane{env: env, text: strings.Split(strings.TrimRight(ui.Clean(text), "\n"), "\n"), input: input, height: 1}
	p.lines = p.text
	return p
}

// wrap breaks the lines that are longer than the pane is wide: a key or a
// certificate has to be read to its end.
func (p *pane) wrap(width int) {
	if width == p.width {
		return
	}
	p.width, p.lines = width, nil
	for _, line := range p.text {
		p.lines = append(p.lines, strings.Split(ansi.Hardwrap(line, width, true), "\n")...)
	}
	p.find()
}

// search begins to ask for what to find.
func (p *pane) search() {
	p.typing = true
	p.input.SetValue("")
	p.input.Focus()
	p.find()
}

// clear ends a search. It reports whether there was one.
func (p *pane) clear() bool {
	was := p.typing || p.input.Value() != ""
	p.typing = false
	p.input.Blur()
	p.input.SetValue("")
	p.matches = nil
	return was
}

// keep leaves what is found marked, and stops asking.
func (p *pane) keep() {
	p.typing = false
	p.input.Blur()
}

func (p *pane) edit(msg tea.KeyMsg) tea.Cmd {
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(msg)
	p.find()
	return cmd
}

// find looks for what was typed, and shows the first from here on.
func (p *pane) find() {
	p.matches, p.match = nil, 0
	wanted := strings.ToLower(p.input.Value())
	if wanted == "" {
		return
	}
	for i, line := range p.lines {
		if strings.Contains(strings.ToLower(line), wanted) {
			p.matches = append(p.matches, i)
		}
	}
	for i, line := range p.matches {
		if line >= p.offset {
			p.match = i
			break
		}
	}
	p.show()
}

// step shows the next match, or the one before.
func (p *pane) step(by int) {
	if n := len(p.matches); n > 0 {
		p.match = (p.match + by + n) % n
		p.show()
	}
}

func (p *pane) show() {
	if len(p.matches) == 0 {
		return
	}
	if line := p.matches[p.match]; line < p.offset || line >= p.offset+p.height {
		p.scroll(line - p.height/3 - p.offset)
	}
}

func (p *pane) scroll(by int) {
	p.offset = max(0, min(p.offset+by, len(p.lines)-p.height))
}

// view draws the pane; its last line says where it stands.
func (p *pane) view(width, height int) []string {
	t := &p.env.Theme
	p.height = max(height-1, 1)
	p.wrap(width)
	p.scroll(0)
	var lines []string
	for i := p.offset; i < min(p.offset+p.height, len(p.lines)); i++ {
		lines = append(lines, p.line(i, width))
	}
	for len(lines) < p.height {
		lines = append(lines, "")
	}
	return append(lines, t.Cut(p.status(width), width))
}

// line draws one line of YAML: the key stands out against its value.
func (p *pane) line(i, width int) string {
	t := &p.env.Theme
	text := t.Cut(p.lines[i], width)
	if len(p.matches) > 0 {
		if found := p.mark(i, text); found != "" {
			return found
		}
	}
	key, value, isPair := strings.Cut(text, ":")
	if text == "---" || !isPair || (value != "" && value[0] != ' ') {
		return t.Text.Render(text)
	}
	return t.Accent.Render(key) + t.Text.Render(":"+value)
}

// mark draws a line with what was found in it, "" where there is nothing.
func (p *pane) mark(i int, text string) string {
	wanted := strings.ToLower(p.input.Value())
	lower := strings.ToLower(text)
	at := strings.Index(lower, wanted)
	if at < 0 || len(lower) != len(text) {
		return ""
	}
	t := &p.env.Theme
	style := t.Warning
	if i == p.matches[p.match] {
		style = t.Selected
	}
	return t.Text.Render(text[:at]) + style.Render(text[at:at+len(wanted)]) + t.Text.Render(text[at+len(wanted):])
}

func (p *pane) status(width int) string {
	t := &p.env.Theme
	where := fmt.Sprintf("lines %d to %d of %d", p.offset+1, min(p.offset+p.height, len(p.lines)), len(p.lines))
	found := ""
	switch n := len(p.matches); {
	case p.input.Value() == "":
		found = "/ searches"
	case n == 0:
		found = "not found"
	default:
		found = fmt.Sprintf("%d of %d", p.match+1, n)
	}
	if p.typing {
		p.input.Width = max(width-len(where)-len(found)-8, 8)
		shown := p.input.View()
		if t.Selected.Render(" ") == " " { // no colours: nothing shows the cursor
			shown = "/" + t.CutLeft(p.input.Value(), p.input.Width) + "_"
		}
		return shown + t.Faint.Render("  "+found)
	}
	if value := p.input.Value(); value != "" {
		found = "/" + value + "  " + found + ", n for the next"
	}
	return t.Faint.Render(where + ", " + found)
}
