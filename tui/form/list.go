package form

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

// list is open under a field that has options. huh's own selects draw every
// option for every key, several times, which hundreds of virtual machines make
// slow, and let the options scroll under a cursor that stands still.
type list struct {
	m     *Model
	id    string // the field
	kind  Kind
	free  bool // what is typed may be the answer
	start string

	line    *line
	of      source
	options *choices
	all     []Option
	shown   []Option
	picked  []string // of Choices, in their order
	// cursor is an index into shown, -1 for what is typed.
	cursor, offset, page int
}

// What stands in a list's line before something is typed.
const (
	filterHint = "(type to filter)"
	otherHint  = "(type to filter, or another value)"
)

// openList opens the focused field's list. typed goes into its line at once.
func (m *Model) openList(f *Field, typed *tea.KeyMsg) tea.Cmd {
	l := &list{m: m, id: f.ID, kind: f.Kind, free: f.FreeText, start: m.answerOf(f), page: 1}
	text, placeholder := "", filterHint
	if l.free {
		placeholder = otherHint
	}
	if l.textual() {
		text, placeholder = l.start, hint(f)
		if m.line != nil {
			text = m.line.text() // what was changed in place before
		}
	}
	if l.kind == Choices {
		l.picked = values(l.start)
	}
	l.line = newLine(&m.env.Theme, text, placeholder, false)
	m.open, m.line = l, nil
	if typed != nil {
		l.line.update(*typed)
	}
	cmd := l.load(false)
	l.filter()
	for i, o := range l.shown {
		if o.Value == l.start && l.kind == Choice {
			l.cursor = i
		}
	}
	return cmd
}

// textual says whether the line is the answer rather than a filter.
func (l *list) textual() bool { return l.kind == Text || l.kind == File }

// load asks for the options that go with what is typed.
func (l *list) load(again bool) tea.Cmd {
	f := l.m.field(l.id)
	if f == nil {
		return nil
	}
	ask := f.Options
	l.of = source{f.ID, f.optionsFor()}
	if l.kind == File && (f.Options == nil || l.line.text() != "") {
		folder, _ := splitPath(l.line.text())
		l.of, ask = source{f.ID, "folder " + folder}, readFolder(folder)
	}
	cmd := l.m.load(l.of, ask, again)
	l.received(l.m.loaded[l.of])
	return cmd
}

// received takes the options in once they are there.
func (l *list) received(c *choices) {
	l.options = c
	l.all = slices.Clone(c.options)
	if l.kind == Choices {
		// What was chosen before stays a choice, whatever is offered now.
		for _, value := range l.picked {
			if !slices.ContainsFunc(l.all, func(o Option) bool { return o.Value == value }) {
				l.all = append(l.all, Option{Value: value})
			}
		}
	}
	first := l.shown == nil
	l.filter()
	if first && l.kind == Choice {
		l.cursor = max(slices.IndexFunc(l.shown, func(o Option) bool { return o.Value == l.start }), 0)
	}
}

// filter finds what fits to the line, and puts the cursor on the first.
func (l *list) filter() {
	typed := l.line.text()
	l.shown = nil
	for _, o := range l.all {
		if l.fits(&o, typed) {
			l.shown = append(l.shown, o)
		}
	}
	if l.free && !l.textual() && typed != "" &&
		!slices.ContainsFunc(l.all, func(o Option) bool { return o.Value == typed }) {
		l.shown = append(l.shown, Option{Value: typed, Detail: "as typed"})
	}
	l.cursor, l.offset = 0, 0
	if l.textual() {
		l.cursor = -1
	}
}

func (l *list) fits(o *Option, typed string) bool {
	if l.kind == File && strings.HasPrefix(l.of.of, "folder ") {
		_, name := splitPath(typed)
		return strings.HasPrefix(o.Label, name) && (name != "" || !strings.HasPrefix(o.Label, "."))
	}
	if l.kind == Text && typed == l.start {
		return true // nothing has been typed yet
	}
	in := strings.ToLower(o.Label + " " + o.Value + " " + o.Detail)
	for word := range strings.FieldsSeq(strings.ToLower(typed)) {
		if !strings.Contains(in, word) {
			return false
		}
	}
	return true
}

