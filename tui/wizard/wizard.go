// Package wizard leads through the pages of questions that make a
// configuration. It keeps the answers, so that it can be left at any moment,
// and hands the finished configuration on.
package wizard

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/ui"
	"groundwork.dev/bootstrap/tui/wizard/autosave"
)

// Options are what comes before and after the questions.
type Options struct {
	// Pages are the questions; nil are those of Pages.
	Pages []form.Page
	// StateRoot is the root of all state: what is not saved is kept below it.
	StateRoot string
	// Resumed is what the draft was kept as; zero for one that was not.
	Resumed autosave.Entry
	// Checks and Review make the screens that follow the last page, of the
	// effective configuration; nil where there is none.
	Checks, Review func(effective *v1alpha1.Config) ui.Screen
}

// Wizard is the screen. It implements ui.Screen, ui.Typing, ui.Escaper,
// ui.Leaver and ui.Closer.
type Wizard struct {
	env     *ui.Env
	options Options
	draft   *draft.Draft
	pages   []form.Page
	// current is the page that is open; the one after the last is the end.
	current int
	// editors are those of the pages that were open, by index: they know what
	// was found out for them. editor is the current page's, nil at the end.
	editors map[int]*form.Model
	editor  *form.Model
	end     end
	jump    *jump // nil while it is not shown
	seen    map[string]bool
	// asked are the questions of all pages, nil where they may have changed.
	asked [][]form.Field
	// leavingPage says that the next page is opened once files are read.
	leavingPage bool

	document *document
	keeper   *keeper
	// after is what is sent once the configuration is saved, nil for nothing.
	after tea.Msg
}

var (
	_ ui.Screen  = (*Wizard)(nil)
	_ ui.Typing  = (*Wizard)(nil)
	_ ui.Escaper = (*Wizard)(nil)
	_ ui.Leaver  = (*Wizard)(nil)
	_ ui.Closer  = (*Wizard)(nil)
)

// New is the wizard for a draft. A draft with a path begins as it was saved.
func New(env *ui.Env, b backend.Backend, d *draft.Draft, options Options) *Wizard {
	pages := options.Pages
	if pages == nil {
		pages = Pages(d, b, env)
	}
	w := &Wizard{
		env: env, options: options, draft: d, pages: pages,
		editors: map[int]*form.Model{}, seen: map[string]bool{},
		document: &document{draft: d, every: lookEvery}, keeper: newKeeper(env, options, d),
	}
	w.current = w.first()
	w.resume(options.Resumed)
	w.enter(w.current)
	return w
}

// Resume is New for what was kept.
func Resume(env *ui.Env, b backend.Backend, entry autosave.Entry, options Options) (*Wizard, error) {
	entry, d, err := autosave.Read(entry.Path)
	if err != nil {
		return nil, err
	}
	options.Resumed = entry
	return New(env, b, d, options), nil
}

// resume goes to where the wizard was left.
func (w *Wizard) resume(entry autosave.Entry) {
	for _, id := range entry.Seen {
		w.seen[id] = true
	}
	if entry.Path == "" && w.draft.Path != "" {
		// All questions of a file were answered by whoever wrote it.
		for i := range w.pages {
			w.seen[w.pages[i].ID] = true
		}
	}
	for i := range w.pages {
		if w.pages[i].ID == entry.Page && !hidden(&w.pages[i]) {
			w.current = i
		}
	}
}

// Init implements ui.Screen.
func (w *Wizard) Init() tea.Cmd { return tea.Batch(w.open(), w.follow()) }

// Title implements ui.Screen.
func (w *Wizard) Title() string {
	name := w.draft.Name()
	if name == "" {
		name = "New cluster"
	}
	return name + " " + w.env.Theme.Glyphs.Separator + " " + w.place()
}

// Typing implements ui.Typing.
func (w *Wizard) Typing() bool {
	return w.jump != nil || w.editor != nil && w.editor.Typing()
}

// Escapes implements ui.Escaper.
func (w *Wizard) Escapes() bool {
	return w.jump != nil || w.editor != nil && w.editor.Escapes()
}

// Close implements ui.Closer.
func (w *Wizard) Close() {
	if w.editor != nil {
		w.editor.Close()
	}
}

// Keys implements ui.Screen.
func (w *Wizard) Keys() []key.Binding {
	if w.jump != nil {
		return w.jump.keys()
	}
	var keys []key.Binding
	if w.editor != nil {
		keys = w.editor.Keys()
	} else {
		keys = w.end.keys(w)
	}
	return append(keys, goTo, ui.Keys.Save)
}

// goTo opens the list of pages.
var goTo = key.NewBinding(key.WithKeys("ctrl+g"), key.WithHelp("ctrl+g", "go to page"))

// Update implements ui.Screen.
func (w *Wizard) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	w.asked = nil
	cmd := w.update(msg)
	w.asked = nil
	return w, tea.Batch(cmd, w.follow())
}

func (w *Wizard) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case form.Next:
		return w.leavePage()
	case form.Previous:
		return w.previous()
	case kept:
		return w.keeper.done(msg)
	case keepNow:
		return w.keeper.write(w.entry(), w.draft)
	case loaded:
		return w.read(msg)
	case lookAgain:
		w.document.waiting = false
		return w.document.look()
	case leave:
		return w.leave(msg)
	case ui.Resumed:
		return tea.Batch(w.afterSaving(), w.document.look())
	case tea.KeyMsg:
		switch {
		case key.Matches(msg, ui.Keys.Save):
			return w.save()
		case w.jump != nil:
			return w.pick(msg)
		case key.Matches(msg, goTo):
			w.commit()
			w.jump = newJump(w.listing())
			return nil
		case w.editor == nil:
			return w.atEnd(msg)
		}
	}
	if w.editor != nil {
		return w.editor.Update(msg)
	}
	return nil
}

// follow keeps the answers, and reads the files that they name, where they
// have changed.
func (w *Wizard) follow() tea.Cmd {
	return tea.Batch(w.keeper.follow(w.draft), w.document.follow())
}

// commit takes what is being typed.
func (w *Wizard) commit() {
	if w.editor != nil {
		w.editor.Commit()
	}
}
