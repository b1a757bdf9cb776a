package wizard

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
	"groundwork.dev/bootstrap/tui/wizard/autosave"
)

// opened is a screen that a wizard opens.
type opened struct {
	ui.Screen
	what   string
	config *v1alpha1.Config
}

func options(t *testing.T) Options {
	t.Helper()
	return Options{
		StateRoot: t.TempDir(),
		Checks:    func(c *v1alpha1.Config) ui.Screen { return &opened{what: "checks", config: c} },
		Review:    func(c *v1alpha1.Config) ui.Screen { return &opened{what: "review", config: c} },
	}
}

// begin drives a wizard for a draft of hosts over SSH.
func begin(t *testing.T, d *draft.Draft, o Options, width, height int) (*tuitest.Driver, *Wizard) {
	t.Helper()
	w := New(tuitest.Env(), &backendtest.Backend{}, d, o)
	w.keeper.after, w.document.every = time.Millisecond, time.Millisecond
	return tuitest.Body(t, w, width, height), w
}

// whole is a draft that nothing is wrong with.
func whole(t *testing.T) *draft.Draft {
	t.Helper()
	d := draft.New(v1alpha1.SSHDatacenterKind, "racks")
	d.ControlPlane().Count = 1
	d.ControlPlane().Endpoint = &v1alpha1.Endpoint{Host: "198.51.100.10"}
	*d.Group(0).Count = 1
	const key = "SHA256:xDn3l7FXzd/kPEmWhVaEyAJByPxKieFGFhvFEbMvDAA"
	site := &d.Config.SSHDatacenter.Spec
	site.User, site.KeyFile, site.Port = "root", "/keys/id_ed25519", 22
	site.NodeFiles.Location = "/srv/bundle"
	site.Hosts = []v1alpha1.SSHHost{
		{Name: "node-1", Address: "198.51.100.21", HostKeyFingerprint: key, Labels: map[string]string{"type": "cp"}},
		{Name: "node-2", Address: "198.51.100.22", HostKeyFingerprint: key, Labels: map[string]string{"type": "worker"}},
	}
	d.Changed()
	if problems := d.Problems(); len(problems) > 0 {
		t.Fatalf("problems:\n%v", problems)
	}
	return d
}

func TestPagesFollowEachOther(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"80x24", 80, 24}, {"120x40", 120, 40}} {
		t.Run(size.name, func(t *testing.T) {
			d, w := begin(t, whole(t), options(t), size.width, size.height)
			d.Golden("first-" + size.name)
			for w.editor != nil {
				before := w.current
				d.Press("ctrl+n")
				if w.current == before {
					t.Fatalf("the page %s is not left:\n%s", w.Title(), d.Screen())
				}
			}
			d.Wait("The questions are answered.")
			d.Golden("end-" + size.name)
			d.Press("ctrl+g")
			d.Golden("jump-" + size.name)
			d.Press("home", "enter")
			if w.current != 0 {
				t.Errorf("went to %s", w.Title())
			}
			d.Press("ctrl+g", "esc", "ctrl+p")
			if w.current != 0 || w.jump != nil {
				t.Errorf("before the first page there is %s", w.Title())
			}
		})
	}
}

func TestWaysOn(t *testing.T) {
	d, _ := begin(t, whole(t), options(t), 80, 24)
	d.Press("ctrl+g", "end", "enter")
	d.Wait("Check the site")
	d.Press("enter", "down", "enter", "down", "enter", "ctrl+s")
	var got []string
	for _, open := range tuitest.Sent[ui.Open](d) {
		if screen, ok := open.Screen.(*opened); ok {
			got = append(got, screen.what)
			if screen.config == nil || screen.config.Cluster.Name != "racks" {
				t.Errorf("%s got %v", screen.what, screen.config)
			}
		} else {
			got = append(got, open.Screen.Title())
		}
	}
	if want := "checks review Save Save"; strings.Join(got, " ") != want {
		t.Errorf("opened %v, want %v", got, want)
	}
}

