package live

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/backend"
)

// The checks of a simulated site leave nothing behind, and start no cluster.
func TestRehearsedPreflight(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	b := open(t, Options{})
	seen := 0
	sink := event.SinkFunc(func(e event.Event) {
		if e.Kind == event.Checked {
			seen++
		}
	})
	// One at a time tells the sink, but from several goroutines.
	checks, err := b.Preflight(t.Context(), example(t, 3, 2), true, locked(sink))
	if err != nil {
		t.Fatal(err)
	}
	if len(checks) == 0 || seen != len(checks) {
		t.Errorf("%d checks were made, and %d told", len(checks), seen)
	}
	for _, check := range checks {
		if check.Result != event.Passed {
			t.Errorf("%s: %s: %s", check.Name, check.Result, check.Found)
		}
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
	if clusters, err := b.Clusters(t.Context()); err != nil || len(clusters) != 0 {
		t.Errorf("the clusters are %v, %v; want none", clusters, err)
	}
}

// Without a login the checks of a real site say so, instead of not being made.
func TestPreflightWithoutLogin(t *testing.T) {
	b, config := open(t, Options{}), example(t, 3, 2)
	config.VSphereDatacenter.Spec.Server = "127.0.0.1:1"
	config.Cluster.Spec.ControlPlaneConfiguration.Endpoint.Host = "127.0.0.1"
	checks, err := b.Preflight(t.Context(), config, false, event.Discard)
	if failure.ExitCode(err) != failure.Preflight {
		t.Errorf("Preflight = %v", err)
	}
	if !slices.ContainsFunc(checks, func(c event.Check) bool {
		return c.Result == event.Failed && strings.Contains(c.Remedy, "EKSA_VSPHERE_USERNAME")
	}) {
		t.Errorf("no check says what to do about the login: %+v", checks)
	}
}

// A create that the end of the program stops keeps its state; the same create
// goes on, and then tells how long the next one takes.
func TestCreateGoesOn(t *testing.T) {
	root, config := t.TempDir(), example(t, 1, 1)
	name := config.Cluster.Name
	request := backend.Request{Config: config, Rehearsal: true}

	first, err := New(Options{StateRoot: root})
	if err != nil {
		t.Fatal(err)
	}
	stop := event.SinkFunc(func(e event.Event) {
		if e.Kind == event.StepStarted && e.Step == "control-plane" {
			go first.Close()
		}
	})
	if _, err := first.Create(t.Context(), request, stop); failure.ExitCode(err) != failure.Interrupted || failure.Remedy(err) == "" {
		t.Errorf("the stopped create = %v; want an interruption with a remedy", err)
	}
	first.Close()
	b := open(t, Options{StateRoot: root})
	if c := only(t, b); !c.Rehearsal || !c.Interrupted || c.Name != name || c.Running != nil {
		t.Errorf("after the interruption: %+v", c)
	}
	kept, err := b.Configuration(t.Context(), name, true)
	want, _ := config.YAML()
	if err != nil || string(kept) != string(want) {
		t.Errorf("the configuration is %q, %v", kept, err)
	}
	if _, err := b.Configuration(t.Context(), name, false); failure.Remedy(err) == "" {
		t.Errorf("the real cluster's configuration: %v; want that it is not known", err)
	}

	reported := false
	sink := event.SinkFunc(func(e event.Event) {
		if e.Kind == event.StepStarted && e.Step == "workers" {
			if c := only(t, b); c.Running == nil || c.Interrupted {
				t.Errorf("while it runs: %+v", c)
			}
		}
		reported = reported || e.Kind == event.Reported
	})
	result, err := b.Create(t.Context(), request, locked(sink))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(result.Kubeconfig); err != nil || !strings.Contains(result.Summary, "is ready") || !reported {
		t.Errorf("the result is %+v, %v, reported %v", result, err, reported)
	}
	c := only(t, b)
	if c.Interrupted || c.Running != nil || len(c.Machines) != 2 || c.Kubeconfig != result.Kubeconfig {
		t.Errorf("in the end: %+v", c)
	}
	if log, err := os.ReadFile(c.LogFile); err != nil || !strings.Contains(string(log), "step-finished") {
		t.Errorf("the log holds %.200q, %v", log, err)
	}
	if filepath.Dir(c.LogFile) != filepath.Join(root, "_rehearsals", name) {
		t.Errorf("the log is %s", c.LogFile)
	}
}

func only(t *testing.T, b *Backend) backend.Cluster {
	t.Helper()
	clusters, err := b.Clusters(t.Context())
	if err != nil || len(clusters) != 1 {
		t.Fatalf("the clusters are %v, %v; want one", clusters, err)
	}
	return clusters[0]
}
