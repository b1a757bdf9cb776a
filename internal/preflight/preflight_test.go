package preflight_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/preflight"
	"groundwork.dev/bootstrap/providers"
)

// recorder is a sink that keeps what it is given.
type recorder struct {
	mu     sync.Mutex
	events []event.Event
}

func (r *recorder) Emit(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func gives(name string, result event.CheckResult, needs ...string) providers.Check {
	return providers.Check{Name: name, Needs: needs, Run: func(context.Context) (event.Check, error) {
		return event.Check{Result: result, Want: "want " + name, Found: "found " + name, Remedy: "mend " + name}, nil
	}}
}

func outcomes(results []event.Check) string {
	var s []string
	for _, r := range results {
		s = append(s, r.Name+"="+string(r.Result))
	}
	return strings.Join(s, " ")
}

func TestRunHonoursNeeds(t *testing.T) {
	r := &recorder{}
	results, err := preflight.Run(t.Context(), []providers.Check{
		gives("deep", event.Passed, "networks"),
		gives("networks", event.Passed, "login"),
		gives("login", event.Failed, "reachable"),
		gives("reachable", event.Warned),
		gives("endpoint", event.Passed),
	}, r)
	want := "deep=skipped networks=skipped login=failed reachable=warning endpoint=passed"
	if got := outcomes(results); got != want {
		t.Errorf("results are %s, want %s", got, want)
	}
	for _, c := range results[:2] {
		if c.Found != `not looked at: "login" failed` {
			t.Errorf("%s says %q, which does not name the cause", c.Name, c.Found)
		}
	}
	var f *failure.Error
	if !errors.As(err, &f) || f.Code != failure.Preflight {
		t.Fatalf("the error is %#v, want a preflight failure", err)
	}
	for _, part := range []string{"1 of 5 preflight checks failed: login", "2 could not be made before these pass: deep, networks", "found login"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error %q lacks %q", err, part)
		}
	}
	if f.Remedy != "mend login" {
		t.Errorf("the remedy is %q", f.Remedy)
	}
	if len(r.events) != 5 {
		t.Errorf("%d events, want one for each check", len(r.events))
	}
	for _, e := range r.events {
		if e.Kind != event.Checked || e.Check == nil || e.Check.Name == "" || e.Time.IsZero() {
			t.Errorf("event %+v", e)
		}
	}
}

func TestRunPasses(t *testing.T) {
	if _, err := preflight.Run(t.Context(), []providers.Check{gives("a", event.Passed), gives("b", event.Warned, "a")}, event.Discard); err != nil {
		t.Errorf("a warning fails the run: %v", err)
	}
}

// Each of the two checks ends only when the other has started.
func TestRunIsParallel(t *testing.T) {
	one, other := make(chan struct{}), make(chan struct{})
	meets := func(name string, mine, theirs chan struct{}) providers.Check {
		return providers.Check{Name: name, Run: func(ctx context.Context) (event.Check, error) {
			close(mine)
			select {
			case <-theirs:
				return event.Check{Result: event.Passed}, nil
			case <-ctx.Done():
				return event.Check{}, ctx.Err()
			}
		}}
	}
	if _, err := preflight.Run(t.Context(), []providers.Check{meets("a", one, other), meets("b", other, one)}, event.Discard); err != nil {
		t.Error(err)
	}
}

func TestRunSurvivesBrokenChecks(t *testing.T) {
	results, err := preflight.Run(t.Context(), []providers.Check{
		{Name: "panics", Run: func(context.Context) (event.Check, error) { panic("index out of range") }},
		{Name: "says nothing", Run: func(context.Context) (event.Check, error) { return event.Check{}, nil }},
		{Name: "errs", Run: func(context.Context) (event.Check, error) {
			return event.Check{Want: "a datastore"}, &failure.Error{Summary: "no route", Remedy: "plug it in"}
		}},
	}, event.Discard)
	if failure.ExitCode(err) != failure.Preflight {
		t.Errorf("the error is %v", err)
	}
	if got, want := outcomes(results), "panics=failed says nothing=failed errs=failed"; got != want {
		t.Fatalf("results are %s, want %s", got, want)
	}
	if !strings.Contains(results[0].Found, "index out of range") {
		t.Errorf("the panic is reported as %q", results[0].Found)
	}
	if c := results[2]; c.Found != "no route" || c.Remedy != "plug it in" || c.Want != "a datastore" {
		t.Errorf("the error is reported as %+v", c)
	}
}

// A check that ignores its context must not keep a person waiting.
func TestRunIsCancelable(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	defer close(release)
	stubborn := providers.Check{Name: "stubborn", Run: func(context.Context) (event.Check, error) {
		cancel()
		<-release
		return event.Check{Result: event.Passed}, nil
	}}
	closed := false
	opens := providers.Check{Name: "opens", Run: func(ctx context.Context) (event.Check, error) {
		preflight.Defer(ctx, func(ctx context.Context) { closed = ctx.Err() == nil })
		return event.Check{Result: event.Passed}, nil
	}}
	stubborn.Needs = []string{"opens"}
	results, err := preflight.Run(ctx, []providers.Check{opens, stubborn, gives("after", event.Passed, "stubborn")}, event.Discard)
	if failure.ExitCode(err) != failure.Interrupted {
		t.Errorf("the error is %v, want an interruption", err)
	}
	if got, want := outcomes(results), "opens=passed stubborn=skipped after=skipped"; got != want {
		t.Errorf("results are %s, want %s", got, want)
	}
	if !closed {
		t.Error("what was opened is not closed, or with a context that is over")
	}
}

func TestDeferOutsideRun(t *testing.T) {
	if preflight.Defer(t.Context(), func(context.Context) {}) {
		t.Error("Defer claims a context that is not from Run")
	}
}

func TestRunRefusesImpossibleGraphs(t *testing.T) {
	for name, c := range map[string]struct {
		checks []providers.Check
		want   string
	}{
		"twice":   {[]providers.Check{gives("a", event.Passed), gives("a", event.Passed)}, `two preflight checks are called "a"`},
		"unknown": {[]providers.Check{gives("a", event.Passed, "b")}, `"a" needs "b", which does not exist`},
		"circle":  {[]providers.Check{gives("a", event.Passed, "b"), gives("b", event.Passed, "c"), gives("c", event.Passed, "b")}, "b needs c needs b"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := preflight.Run(t.Context(), c.checks, event.Discard)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
}
