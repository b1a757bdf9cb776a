package wizard

import (
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/ui"
	"groundwork.dev/bootstrap/tui/wizard/autosave"
)

// keepAfter is how long an answer may be lost where the machine loses power:
// every answer would be a write otherwise, while somebody types.
const keepAfter = time.Second

// keeper keeps the answers that are in no file yet.
type keeper struct {
	after time.Duration
	entry autosave.Entry
	// begun is what a new draft was before the first answer, kept what was
	// kept last.
	begun, kept string
	// waiting says that the next write is on its way.
	waiting bool
	// complained says that it was said that nothing can be kept.
	complained bool
	disk       *disk
}

// disk puts the writes of one entry, which run side by side, in their order.
type disk struct {
	mu sync.Mutex
	// asked counts what was asked for; done is the last that was done.
	asked, done int
}

// Messages of the keeper.
type (
	keepNow struct{}
	kept    struct{ err error }
)

func newKeeper(env *ui.Env, o Options, d *draft.Draft) *keeper {
	k := &keeper{after: keepAfter, entry: o.Resumed, disk: &disk{}}
	if k.entry.Path == "" {
		k.entry = autosave.New(o.StateRoot, env.Now())
		k.begun = d.YAML()
	}
	k.kept = d.YAML()
	return k
}

// unsaved reports whether there are answers that are in no file.
func (k *keeper) unsaved(d *draft.Draft) bool { return d.Unsaved() && d.YAML() != k.begun }

// follow sees to it that what has changed is kept soon.
func (k *keeper) follow(d *draft.Draft) tea.Cmd {
	if k.waiting || d.YAML() == k.kept {
		return nil
	}
	k.waiting = true
	return tea.Tick(k.after, func(time.Time) tea.Msg { return keepNow{} })
}

// write keeps the answers so far.
func (k *keeper) write(entry autosave.Entry, d *draft.Draft) tea.Cmd {
	k.waiting = false
	if !k.unsaved(d) {
		return k.forget(d)
	}
	k.kept = d.YAML()
	text, _, err := d.Text(d.FileName())
	return k.inOrder(func() tea.Msg {
		if err == nil {
			err = entry.Write(text)
		}
		return kept{err}
	})
}

// forget removes what is kept.
func (k *keeper) forget(d *draft.Draft) tea.Cmd {
	k.kept = d.YAML()
	entry := k.entry
	return k.inOrder(func() tea.Msg { return kept{entry.Remove()} })
}

// inOrder does what was asked for last, and nothing that was asked for before
// what is done.
func (k *keeper) inOrder(do tea.Cmd) tea.Cmd {
	k.disk.asked++
	turn, disk := k.disk.asked, k.disk
	return func() tea.Msg {
		disk.mu.Lock()
		defer disk.mu.Unlock()
		if turn < disk.done {
			return nil
		}
		disk.done = turn
		return do()
	}
}

// done says once where nothing can be kept.
func (k *keeper) done(msg kept) tea.Cmd {
	if msg.err == nil || k.complained {
		return nil
	}
	k.complained = true
	return ui.Send(ui.Failed{Err: msg.err})
}
