package tui

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/status"
	"groundwork.dev/bootstrap/internal/workflow"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/tuitest"
)

const example = "../examples/vsphere.yaml"

func options(t *testing.T, b backend.Backend) *Options {
	t.Helper()
	return &Options{Backend: b, Env: tuitest.Env(), StateRoot: t.TempDir()}
}

// open drives the interface from its start page.
func open(t *testing.T, o *Options) *tuitest.Driver {
	t.Helper()
	return tuitest.Open(t, o.Env, o.Start(), 120, 40)
}

// toReview opens a copy of the example and goes on to the review.
func toReview(t *testing.T, d *tuitest.Driver) {
	t.Helper()
	path := copyOf(t, example)
	d.Wait("Configuration file")
	choose(t, d, "Open")
	d.Wait("Which configuration file?")
	d.Paste(path)
	d.Press("enter")
	d.Wait("demo", "Cluster")
	d.Press("ctrl+g", "end", "enter")
	d.Wait("Check the site")
	d.Press("enter")
	d.Wait("Checks of the site", "The site is ready.")
	d.Press("ctrl+n")
	d.Wait("Review", "Create the cluster")
}

// choose moves the cursor to a row that begins with title, and takes it.
func choose(t *testing.T, d *tuitest.Driver, title string) {
	t.Helper()
	cursor := tuitest.Env().Theme.Glyphs.Cursor
	for range 30 {
		// A list of pages may stand beside, with a cursor of its own.
		for _, at := range strings.Split(d.Screen(), cursor)[1:] {
			if strings.HasPrefix(strings.TrimLeft(at, " !"), title) {
				d.Press("enter")
				return
			}
		}
		d.Press("down")
	}
	t.Fatalf("there is no %q to choose:\n%s", title, d.Screen())
}

// press goes to a button, and presses it.
func press(t *testing.T, d *tuitest.Driver, label string) {
	t.Helper()
	for range 5 {
		if strings.Contains(d.Screen(), tuitest.Env().Theme.Glyphs.Cursor+" [ "+label+" ]") {
			d.Press("enter")
			return
		}
		d.Press("tab")
	}
	t.Fatalf("there is no button %q:\n%s", label, d.Screen())
}

func site() *backendtest.Backend {
	return &backendtest.Backend{Answers: backendtest.Answers{
		Checks:  []event.Check{backendtest.Passed("login", "everything is well")},
		Created: backend.Result{Kubeconfig: "/state/demo/kubeconfig", Summary: "Cluster demo is ready"},
	}}
}

func TestCreateLeadsBackToTheStart(t *testing.T) {
	b := site()
	d := open(t, options(t, b))
	toReview(t, d)
	press(t, d, "Create the cluster")
	d.Wait("Create the cluster demo?")
	d.Press("c")
	d.Wait("/state/demo/kubeconfig")
	if requests := b.Requests(); len(requests) != 1 || requests[0].Rehearsal || requests[0].Config.Cluster.Name != "demo" {
		t.Errorf("what was asked for: %+v", requests)
	}
	d.Press("esc")
	d.Wait("New cluster", "Configuration file")
}

func TestFailedCreateLeadsBackToTheReview(t *testing.T) {
	b := site()
	b.CreateError = &failure.Error{Code: failure.Infrastructure, Summary: "the datastore is full", Remedy: "make room on it"}
	d := open(t, options(t, b))
	toReview(t, d)
	press(t, d, "Create the cluster")
	d.Wait("Create the cluster demo?")
	d.Press("c")
	d.Wait("the datastore is full", "make room on it")
	d.Press("esc")
	d.Wait("Review", "Create the cluster")
	d.Press("esc")
	d.Wait("Checks of the site")
	d.Press("esc")
	d.Wait("Check and create")
}

