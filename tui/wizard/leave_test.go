package wizard

import (
	"os"
	"path/filepath"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
	"groundwork.dev/bootstrap/tui/wizard/autosave"
)

// TestNothingToLose makes sure that nobody is asked about answers that are
// not there.
func TestNothingToLose(t *testing.T) {
	_, w := begin(t, draft.New(v1alpha1.SSHDatacenterKind, ""), options(t), 80, 24)
	if dialog := w.Leave(false); dialog != nil {
		t.Errorf("asks %q", dialog.Title)
	}
}

// answer chooses an answer of the dialog on leaving.
func answer(t *testing.T, d *tuitest.Driver, w *Wizard, interrupt bool, key string) {
	t.Helper()
	dialog := w.Leave(interrupt)
	if dialog == nil {
		t.Fatal("leaves without asking")
	}
	for _, a := range dialog.Answers {
		if a.Key == key {
			if a.Do != nil {
				d.Send(a.Do())
			}
			return
		}
	}
	t.Fatalf("no answer %s", key)
}

func sent[T tea.Msg](t *testing.T, d *tuitest.Driver, what string) {
	t.Helper()
	d.WaitFor(what, func(string) bool { return len(tuitest.Sent[T](d)) > 0 })
}

func TestQuitHalfWayAndResume(t *testing.T) {
	o := options(t)
	d, w := begin(t, draft.New(v1alpha1.SSHDatacenterKind, ""), o, 80, 24)
	d.Type("racks")
	d.Press("ctrl+g", "end", "home", "down", "enter")
	place := w.Title()
	answer(t, d, w, true, "k")
	sent[ui.Quit](t, d, "the program to be told to end")

	kept, err := autosave.List(o.StateRoot)
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v, %v", kept, err)
	}
	if info, err := os.Stat(kept[0].Path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if kept[0].Cluster != "racks" || kept[0].Provider != v1alpha1.SSHDatacenterKind {
		t.Errorf("kept %+v", kept[0])
	}
	again, err := Resume(tuitest.Env(), &backendtest.Backend{}, kept[0], o)
	if err != nil {
		t.Fatal(err)
	}
	endWrites(t, again)
	if again.Title() != place || again.draft.Name() != "racks" {
		t.Errorf("resumed at %q, left at %q", again.Title(), place)
	}
	if again.marks()[0] == unseen {
		t.Error("the first page was not seen")
	}

	e := tuitest.Body(t, again, 80, 24)
	answer(t, e, again, false, "d")
	sent[ui.Back](t, e, "the wizard to be left")
	if kept, err = autosave.List(o.StateRoot); err != nil || len(kept) > 0 {
		t.Errorf("kept %v, %v", kept, err)
	}
}

// TestAnswersAreKeptWithoutLeaving covers a process that is killed.
func TestAnswersAreKeptWithoutLeaving(t *testing.T) {
	o := options(t)
	d, _ := begin(t, draft.New(v1alpha1.SSHDatacenterKind, ""), o, 80, 24)
	d.Type("racks")
	d.Press("tab")
	d.WaitFor("the answers to be kept", func(string) bool {
		kept, err := autosave.List(o.StateRoot)
		return err == nil && len(kept) == 1 && kept[0].Cluster == "racks"
	})
}

func TestSaveAndLeave(t *testing.T) {
	o := options(t)
	d, w := begin(t, whole(t), o, 80, 24)
	d.Type("2")
	answer(t, d, w, false, "k")
	sent[ui.Back](t, d, "the wizard to be left")
	answer(t, d, w, false, "s")
	sent[ui.Open](t, d, "the screen for saving")

	// As the screen for saving does.
	path := filepath.Join(t.TempDir(), "other.yaml")
	text, _, err := w.draft.Text(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.draft.Saved(path); err != nil {
		t.Fatal(err)
	}
	d.Send(ui.Resumed{})
	d.WaitFor("the wizard to be left", func(string) bool { return len(tuitest.Sent[ui.Back](d)) == 2 })
	if kept, err := autosave.List(o.StateRoot); err != nil || len(kept) > 0 {
		t.Errorf("still kept: %v, %v", kept, err)
	}
	if dialog := w.Leave(false); dialog != nil {
		t.Errorf("asks %q of a configuration that is saved", dialog.Title)
	}
}

// TestNotSavingStays makes sure that who thinks better of saving goes on.
func TestNotSavingStays(t *testing.T) {
	d, w := begin(t, whole(t), options(t), 80, 24)
	d.Type("2")
	answer(t, d, w, true, "s")
	d.Send(ui.Resumed{})
	if len(tuitest.Sent[ui.Quit](d)) > 0 {
		t.Error("left without a file")
	}
}

func TestAnswersThatCannotBeKept(t *testing.T) {
	o := options(t)
	if err := os.WriteFile(filepath.Join(o.StateRoot, "_drafts"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d, w := begin(t, whole(t), o, 80, 24)
	d.Type("2")
	answer(t, d, w, true, "k")
	sent[ui.Failed](t, d, "the failure to be shown")
	if len(tuitest.Sent[ui.Quit](d)) > 0 {
		t.Error("left though nothing was kept")
	}
}
