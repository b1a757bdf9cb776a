package wizard

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
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
	endWrites(t, w)
	return tuitest.Body(t, w, width, height), w
}

// endWrites lets nothing be kept any more once the test is over.
func endWrites(t *testing.T, w *Wizard) {
	t.Cleanup(func() {
		w.keeper.disk.mu.Lock()
		defer w.keeper.disk.mu.Unlock()
		w.keeper.disk.done = math.MaxInt
	})
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

// TestPagesOfEveryProvider makes sure that what is kept finds its page again.
func TestPagesOfEveryProvider(t *testing.T) {
	for _, provider := range []string{v1alpha1.VSphereDatacenterKind, v1alpha1.SSHDatacenterKind, v1alpha1.TinkerbellDatacenterKind} {
		seen := map[string]bool{}
		for _, page := range Pages(draft.New(provider, "prod"), &backendtest.Backend{}, tuitest.Env()) {
			if seen[page.ID] || strings.ContainsAny(page.ID, " \n") || page.Title == "" {
				t.Errorf("%s: the page %q (%s)", provider, page.ID, page.Title)
			}
			seen[page.ID] = true
			fields := map[string]bool{}
			for _, f := range page.Fields() {
				if fields[f.ID] || f.Title == "" {
					t.Errorf("%s: the field %q of %s", provider, f.ID, page.ID)
				}
				fields[f.ID] = true
			}
		}
		if len(seen) < 8 {
			t.Errorf("%s has %d pages", provider, len(seen))
		}
	}
}
