package wizard

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

// jump is the list of pages to go to.
type jump struct {
	pages  []listed
	cursor int
}

func newJump(pages []listed) *jump {
	j := &jump{pages: pages}
	for n, one := range pages {
		if one.mark == current {
			j.cursor = n
		}
	}
	return j
}

func (j *jump) keys() []key.Binding {
	return []key.Binding{ui.Say(ui.Keys.Choose, "go there"), ui.Keys.Up, ui.Keys.Down, ui.Say(ui.Keys.Back, "stay here")}
}

// pick moves in the list and goes to a page.
func (w *Wizard) pick(msg tea.KeyMsg) tea.Cmd {
	j := w.jump
	switch {
	case key.Matches(msg, ui.Keys.Back), key.Matches(msg, goTo):
		w.jump = nil
	case key.Matches(msg, ui.Keys.Up):
		j.cursor = max(j.cursor-1, 0)
	case key.Matches(msg, ui.Keys.Down):
		j.cursor = min(j.cursor+1, len(j.pages)-1)
	case key.Matches(msg, ui.Keys.Top):
		j.cursor = 0
	case key.Matches(msg, ui.Keys.Bottom):
		j.cursor = len(j.pages) - 1
	case key.Matches(msg, ui.Keys.Choose):
		w.jump = nil
		if to := j.pages[j.cursor].page; to != w.current {
			return w.turn(to, "")
		}
	}
	return nil
}

func (j *jump) view(t *ui.Theme, width, height int) string {
	lines := []string{t.Title.Render("Go to page"), ""}
	room := max(height-len(lines), 1)
	first := max(0, min(j.cursor-room/2, len(j.pages)-room))
	for n, one := range j.pages {
		if n < first {
			continue
		}
		pointer := "  "
		if n == j.cursor {
			pointer = t.Accent.Render(t.Glyphs.Cursor) + " "
		}
		if one.mark == current {
			one.title += " (here)"
		}
		lines = append(lines, pointer+line(t, one, t.Glyphs.Bullet))
	}
	return t.Fill(lines, width, height)
}
