package wizard

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/ui"
)

// endTitle is the title of the end, where the questions are answered.
const endTitle = "Check and create"

// end is what stands after the last page: what is still missing, or the ways
// on.
type end struct{ cursor int }

// item is one thing to choose at the end.
type item struct {
	label, detail string
	// problem is what is to be corrected, nil for a way on.
	problem *v1alpha1.Problem
	// at is the question to correct it at.
	at field
	do func() tea.Cmd
}

// ready reports whether the configuration was read as a whole, and is right.
func (w *Wizard) ready() bool {
	whole := &w.document.whole
	return whole.text == w.draft.YAML() && whole.config != nil
}

// items are what can be chosen.
func (w *Wizard) items() []item {
	var all []item
	problems := w.document.Problems()
	for i := range problems {
		p := &problems[i]
		at := w.asks(*p)
		all = append(all, item{problem: p, at: at, do: func() tea.Cmd {
			if at.page < 0 {
				return ui.Send(ui.Toast{Text: "No page asks for this. Save the configuration and change the file."})
			}
			return w.turn(at.page, at.id)
		}})
	}
	if w.ready() {
		for _, way := range []struct {
			label, detail string
			screen        func(*v1alpha1.Config) ui.Screen
		}{
			{"Check the site", "Looks at everything that the cluster will be built on, and changes nothing.", w.options.Checks},
			{"Review", "Shows the whole configuration and what will be made.", w.options.Review},
		} {
			if way.screen != nil {
				all = append(all, item{label: way.label, detail: way.detail, do: func() tea.Cmd {
					return ui.Send(ui.Open{Screen: way.screen(w.document.whole.config)})
				}})
			}
		}
	}
	return append(all, item{label: "Save", detail: "Writes the configuration to a file, which alone repeats the run.", do: w.save})
}

func (e *end) keys(w *Wizard) []key.Binding {
	return []key.Binding{ui.Say(ui.Keys.Choose, "choose"), ui.Keys.Up, ui.Keys.Down, ui.Keys.PreviousPage}
}

// atEnd moves among the items and does one.
func (w *Wizard) atEnd(msg tea.KeyMsg) tea.Cmd {
	items := w.items()
	at := min(w.end.cursor, len(items)-1)
	switch {
	case key.Matches(msg, ui.Keys.PreviousPage):
		return w.previous()
	case key.Matches(msg, ui.Keys.Up), key.Matches(msg, ui.Keys.PreviousField):
		at = max(at-1, 0)
	case key.Matches(msg, ui.Keys.Down), key.Matches(msg, ui.Keys.NextField):
		at = min(at+1, len(items)-1)
	case key.Matches(msg, ui.Keys.Top):
		at = 0
	case key.Matches(msg, ui.Keys.Bottom):
		at = len(items) - 1
	case key.Matches(msg, ui.Keys.Choose):
		return items[at].do()
	}
	w.end.cursor = at
	return nil
}

// viewEnd draws the end.
func (w *Wizard) viewEnd(width, height int) string {
	t := &w.env.Theme
	items := w.items()
	w.end.cursor = min(w.end.cursor, len(items)-1)
	var lines []string
	at := 0 // the line of the item with the cursor
	problems := 0
	for i := range items {
		if items[i].problem != nil {
			problems++
		}
	}
	head := "The questions are answered."
	switch {
	case problems == 1:
		head = "One thing is to be corrected first."
	case problems > 1:
		head = fmt.Sprintf("%d things are to be corrected first.", problems)
	case !w.ready():
		head = "The configuration is being read."
	}
	for i, one := range items {
		if i == w.end.cursor {
			at = len(lines)
		}
		lines = append(lines, w.viewItem(one, i == w.end.cursor, width)...)
		if i+1 < len(items) && one.problem != nil && items[i+1].problem == nil {
			lines = append(lines, "")
		}
	}
	if w.ready() {
		for _, note := range w.notes() {
			lines = append(lines, "")
			for n, text := range ui.Wrap(note, width-4) {
				glyph := "  "
				if n == 0 {
					glyph = t.Warning.Render(t.Glyphs.Warning) + " "
				}
				lines = append(lines, glyph+text)
			}
		}
	}
	room := max(height-2, 1)
	first := max(0, min(at-room/2, len(lines)-room))
	return t.Fill(append([]string{t.Title.Render(head), ""}, lines[first:]...), width, height)
}

func (w *Wizard) viewItem(one item, chosen bool, width int) []string {
	t := &w.env.Theme
	pointer, style := "  ", t.Text
	if chosen {
		pointer, style = t.Accent.Render(t.Glyphs.Cursor)+" ", t.Focused
	}
	if one.problem == nil {
		lines := []string{pointer + style.Render(one.label)}
		for _, text := range ui.Wrap(one.detail, width-4) {
			lines = append(lines, "    "+t.Faint.Render(text))
		}
		return lines
	}
	place, field := one.problem.Object, one.problem.Field
	if one.at.page >= 0 {
		place = w.pages[one.at.page].Title + " " + t.Glyphs.Separator + " " + one.at.title
	}
	lines := []string{t.Cut(pointer+t.Bad.Render(t.Glyphs.Failed)+" "+style.Render(place)+"  "+t.Faint.Render(field), width)}
	for _, text := range ui.Wrap(sentence(one.problem.Message), width-6) {
		lines = append(lines, "      "+text)
	}
	if chosen {
		for _, text := range ui.Wrap(sentence(one.problem.Remedy), width-6) {
			lines = append(lines, "      "+t.Faint.Render(text))
		}
	}
	return lines
}

// sentence writes a message, which continues a line elsewhere, as a sentence.
func sentence(message string) string {
	if message == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(message)
	message = string(unicode.ToUpper(first)) + message[size:]
	if strings.HasSuffix(message, ".") || strings.HasSuffix(message, "?") {
		return message
	}
	return message + "."
}

// notes are what is to be known of the configuration, each once, with the
// objects that it is about.
func (w *Wizard) notes() []string {
	var said []string
	about := map[string][]string{}
	for _, note := range w.document.whole.config.Notes() {
		text := sentence(note.Message) + " " + sentence(note.Remedy)
		if _, again := about[text]; !again {
			said = append(said, text)
		}
		about[text] = append(about[text], note.Object)
	}
	for i, text := range said {
		said[i] = strings.Join(about[text], ", ") + ": " + text
	}
	return said
}