func TestWhatIsMissingLeadsToItsQuestion(t *testing.T) {
	broken := whole(t)
	broken.Config.SSHDatacenter.Spec.Hosts[1].Address = "198.51.100.300"
	broken.Config.Cluster.Spec.ManagementCluster.Name = "other" // no page asks for it
	broken.Changed()
	d, w := begin(t, broken, options(t), 120, 40)
	d.Press("ctrl+g", "end", "enter")
	d.Wait("2 things are to be corrected first.", "is not an IP address")
	d.Golden("missing-120x40")
	if strings.Contains(d.Screen(), "Check the site") {
		t.Error("the site can be checked with a configuration that is wrong")
	}
	for i, one := range w.items() {
		if one.problem == nil || one.problem.Field != "spec.hosts[1].address" {
			continue
		}
		d.Press("home")
		for range i {
			d.Press("down")
		}
		d.Press("enter")
	}
	if w.editor == nil || w.editor.Page().ID != "ssh-hosts" {
		t.Fatalf("went to %s", w.Title())
	}
	marks := w.marks()
	d.Press("ctrl+g", "end", "enter")
	for i := range w.pages {
		if w.pages[i].ID == "ssh-hosts" && (marks[i] != current || w.marks()[i] != wrong) {
			t.Errorf("the page is marked %v and then %v", marks[i], w.marks()[i])
		}
	}
}

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
	w.keeper.justSaved = true
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

// TestFilesBeside covers problems in files that the configuration names.
func TestFilesBeside(t *testing.T) {
	d := whole(t)
	path := filepath.Join(t.TempDir(), "hosts.csv")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("hostname,ip_address,labels\nnode-3,198.51.100.300,type=worker\n")
	d.Config.SSHDatacenter.Spec.HardwareFile = path
	d.Changed()
	driver, w := begin(t, d, options(t), 120, 40)
	driver.Press("ctrl+g", "end", "enter")
	driver.Wait("One thing is to be corrected first.", "n line 2 of hosts.csv, node-3, ip_address", "Hardware file")
	write("hostname,ip_address,labels,ssh_host_key\nnode-3,198.51.100.23,type=worker,SHA256:xDn3l7FXzd/kPEmWhVaEyAJByPxKieFGFhvFEbMvDAA\n")
	driver.Wait("The questions are answered.") // as the file is read now and then
	if hosts := w.document.whole.config.SSHDatacenter.Spec.Hosts; len(hosts) != 3 {
		t.Errorf("hosts %v", hosts)
	}
}

// TestPageIsNotLeftWithAFileThatIsWrong covers a path that was only just
// typed.
func TestPageIsNotLeftWithAFileThatIsWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hosts.csv")
	if err := os.WriteFile(path, []byte("hostname,ip_address,labels\nnode-3,198.51.100.300,type=worker\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, w := begin(t, whole(t), options(t), 120, 40)
	d.Press("ctrl+n", "ctrl+n", "ctrl+n")
	if w.editor.Page().ID != "ssh-hosts" {
		t.Fatalf("at %s", w.Title())
	}
	d.Paste(path)
	d.Press("ctrl+n")
	d.Wait("n line 2 of hosts.csv, node-3, ip_address")
	if w.editor == nil || w.editor.Page().ID != "ssh-hosts" {
		t.Fatalf("went to %s", w.Title())
	}
	if err := os.WriteFile(path, []byte("hostname,ip_address,labels,ssh_host_key\nnode-3,198.51.100.23,type=worker,SHA256:xDn3l7FXzd/kPEmWhVaEyAJByPxKieFGFhvFEbMvDAA\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.WaitGone("n line 2 of hosts.csv, node-3, ip_address")
	d.Press("ctrl+n")
	d.WaitFor("the next page", func(string) bool { return w.editor != nil && w.editor.Page().ID == "ssh-roles" })
}
