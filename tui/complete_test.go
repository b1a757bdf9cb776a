package tui

import (
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/rehearsal"
	"groundwork.dev/bootstrap/tui/backend/live"
	"groundwork.dev/bootstrap/tui/tuitest"
)

// machinesTimeout is how long a rehearsal may take on a busy machine.
const machinesTimeout = 2 * time.Minute

// simulated is the interface before the simulated vCenter of the example.
func simulated(t *testing.T) (*Options, *rehearsal.Site) {
	t.Helper()
	config, err := v1alpha1.Load(example)
	if err != nil {
		t.Fatal(err)
	}
	site, err := rehearsal.Start(t.Context(), rehearsal.Options{Config: config, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := site.Close(); err != nil {
			t.Error(err)
		}
	})
	root := t.TempDir()
	// Only the certificate's thumbprint speaks for the simulated vCenter.
	b, err := live.New(live.Options{StateRoot: root, Proxy: site.Proxy(), Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return &Options{Backend: b, Env: tuitest.Env(), StateRoot: root, Objects: b.Objects}, site
}

// pages drives the pages of questions.
type pages struct {
	*tuitest.Driver
	t *testing.T
}

// focus goes to the field with a title.
func (f pages) focus(title string) {
	f.t.Helper()
	focused := regexp.MustCompile(tuitest.Env().Theme.Glyphs.Cursor + ` +(?:\S )?` + regexp.QuoteMeta(title))
	for range 20 {
		if focused.MatchString(f.Screen()) {
			return
		}
		f.Press("tab")
	}
	f.t.Fatalf("there is no field %q:\n%s", title, f.Screen())
}

// fill types an answer into an empty field.
func (f pages) fill(title, answer string) {
	f.t.Helper()
	f.focus(title)
	f.Paste(answer)
}

// replace types an answer instead of the one that is there.
func (f pages) replace(title, answer string) {
	f.t.Helper()
	f.focus(title)
	f.Press("ctrl+u")
	f.Type(answer)
}

// pick chooses the option that holds part, once it is offered.
func (f pages) pick(title, part string) {
	f.t.Helper()
	f.focus(title)
	f.Press("enter")
	f.Wait("to choose from")
	f.Type(part)
	f.Wait(part)
	f.Press("enter")
}

// page goes on to the page with a title, where the last answer has not led
// there already.
func (f pages) page(title string) {
	f.t.Helper()
	if !strings.Contains(f.Screen(), title+" (") {
		f.Press("ctrl+n")
	}
	f.Wait(title + " (")
}

// A cluster on vSphere from the start page to the end of its rehearsal: every
// choice comes from the vCenter, and the file that is saved makes the same
// configuration without the interface.
func TestFromTheStartToTheEnd(t *testing.T) {
	for name, size := range map[string]struct{ width, height int }{"80x24": {80, 24}, "120x40": {120, 40}} {
		t.Run(name, func(t *testing.T) {
			o, site := simulated(t)
			d := pages{tuitest.Open(t, o.Env, o.Start(), size.width, size.height), t}
			d.Wait("Virtual machines on vSphere")
			choose(t, d.Driver, "Virtual machines on vSphere")

			d.Wait("Cluster (")
			d.fill("Name", "walk")
			d.replace("Control-plane ma", "1")
			d.fill("API endpoint", "10.20.30.10")
			d.page("Workers")
			d.replace("Machines", "1")
			d.page("vCenter")
			d.fill("Address", "vcenter.example.com")
			d.Press("tab")
			d.Wait("Certificate")
			d.pick("Certificate", "trust "+site.Thumbprint()[:8])
			d.fill("User", site.Credentials().Username)
			d.fill("Password", site.Credentials().Password.Reveal())
			d.page("Place")
			d.pick("Datacenter", "Frankfurt")
			d.pick("Network", "Kubernetes")
			d.pick("Template", "1.35")
			d.pick("Datastore", "vsan")
			d.pick("Resource pool", "kubernetes")
			d.pick("Folder", "kubernetes")
			for _, title := range []string{
				"Machines", "Failure domains", "Node addresses", "Network", "SSH access",
				"Sign-in", "Registry and proxy", "Time and trust", "AWS", "More",
			} {
				d.page(title)
			}
			d.Press("ctrl+n")
			d.Wait("The questions are answered.")
			d.Golden("answered-" + name)

			file := filepath.Join(t.TempDir(), "walk.yaml")
			d.Press("ctrl+s")
			d.Wait("walk.yaml")
			d.Press("ctrl+u")
			d.Paste(file)
			d.Press("enter")
			d.Wait("The questions are answered.")

			choose(t, d.Driver, "Review")
			d.Wait("[ Rehearse ]")
			press(t, d.Driver, "Rehearse")
			d.Within(machinesTimeout, "Nothing real was touched.")
			d.Wait("2 of 2 ready", "_rehearsals/walk")

			headless, err := v1alpha1.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := headless.YAML()
			if err != nil {
				t.Fatal(err)
			}
			made, err := o.Backend.Configuration(t.Context(), "walk", true)
			if err != nil || string(made) != string(want) {
				t.Errorf("it was made from\n%s, %v; the file says\n%s", made, err, want)
			}
		})
	}
}
