package wizard

import (
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/save"
	"groundwork.dev/bootstrap/tui/ui"
	"groundwork.dev/bootstrap/tui/wizard/autosave"
)

// leave is how the wizard is left.
type leave struct {
	how leaving
	// then is what the program is told: ui.Back or ui.Quit.
	then tea.Msg
}

type leaving int

const (
	saving leaving = iota
	keeping
	discarding
)

// Leave implements ui.Leaver.
func (w *Wizard) Leave(interrupt bool) *ui.Dialog {
	w.commit()
	if !w.keeper.unsaved(w.draft) {
		return nil
	}
	then := tea.Msg(ui.Back{})
	if interrupt {
		then = ui.Quit{}
	}
	text := "The answers are in no file yet. Kept, they can be resumed from the start page."
	if w.draft.Path != "" {
		text = "The changes are not in " + w.draft.Path + " yet. Kept, they can be resumed from the start page."
	}
	return &ui.Dialog{
		Title: "Leave the questions?",
		Text:  text,
		Answers: []ui.Answer{
			{Key: "k", Label: "keep the answers and leave", Do: ui.Send(leave{keeping, then})},
			{Key: "s", Label: "save them to a file and leave", Do: ui.Send(leave{saving, then})},
			{Key: "d", Label: "discard them and leave", Do: ui.Send(leave{discarding, then})},
			{Key: "g", Label: "go on"},
		},
	}
}

// leave does what the answer to the dialog asks for. What cannot be kept
// keeps the screen open.
func (w *Wizard) leave(msg leave) tea.Cmd {
	switch msg.how {
	case saving:
		w.after = msg.then
		return w.openSave()
	case discarding:
		return w.finally(w.keeper.forget(w.draft), msg.then)
	}
	return w.finally(w.keeper.write(w.entry(), w.draft), msg.then)
}

// finally sends then once do has worked.
func (w *Wizard) finally(do tea.Cmd, then tea.Msg) tea.Cmd {
	return func() tea.Msg {
		if done, ok := do().(kept); ok && done.err != nil {
			return ui.Failed{Err: done.err}
		}
		return then
	}
}

// save opens the screen that asks for a path.
func (w *Wizard) save() tea.Cmd {
	w.after = nil
	return w.openSave()
}

func (w *Wizard) openSave() tea.Cmd {
	w.commit()
	return ui.Send(ui.Open{Screen: save.New(w.env, save.Options{Draft: w.draft})})
}

// afterSaving comes back from a screen that may have saved the configuration.
func (w *Wizard) afterSaving() tea.Cmd {
	then := w.after
	w.after = nil
	if w.keeper.unsaved(w.draft) {
		return nil
	}
	if then == nil {
		return w.keeper.forget(w.draft)
	}
	return w.finally(w.keeper.forget(w.draft), then)
}

// entry is what is kept beside the configuration.
func (w *Wizard) entry() autosave.Entry {
	entry := w.keeper.entry
	entry.File, entry.Page, entry.Seen = w.draft.Path, "", nil
	if w.current < len(w.pages) {
		entry.Page = w.pages[w.current].ID
	}
	for i := range w.pages {
		if w.seen[w.pages[i].ID] {
			entry.Seen = append(entry.Seen, w.pages[i].ID)
		}
	}
	return entry
}
