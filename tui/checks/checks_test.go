package checks

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

func config(t *testing.T) *v1alpha1.Config {
	t.Helper()
	config, err := v1alpha1.Load("../../examples/vsphere.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// next stands for the screen after this one.
type next struct{ ui.Screen }

func open(t *testing.T, b *backendtest.Backend, width, height int) *tuitest.Driver {
	t.Helper()
	env := tuitest.Env()
	return tuitest.Body(t, New(env, b, Options{
		Config: config(t), Next: func() ui.Screen { return next{} }, Rehearse: func() ui.Screen { return next{} },
	}), width, height)
}

var (
	passed = []event.Check{
		{Name: "vCenter", Result: event.Passed, Want: "a vCenter that answers", Found: "vCenter 8.0.3", Seconds: 0.2},
		{Name: "vCenter login", Result: event.Passed, Want: "a login", Found: "administrator@vsphere.local", Seconds: 0.4},
		{Name: "Network", Result: event.Passed, Want: "the network", Found: "/Frankfurt/network/Kubernetes", Seconds: 0.1},
	}
	warned = event.Check{
		Name: "Datastore space", Result: event.Warned, Want: "125 GiB free on /Frankfurt/datastore/vsan, and a fifth of it left",
		Found:  "180 GiB free of 2048 GiB; 55 GiB would be left once all five machines have filled their disks",
		Remedy: "free some space, or choose another datastore", Seconds: 0.3,
	}
	template = event.Check{
		Name: "Template", Result: event.Failed, Want: "the template /Frankfurt/vm/templates/ubuntu-kube-v1.35",
		Found:  "there is no such virtual machine; the nearest is /Frankfurt/vm/templates/ubuntu-kube-v1.34",
		Remedy: "correct spec.template, or import the template with `bootstrap vsphere import`", Seconds: 12.3,
	}
	skipped = event.Check{Name: "Template tools", Result: event.Skipped, Found: `not looked at: "Template" failed`}
)

func all(more ...event.Check) []event.Check {
	return append(append([]event.Check{}, passed...), more...)
}

func TestScreens(t *testing.T) {
	for name, checks := range map[string][]event.Check{
		"ready": passed, "warning": all(warned), "failed": all(warned, template, skipped),
	} {
		for size, wh := range map[string][2]int{"80x24": {80, 24}, "120x40": {120, 40}} {
			t.Run(name+"-"+size, func(t *testing.T) {
				d := open(t, &backendtest.Backend{Answers: backendtest.Answers{Checks: checks}}, wh[0], wh[1])
				d.Wait("[ ")
				d.Golden(name + "-" + size)
			})
		}
	}
}

func TestASCII(t *testing.T) {
	b := &backendtest.Backend{Answers: backendtest.Answers{Checks: all(warned, template, skipped)}}
	d := tuitest.Body(t, New(tuitest.ASCIIEnv(), b, Options{Config: config(t)}), 80, 24)
	d.Wait("[ Check again ]")
	for _, r := range d.Screen() {
		if r > 126 {
			t.Fatalf("%q is not ASCII:\n%s", r, d.Screen())
		}
	}
}

func TestPassedGoesOnWithEnter(t *testing.T) {
	d := open(t, &backendtest.Backend{Answers: backendtest.Answers{Checks: passed}}, 80, 24)
	d.Wait("[ Go on to the review ]")
	d.Press("enter")
	if got := tuitest.Sent[ui.Open](d); len(got) != 1 {
		t.Errorf("opened %v", got)
	}
}

func TestWarningsHaveToBeAccepted(t *testing.T) {
	second := warned
	second.Name = "Clock"
	for name, keys := range map[string][]string{"one by one": {"space", "down", "space"}, "all": {"a"}, "button": {"G", "enter"}} {
		t.Run(name, func(t *testing.T) {
			d := open(t, &backendtest.Backend{Answers: backendtest.Answers{Checks: all(warned, second)}}, 80, 24)
			d.Wait("[ Accept all 2 warnings ]")
			d.Press("ctrl+n")
			if opened, toasts := tuitest.Sent[ui.Open](d), tuitest.Sent[ui.Toast](d); len(opened) != 0 || len(toasts) != 1 {
				t.Errorf("unaccepted, opened %v and said %v", opened, toasts)
			}
			d.Press(keys...)
			d.Wait("[ Go on to the review ]")
			d.Press("ctrl+n")
			if got := tuitest.Sent[ui.Open](d); len(got) != 1 {
				t.Errorf("accepted, opened %v", got)
			}
		})
	}
}

func TestAcceptanceLastsUntilTheWarningChanges(t *testing.T) {
	b := &backendtest.Backend{Answers: backendtest.Answers{Checks: []event.Check{warned}}}
	d := open(t, b, 80, 24)
	d.Wait("Accept the warning")
	d.Press("a", "r")
	d.Wait("[ Go on to the review ]", "accepted")
	changed := warned
	changed.Found = "20 GiB free"
	b.Change(func(a *backendtest.Answers) { a.Checks = []event.Check{changed} })
	d.Press("r")
	d.Wait("20 GiB free", "[ Accept the warning ]")
}

func TestFailureStopsUntilItPasses(t *testing.T) {
	b := &backendtest.Backend{Answers: backendtest.Answers{Checks: all(template, skipped)}}
	d := open(t, b, 80, 24)
	d.Wait("[ Check again ]", "correct spec.template")
	d.Press("ctrl+n")
	if got := tuitest.Sent[ui.Open](d); len(got) != 0 {
		t.Fatalf("opened %v though a check failed", got)
	}
	d.Press("t")
	if got := tuitest.Sent[ui.Open](d); len(got) != 1 {
		t.Errorf("the rehearsal did not open")
	}
	b.Change(func(a *backendtest.Answers) { a.Checks = passed })
	d.Press("G", "enter")
	d.Wait("3 passed", "[ Go on to the review ]")
}

func TestPassesUnfold(t *testing.T) {
	d := open(t, &backendtest.Backend{Answers: backendtest.Answers{Checks: passed}}, 80, 24)
	d.Wait("3 checks passed")
	d.Press("g", "enter")
	d.Wait("administrator@vsphere.local")
	d.Press("down", "enter")
	d.Wait("a vCenter that answers")
	d.Press("up", "enter")
	d.WaitGone("administrator@vsphere.local")
}

func TestResultsAreShownAsTheyCome(t *testing.T) {
	release := make(chan struct{})
	d := open(t, &backendtest.Backend{Answers: backendtest.Answers{
		PreflightFunc: func(ctx context.Context, _ *v1alpha1.Config, _ bool, sink event.Sink) ([]event.Check, error) {
			sink.Emit(event.Event{Check: &passed[0]})
			select {
			case <-release:
			case <-ctx.Done():
			}
			return passed, ctx.Err()
		},
	}}, 80, 24)
	d.Wait("checking, 1 done", "vCenter 8.0.3")
	d.Golden("running-80x24")
	close(release)
	d.Wait("3 passed")
}

func TestClosingEndsTheChecks(t *testing.T) {
	ended := make(chan error, 1)
	screen := New(tuitest.Env(), &backendtest.Backend{Answers: backendtest.Answers{
		PreflightFunc: func(ctx context.Context, _ *v1alpha1.Config, _ bool, _ event.Sink) ([]event.Check, error) {
			<-ctx.Done()
			ended <- ctx.Err()
			return nil, ctx.Err()
		},
	}}, Options{Config: config(t)})
	d := tuitest.Body(t, screen, 80, 24)
	d.Wait("checking")
	screen.Close()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the checks ended with %v", err)
		}
	case <-time.After(tuitest.Deadline):
		t.Error("the checks went on")
	}
}

