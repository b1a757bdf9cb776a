package wizard

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/form"
)

func hidden(p *form.Page) bool { return p.Hidden != nil && p.Hidden() }

// visible are the indexes of the pages that matter after the answers so far.
func (w *Wizard) visible() []int {
	var all []int
	for i := range w.pages {
		if !hidden(&w.pages[i]) {
			all = append(all, i)
		}
	}
	return all
}

func (w *Wizard) first() int {
	for i := range w.pages {
		if !hidden(&w.pages[i]) {
			return i
		}
	}
	return len(w.pages)
}

// place says which page is open: "Network (3 of 9)".
func (w *Wizard) place() string {
	if w.current >= len(w.pages) {
		return endTitle
	}
	all := w.visible()
	for n, i := range all {
		if i == w.current {
			return fmt.Sprintf("%s (%d of %d)", w.pages[i].Title, n+1, len(all))
		}
	}
	return w.pages[w.current].Title
}

// enter opens a page, or the end after the last.
func (w *Wizard) enter(page int) {
	if w.editor != nil {
		w.editor.Close()
	}
	w.current, w.editor, w.jump, w.leavingPage = min(page, len(w.pages)), nil, nil, false
	if w.current == len(w.pages) {
		w.end = end{}
		return
	}
	if w.editors[page] == nil {
		w.editors[page] = form.New(w.env, w.pages[page], w.document)
	}
	w.editor = w.editors[page]
}

// open begins what the page that was entered needs.
func (w *Wizard) open() tea.Cmd {
	if w.editor != nil {
		return w.editor.Init()
	}
	return w.document.look()
}

// turn goes to a page, and to a field there where one is named. The page that
// is left has been seen.
func (w *Wizard) turn(page int, field string) tea.Cmd {
	if w.editor != nil {
		w.editor.Commit()
		w.seen[w.pages[w.current].ID] = true
	}
	w.enter(page)
	if field != "" && w.editor != nil {
		w.editor.FocusField(field)
	}
	cmds := []tea.Cmd{w.open()}
	if w.keeper.unsaved(w.draft) {
		cmds = append(cmds, w.keeper.write(w.entry(), w.draft))
	}
	return tea.Batch(cmds...)
}

// leavePage goes on once the files that the last answer names are read: a
// page is not left while they are wrong.
func (w *Wizard) leavePage() tea.Cmd {
	switch {
	case !w.document.namesFiles() || w.editor == nil:
		return w.next()
	case w.document.whole.text != w.draft.YAML():
		w.leavingPage = true
		return w.document.look()
	case w.editor.Check(): // with what has been read since
		return w.next()
	}
	return w.editor.Init()
}

// read takes in what files say.
func (w *Wizard) read(msg loaded) tea.Cmd {
	w.document.whole = msg
	if w.editor == nil {
		return nil
	}
	w.editor.Refresh()
	if !w.leavingPage || msg.text != w.draft.YAML() {
		return nil
	}
	w.leavingPage = false
	return w.leavePage()
}

// next goes to the page after this one, and to the end after the last.
func (w *Wizard) next() tea.Cmd {
	for i := w.current + 1; i < len(w.pages); i++ {
		if !hidden(&w.pages[i]) {
			return w.turn(i, "")
		}
	}
	return w.turn(len(w.pages), "")
}

// previous goes to the page before this one, where there is one.
func (w *Wizard) previous() tea.Cmd {
	for i := w.current - 1; i >= 0; i-- {
		if !hidden(&w.pages[i]) {
			return w.turn(i, "")
		}
	}
	return nil
}

// field is where a question stands.
type field struct {
	page      int // -1 where nothing asks for it
	id, title string
}

// asks finds the question that a problem is about: the one that names the
// place most closely, or else the first that is below it.
func (w *Wizard) asks(p v1alpha1.Problem) field {
	best, length := field{page: -1}, -1
	for i, fields := range w.questions() {
		for _, f := range fields {
			if f.Object == "" || f.Object != p.Object {
				continue
			}
			if c := closeness(f.Path, p.Field); c > length {
				best, length = field{i, f.ID, f.Title}, c
			}
		}
	}
	return best
}

// questions are those of every page, none of hidden pages. They are asked for
// once after every message.
func (w *Wizard) questions() [][]form.Field {
	if w.asked == nil {
		w.asked = make([][]form.Field, len(w.pages))
		for _, i := range w.visible() {
			w.asked[i] = w.pages[i].Visible()
		}
	}
	return w.asked
}

// closeness is how much of path a field's own path covers; 0 where it is below,
// and -1 where it is elsewhere.
func closeness(own, path string) int {
	switch {
	case within(path, own):
		return len(own)
	case within(own, path):
		return 0
	}
	return -1
}

// within reports whether path is parent or below it.
func within(path, parent string) bool {
	rest, found := strings.CutPrefix(path, parent)
	return found && (parent == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// mark is how a page stands.
type mark int

const (
	unseen mark = iota
	current
	wrong
	done
)

// marks are how the pages stand, by their index.
func (w *Wizard) marks() map[int]mark {
	marks := map[int]mark{}
	for _, i := range w.visible() {
		if w.seen[w.pages[i].ID] {
			marks[i] = done
		}
	}
	for _, p := range w.document.Problems() {
		if at := w.asks(p); at.page >= 0 && marks[at.page] == done {
			marks[at.page] = wrong
		}
	}
	marks[w.current] = current
	return marks
}
