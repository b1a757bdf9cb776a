package estimate

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/create"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/workflow"
)

const configuration = `apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: Cluster
metadata:
  name: %s
spec:
  kubernetesVersion: "1.35"
  controlPlaneConfiguration:
    count: %d
  datacenterRef:
    kind: %s
    name: site
  workerNodeGroupConfigurations:
  - name: md-0
    count: %d
`

func config(name, kind string, controlPlane, workers int) *v1alpha1.Config {
	c, _ := v1alpha1.Decode(name, fmt.Appendf(nil, configuration, name, controlPlane, kind, workers))
	return c
}

// keep leaves the state of a cluster whose steps took what is given, in order.
func keep(t *testing.T, root, name, kind string, size size, ended time.Time, last workflow.State, seconds map[string]float64) {
	t.Helper()
	dir, err := state.Open(root, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.SaveConfiguration(fmt.Appendf(nil, configuration, name, size.controlPlane, kind, size.workers)); err != nil {
		t.Fatal(err)
	}
	var journal []byte
	write := func(e workflow.Entry) {
		e.Run, e.Command, e.Time = "1", create.Command, ended
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		journal = append(append(journal, line...), '\n')
	}
	for step, took := range seconds {
		write(workflow.Entry{Step: step, State: workflow.Started})
		write(workflow.Entry{Step: step, State: workflow.Finished, Seconds: took})
	}
	write(workflow.Entry{Step: create.LastStep, State: last})
	if err := os.WriteFile(dir.Path(state.JournalFile), journal, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWithoutHistory(t *testing.T) {
	for _, test := range []struct {
		name, kind, basis string
		size              size
		rehearsal         bool
		total             float64
	}{
		{"as measured", v1alpha1.VSphereDatacenterKind, rehearsed.basis, size{3, 2}, true, 7.59},
		{"100 workers", v1alpha1.VSphereDatacenterKind, rehearsed.basis, size{3, 100}, true, 56.6},
		{"one control plane", v1alpha1.VSphereDatacenterKind, rehearsed.basis, size{1, 2}, true, 5.56},
		{"over SSH", v1alpha1.SSHDatacenterKind, overSSH.basis, size{1, 1}, false, 46.7},
		{"over SSH, 3 control planes", v1alpha1.SSHDatacenterKind, overSSH.basis, size{3, 1}, false, 72.9},
		{"on a vCenter", v1alpha1.VSphereDatacenterKind, overSSH.basis + "; making the machines comes on top", size{1, 1}, false, 46.7},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := Create(t.TempDir(), config("demo", test.kind, test.size.controlPlane, test.size.workers), test.rehearsal)
			if e.Basis != test.basis {
				t.Errorf("the basis is %q; want %q", e.Basis, test.basis)
			}
			if math.Abs(e.Total.Seconds()-test.total) > 0.1 {
				t.Errorf("the total is %v; want %v s; of %v", e.Total, test.total, e.Steps)
			}
		})
	}
}

func TestFromHistory(t *testing.T) {
	root, now := t.TempDir(), time.Now()
	// Neither of another provider, nor unfinished, nor older than the five.
	keep(t, root, "other", v1alpha1.SSHDatacenterKind, size{1, 1}, now, workflow.Finished, map[string]float64{firstMachine: 1000})
	keep(t, root, "failed", v1alpha1.VSphereDatacenterKind, size{1, 1}, now, workflow.Failed, map[string]float64{firstMachine: 1000})
	for n, took := range []float64{20, 30, 40, 50, 60, 1000} {
		keep(t, root, fmt.Sprintf("demo%d", n), v1alpha1.VSphereDatacenterKind, size{3, 2}, now.Add(-time.Duration(n)*time.Hour), workflow.Finished,
			map[string]float64{firstMachine: took, controlPlane: 30, workers: 4})
	}
	e := Create(root, config("demo", v1alpha1.VSphereDatacenterKind, 5, 4), false)
	if want := "the last 5 creates here"; e.Basis != want {
		t.Errorf("the basis is %q; want %q", e.Basis, want)
	}
	for step, want := range map[string]time.Duration{
		firstMachine:   40 * time.Second, // the median
		controlPlane:   60 * time.Second, // 15 s for each of two more
		workers:        8 * time.Second,
		"connectivity": 4900 * time.Millisecond, // as it is elsewhere
	} {
		if got := e.Steps[step]; got.Round(time.Millisecond) != want {
			t.Errorf("%s takes %v; want %v", step, got, want)
		}
	}
	var sum time.Duration
	for _, step := range e.Steps {
		sum += step
	}
	if sum != e.Total {
		t.Errorf("the steps take %v, the whole %v", sum, e.Total)
	}
}

// What an interrupted create took says nothing, and a later run over a finished
// cluster neither.
func TestWholeRun(t *testing.T) {
	entry := func(run, step string, state workflow.State, seconds float64) workflow.Entry {
		return workflow.Entry{Run: run, Command: create.Command, Step: step, State: state, Seconds: seconds}
	}
	for _, test := range []struct {
		name    string
		entries []workflow.Entry
		want    bool
	}{
		{"nothing", nil, false},
		{"finished", []workflow.Entry{entry("1", "preflight", workflow.Finished, 1), entry("1", create.LastStep, workflow.Finished, 1)}, true},
		{"run again", []workflow.Entry{entry("1", create.LastStep, workflow.Finished, 1), entry("2", create.LastStep, workflow.Finished, 9)}, true},
		{"interrupted", []workflow.Entry{entry("1", "preflight", workflow.Interrupted, 1), entry("2", create.LastStep, workflow.Finished, 1)}, false},
		{"killed", []workflow.Entry{entry("1", "preflight", workflow.Started, 0), entry("2", create.LastStep, workflow.Finished, 1)}, false},
		{"skipped", []workflow.Entry{entry("1", "preflight", workflow.Skipped, 0), entry("1", create.LastStep, workflow.Finished, 1)}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, got := wholeRun(test.entries)
			if got != test.want || got && r.steps[create.LastStep] != 1 {
				t.Errorf("wholeRun = %v, %v; want %v", r, got, test.want)
			}
		})
	}
}