func TestRehearseTheExample(t *testing.T) {
	b := site()
	d := open(t, options(t, b))
	d.Wait("Rehearse an example")
	choose(t, d, "Rehearse an example")
	d.Wait("Checks of the simulated site", "The site is ready.")
	d.Press("ctrl+n")
	d.Wait("Review", "[ Rehearse ]")
	press(t, d, "Rehearse")
	d.Wait("/state/demo/kubeconfig")
	if requests := b.Requests(); len(requests) != 1 || !requests[0].Rehearsal || requests[0].Config.Cluster.Name != exampleName {
		t.Errorf("what was asked for: %+v", requests)
	}
	d.Press("esc")
	d.Wait("Review")
}

// What cannot be simulated is said where it was chosen.
func TestOnlyVSphereIsRehearsed(t *testing.T) {
	d := open(t, options(t, site()))
	d.Wait("Rehearse")
	choose(t, d, "Rehearse")
	d.Wait("Which configuration file?")
	path, err := filepath.Abs("../examples/ssh.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d.Paste(path)
	d.Press("enter")
	d.Wait("only a vSphere site can be simulated")
}

// interrupted is a cluster on a vCenter that can be gone on with.
func interrupted(t *testing.T, b *backendtest.Backend) {
	t.Helper()
	config, err := v1alpha1.Load(example)
	if err != nil {
		t.Fatal(err)
	}
	text, err := config.YAML()
	if err != nil {
		t.Fatal(err)
	}
	b.Configurations = map[string]string{"demo": string(text)}
	b.KnownClusters = []backend.Cluster{{Interrupted: true, LogFile: "/state/demo/log", Cluster: &status.Cluster{
		Name: "demo", Command: createCommand,
		Steps: []workflow.Attempt{{Step: "control-plane", Title: "Bring up the first control-plane machine", Tries: 1, Last: workflow.Interrupted}},
	}}}
}

func TestResumeAsksForTheLogin(t *testing.T) {
	b := site()
	interrupted(t, b)
	d := open(t, options(t, b))
	d.Wait("To go on with", "demo")
	choose(t, d, "demo")
	d.Wait("vCenter login", "vcenter.example.com")
	d.Golden("login-120x40")
	// Nothing is gone on with before both are answered.
	d.Press("ctrl+n")
	d.Wait("lets nobody in")
	d.Type("admin@vsphere.local")
	d.Press("tab")
	d.Type("letmein")
	if strings.Contains(d.Screen(), "letmein") {
		t.Errorf("the password is shown:\n%s", d.Screen())
	}
	d.Press("ctrl+n")
	d.Wait("/state/demo/kubeconfig")
	if user, password := b.Env.Getenv(usernameVariable), b.Env.Getenv(passwordVariable); user != "admin@vsphere.local" || password != "letmein" {
		t.Errorf("the login is %q, %q", user, password)
	}
	if requests := b.Requests(); len(requests) != 1 || requests[0].Config.Cluster.Name != "demo" {
		t.Errorf("what was asked for: %+v", requests)
	}
	d.Press("esc")
	d.Wait("New cluster")
}

func TestQuitHalfWayAndGoOn(t *testing.T) {
	o := options(t, site())
	d := open(t, o)
	d.Wait("Virtual machines on vSphere")
	choose(t, d, "Virtual machines on vSphere")
	d.Wait("Name")
	d.Type("half")
	d.Press("tab", "ctrl+c")
	d.Wait("Leave the questions?")
	d.Press("k")
	d.WaitFinished()

	d = open(t, o)
	d.Wait("To go on with", "half")
	choose(t, d, "half")
	d.Wait("half", "Name")
	d.Press("esc")
	d.Wait("Leave the questions?")
	d.Press("d")
	d.Wait("New cluster")
	d.WaitGone("To go on with")
	if left, err := os.ReadDir(filepath.Join(o.StateRoot, "_drafts")); err != nil && !errors.Is(err, fs.ErrNotExist) || len(left) != 0 {
		t.Errorf("there is still %v, %v", left, err)
	}
}