func (l *list) update(msg tea.KeyMsg) tea.Cmd {
	least := 0
	if l.textual() {
		least = -1
	}
	to := func(i int) tea.Cmd {
		l.cursor = max(least, min(i, len(l.shown)-1))
		return nil
	}
	switch msg.String() {
	case "esc":
		l.m.enter()
		return nil
	case "up":
		return to(l.cursor - 1)
	case "down":
		return to(l.cursor + 1)
	case "pgup":
		return to(l.cursor - l.page)
	case "pgdown":
		return to(l.cursor + l.page)
	case "shift+tab":
		if l.kind == Choices || l.textual() {
			l.m.Commit()
		}
		l.m.enter()
		return l.m.retreat()
	case " ":
		if l.kind == Choices {
			l.toggle()
			return nil
		}
	case "tab":
		if l.kind == File && l.complete() {
			return l.load(false)
		}
		return l.take()
	case "enter":
		return l.take()
	case "/":
		if !l.textual() && !l.free && l.line.text() == "" {
			return nil // it filters already
		}
	}
	before := l.line.text()
	l.line.update(msg)
	if l.line.text() == before {
		return nil
	}
	var cmd tea.Cmd
	if l.kind == File {
		cmd = l.load(false)
	}
	l.filter()
	return cmd
}

// take makes what the cursor is on the answer and goes on.
func (l *list) take() tea.Cmd {
	answer, ok := "", true
	switch {
	case l.kind == Choices:
		answer, _ = l.answer()
	case l.cursor >= 0 && l.cursor < len(l.shown):
		answer = l.shown[l.cursor].Value
		if l.kind == File && strings.HasSuffix(answer, "/") {
			l.line = newLine(&l.m.env.Theme, answer, "", false)
			return l.load(false)
		}
	case l.textual():
		answer = l.line.text()
	default:
		ok = false // nothing fits
	}
	if !ok {
		return nil
	}
	m := l.m
	m.close()
	m.set(l.id, answer)
	m.enter()
	if f := m.focused(); f != nil && f.ID == l.id {
		if _, _, wrong := m.trouble(f); wrong {
			return nil
		}
	}
	return m.advance()
}

// toggle chooses what the cursor is on, or no longer.
func (l *list) toggle() {
	if l.cursor < 0 || l.cursor >= len(l.shown) {
		return
	}
	o := l.shown[l.cursor]
	if i := slices.Index(l.picked, o.Value); i >= 0 {
		l.picked = slices.Delete(l.picked, i, i+1)
		return
	}
	l.picked = append(l.picked, o.Value)
	if o.Value == l.line.text() { // typed: it is an option from now on
		o.Detail = ""
		l.all = append(l.all, o)
		l.line = newLine(&l.m.env.Theme, "", otherHint, false)
		l.filter()
		l.cursor = len(l.shown) - 1
	}
}

func (l *list) answer() (string, bool) {
	switch {
	case l.kind == Choices:
		text := strings.Join(l.picked, "\n")
		return text, text != strings.Join(values(l.start), "\n")
	case l.textual():
		return l.line.text(), l.line.text() != l.start
	}
	return l.start, false
}

func (l *list) keys() []key.Binding {
	keys := []key.Binding{ui.Say(ui.Keys.Choose, "take"), ui.Say(ui.Keys.DownTyping, "next"), ui.Say(ui.Keys.Back, "close")}
	if l.kind == Choices {
		keys = append([]key.Binding{key.NewBinding(key.WithKeys(" "), key.WithHelp("space", "choose"))}, keys...)
		keys[1] = ui.Say(ui.Keys.Choose, "done")
	}
	if l.options != nil && l.options.err != nil {
		keys = append([]key.Binding{ui.Keys.Retry}, keys...)
	}
	return keys
}

// values are those of Choices: one on each line.
func values(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(s string) bool { return strings.TrimSpace(s) == "" })
}
