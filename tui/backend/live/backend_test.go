package live

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/create"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/internal/status"
	"groundwork.dev/bootstrap/internal/workflow"
)

// locked lets a sink of a test be told from several goroutines.
func locked(sink event.Sink) event.Sink {
	var mu sync.Mutex
	return event.SinkFunc(func(e event.Event) {
		mu.Lock()
		defer mu.Unlock()
		sink.Emit(e)
	})
}

func TestEnvironment(t *testing.T) {
	b := open(t, Options{Getenv: func(name string) string { return "of the process: " + name }})
	env := b.Environment()
	env.Set("USER", secret.New("admin"))
	env.Set("EMPTY", secret.New(""))
	for name, want := range map[string]string{"USER": "admin", "EMPTY": "", "HOME": "of the process: HOME"} {
		if got := env.Getenv(name); got != want {
			t.Errorf("Getenv(%s) = %q; want %q", name, got, want)
		}
	}
}

func TestVersions(t *testing.T) {
	versions := open(t, Options{}).Versions()
	if len(versions) < 2 || !slices.Contains(versions, "1.35") || versions[0] < versions[1] {
		t.Errorf("Versions = %v; want the newest first", versions)
	}
}

func TestEstimate(t *testing.T) {
	e := open(t, Options{}).Estimate(example(t, 3, 2), true)
	if e.Total < 5*time.Second || e.Total > time.Minute || e.Steps["control-plane"] == 0 || !strings.Contains(e.Basis, "rehearsal") {
		t.Errorf("Estimate = %+v", e)
	}
}

func TestFinished(t *testing.T) {
	step := func(name string, last workflow.State) workflow.Attempt {
		return workflow.Attempt{Step: name, Last: last}
	}
	whole := []workflow.Attempt{step("preflight", workflow.Skipped), step(create.LastStep, workflow.Finished)}
	for _, test := range []struct {
		name, command string
		steps         []workflow.Attempt
		want          bool
	}{
		{"a create", create.Command, whole, true},
		{"a deletion", "delete cluster", whole, false},
		{"before the end", create.Command, whole[:1], false},
		{"killed in the middle of a second run", create.Command, []workflow.Attempt{step("preflight", workflow.Started), whole[1]}, false},
		{"interrupted in a second run", create.Command, []workflow.Attempt{step("preflight", workflow.Interrupted), whole[1]}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := finished(&status.Cluster{Command: test.command, Steps: test.steps}); got != test.want {
				t.Errorf("finished = %v; want %v", got, test.want)
			}
		})
	}
}

func TestObjects(t *testing.T) {
	n, err := open(t, Options{}).Objects(t.Context(), example(t, 3, 2))
	if err != nil || n < 10 {
		t.Errorf("Objects = %d, %v; want those of `bootstrap generate manifests`", n, err)
	}
}