func TestWhatKeepsAllChecksFromBeingMade(t *testing.T) {
	b := &backendtest.Backend{Answers: backendtest.Answers{
		PreflightFunc: func(context.Context, *v1alpha1.Config, bool, event.Sink) ([]event.Check, error) {
			return nil, &failure.Error{
				Code: failure.Configuration, Summary: "the release 1.35 is not known", Object: "Cluster demo",
				Err: errors.New("no such\x1b[2J entry"), Remedy: "choose 1.34",
			}
		},
	}}
	d := open(t, b, 80, 24)
	d.Wait("the release 1.35 is not known", "Cluster demo", "no such entry", "choose 1.34", "[ Check again ]")
	if strings.Contains(d.Raw(), "\x1b[2J") {
		t.Error("an error moves the cursor")
	}
	d.Press("r")
	d.Wait("[ Check again ]")
	if got := b.Calls(); len(got) != 2 {
		t.Errorf("asked %q", got)
	}
}

func TestLongListsScroll(t *testing.T) {
	var checks []event.Check
	for range 12 {
		one := template
		one.Name = string(rune('A'+len(checks))) + " check"
		checks = append(checks, one)
	}
	d := open(t, &backendtest.Backend{Answers: backendtest.Answers{Checks: checks}}, 80, 24)
	d.Wait("A check", "more lines below")
	for range 11 {
		d.Press("down")
	}
	d.Wait("❯ ✗ L check", "correct spec.template")
	d.Press("pgup")
	d.WaitGone("L check")
	d.Press("g")
	d.Wait("❯ ✗ A check")
}
