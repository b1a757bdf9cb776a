package form

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"

	"groundwork.dev/bootstrap/tui/ui"
)

// line edits one line of text.
type line struct {
	input  *huh.Input
	value  *string
	secret bool
	width  int
}

func newLine(t *ui.Theme, text, placeholder string, secret bool) *line {
	l := &line{value: &text, secret: secret, width: -1}
	echo := huh.EchoModeNormal
	if secret {
		echo = huh.EchoModePassword
	}
	l.input = huh.NewInput().Prompt("").EchoMode(echo).Placeholder(placeholder).Value(l.value)
	// Without keys: where they lead is the page's matter.
	l.input.WithTheme(t.Huh()).WithKeyMap(&huh.KeyMap{})
	// The command would make the cursor blink, and an idle screen write.
	l.input.Focus()
	return l
}

// update takes a key. The only command that an input has for one reads the
// clipboard of the machine that the program runs on, which is seldom the one
// in front of the user; what terminals paste comes as a key.
func (l *line) update(msg tea.KeyMsg) { l.input.Update(msg) }

func (l *line) text() string { return *l.value }

func (l *line) view(t *ui.Theme, width int) string {
	if width != l.width {
		l.width = width
		l.input.WithWidth(width)
		l.input.Update(nil) // moves the text to where the cursor can be seen
	}
	shown := l.input.View()
	if l.secret && l.text() != "" {
		shown = strings.ReplaceAll(shown, "*", t.Glyphs.Bullet)
	}
	return t.Cut(shown, width)
}
