package wizard

import (
	"strings"

	"groundwork.dev/bootstrap/tui/ui"
)

const (
	// listFrom is the width from which the pages are listed beside the
	// questions, and listWidth is the list's, its line included.
	listFrom  = 110
	listWidth = 27
)

// View implements ui.Screen.
func (w *Wizard) View(width, height int) string {
	if w.jump != nil {
		return w.jump.view(&w.env.Theme, width, height)
	}
	if width < listFrom {
		return w.body(width, height)
	}
	t := &w.env.Theme
	list := w.list(height)
	body := strings.Split(w.body(width-listWidth-1, height), "\n")
	lines := make([]string, height)
	for i := range lines {
		own := ""
		if i < len(body) {
			own = body[i]
		}
		lines[i] = strings.TrimRight(t.Fit(list[i], listWidth-2)+" "+t.Border.Render(t.Glyphs.Vertical)+" "+own, " ")
	}
	return t.Fill(lines, width, height)
}

func (w *Wizard) body(width, height int) string {
	if w.editor != nil {
		return w.editor.View(width, height)
	}
	return w.viewEnd(width, height)
}

// listed is a page in a list of them.
type listed struct {
	page  int
	title string
	mark  mark
}

// listing are the pages that matter, and the end.
func (w *Wizard) listing() []listed {
	marks := w.marks()
	var all []listed
	for _, i := range w.visible() {
		all = append(all, listed{i, w.pages[i].Title, marks[i]})
	}
	return append(all, listed{len(w.pages), endTitle, marks[len(w.pages)]})
}

// list draws the pages beside the questions, the current one always among
// them.
func (w *Wizard) list(height int) []string {
	t := &w.env.Theme
	lines := make([]string, height)
	all := w.listing()
	first := 0
	for n, one := range all {
		if one.mark == current {
			first = max(0, min(n-height/2, len(all)-height))
		}
	}
	for n, one := range all[first:] {
		if n >= height {
			break
		}
		lines[n] = line(t, one, t.Glyphs.Cursor)
	}
	return lines
}

// line draws one page of a list; here is the glyph of the current one.
func line(t *ui.Theme, one listed, here string) string {
	glyph, style := t.Glyphs.Waiting, t.Faint
	text := t.Faint
	switch one.mark {
	case current:
		glyph, style, text = here, t.Accent, t.Focused
	case wrong:
		glyph, style, text = t.Glyphs.Failed, t.Bad, t.Text
	case done:
		glyph, style, text = t.Glyphs.Done, t.Good, t.Text
	}
	return style.Render(glyph) + " " + text.Render(one.title)
}
