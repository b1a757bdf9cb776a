package workflow

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
)

// plain is a step that can neither be probed nor undone.
type plain struct {
	name string
	run  func(context.Context) error
	runs int
}

func (s *plain) Name() string  { return s.name }
func (s *plain) Title() string { return strings.ToUpper(s.name) }
func (s *plain) Run(ctx context.Context) error {
	s.runs++
	if s.run == nil {
		return nil
	}
	return s.run(ctx)
}

// probed can be probed and undone; its world is the field done.
type probed struct {
	plain
	done        bool
	probes      int
	probeErr    error
	undone      int
	undoFailure error
}

func (s *probed) Run(ctx context.Context) error {
	err := s.plain.Run(ctx)
	s.done = err == nil
	return err
}

func (s *probed) Done(context.Context) (bool, error) {
	s.probes++
	return s.done, s.probeErr
}

func (s *probed) Undo(context.Context) error {
	s.undone++
	return s.undoFailure
}

// site is where a test's runs take place.
type site struct {
	t       *testing.T
	path    string
	options Options
	events  []event.Event
}

func newSite(t *testing.T, steps ...Step) *site {
	s := &site{t: t, path: filepath.Join(t.TempDir(), "journal.jsonl")}
	s.options = Options{Command: "create", Steps: steps, Configuration: "one"}
	return s
}

func (s *site) open() Options {
	s.t.Helper()
	journal, err := OpenJournal(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = journal.Close() })
	o := s.options
	o.Journal = journal
	o.Sink = event.SinkFunc(func(e event.Event) { s.events = append(s.events, e) })
	return o
}

// run opens the journal anew, as a new process does.
func (s *site) run(ctx context.Context) error { s.t.Helper(); return Run(ctx, s.open()) }

// states are the journal's entries as "step state".
func (s *site) states() []string {
	s.t.Helper()
	entries, err := ReadJournal(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Step+" "+string(e.State))
	}
	return got
}

func (s *site) wantStates(want ...string) {
	s.t.Helper()
	if got := s.states(); !slices.Equal(got, want) {
		s.t.Errorf("the journal says %q\nwant %q", got, want)
	}
}

func TestRunInOrder(t *testing.T) {
	var order []string
	note := func(name string) func(context.Context) error {
		return func(context.Context) error { order = append(order, name); return nil }
	}
	s := newSite(t, &plain{name: "a", run: note("a")}, &plain{name: "b", run: note("b")})
	if err := s.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(order, []string{"a", "b"}) {
		t.Errorf("ran %v", order)
	}
	s.wantStates("a started", "a finished", "b started", "b finished")
	var kinds []event.Kind
	for _, e := range s.events {
		kinds = append(kinds, e.Kind)
	}
	if want := []event.Kind{event.StepStarted, event.StepFinished, event.StepStarted, event.StepFinished}; !slices.Equal(kinds, want) {
		t.Errorf("told %v", kinds)
	}
}

func TestResume(t *testing.T) {
	down := errors.New("connection refused")
	for _, test := range []struct {
		name string
		// between happens between the first run, which fails at c, and the
		// second.
		between       func(s *site, b *probed)
		wantA, wantB  int // runs over both
		wantBProbes   int
		wantLastEntry string
	}{
		{"finished steps are skipped", func(*site, *probed) {}, 1, 1, 1, "c finished"},
		{"a finished step that is not done any more", func(_ *site, b *probed) { b.done = false }, 1, 2, 1, "c finished"},
		{"a probe that cannot see", func(_ *site, b *probed) { b.probeErr = down }, 1, 2, 1, "c finished"},
		{"another configuration", func(s *site, _ *probed) { s.options.Configuration = "two" }, 2, 1, 1, "c finished"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b, c := &plain{name: "a"}, &probed{plain: plain{name: "b"}}, &plain{name: "c"}
			c.run = func(context.Context) error { return errors.New("out of luck") }
			s := newSite(t, a, b, c)
			if err := s.run(t.Context()); err == nil || !strings.Contains(err.Error(), "C: out of luck") {
				t.Fatalf("the first run ended in %v", err)
			}
			if b.probes != 0 {
				t.Error("a step that had never begun was probed")
			}
			c.run = nil
			test.between(s, b)
			if err := s.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if a.runs != test.wantA || b.runs != test.wantB || b.probes != test.wantBProbes || c.runs != 2 {
				t.Errorf("a ran %d times, b %d with %d probes, c %d", a.runs, b.runs, b.probes, c.runs)
			}
			if got := s.states(); got[len(got)-1] != test.wantLastEntry {
				t.Errorf("the journal says %q", got)
			}
		})
	}
}

// What another command did since may have undone a step.
func TestAnotherCommandEndsWhatIsKnown(t *testing.T) {
	a := &plain{name: "a"}
	s := newSite(t, a)
	for _, command := range []string{"create", "create", "delete", "create"} {
		s.options.Command = command
		if err := s.run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if a.runs != 3 {
		t.Errorf("a ran %d times; want 3: only the second create may skip it", a.runs)
	}
}

func TestInterrupted(t *testing.T) {
	for _, test := range []struct {
		name string
		// end ends the run's context and says what the step returns.
		end  func(cancel context.CancelFunc, ctx context.Context) error
		want []string
	}{
		{"within a step", func(cancel context.CancelFunc, ctx context.Context) error {
			cancel()
			return fmt.Errorf("call the API: %w", ctx.Err())
		}, []string{"a started", "a interrupted"}},
		{"within a step that dresses it up", func(cancel context.CancelFunc, ctx context.Context) error {
			cancel()
			return &failure.Error{Code: failure.Infrastructure, Summary: "vCenter does not answer", Err: ctx.Err()}
		}, []string{"a started", "a interrupted"}},
		{"between steps", func(cancel context.CancelFunc, _ context.Context) error {
			cancel()
			return nil
		}, []string{"a started", "a finished", "b interrupted"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			a, b := &plain{name: "a"}, &plain{name: "b"}
			a.run = func(ctx context.Context) error { return test.end(cancel, ctx) }
			s := newSite(t, a, b)
			err := s.run(ctx)
			if !errors.Is(err, context.Canceled) || failure.ExitCode(err) != failure.Interrupted || failure.Remedy(err) == "" {
				t.Errorf("Run = %v (code %d)", err, failure.ExitCode(err))
			}
			s.wantStates(test.want...)
			if b.runs != 0 {
				t.Error("b ran after the end")
			}
			a.run = nil
			if err := s.run(t.Context()); err != nil || b.runs != 1 {
				t.Errorf("the next run: %v, b ran %d times", err, b.runs)
			}
		})
	}
}

// A real failure at the moment of an interruption is still told.
func TestFailureIsNotHiddenByInterruption(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	full := &failure.Error{Code: failure.Infrastructure, Summary: "the datastore is full"}
	s := newSite(t, &plain{name: "a", run: func(context.Context) error { cancel(); return full }})
	if err := s.run(ctx); failure.ExitCode(err) != failure.Infrastructure {
		t.Errorf("Run = %v", err)
	}
	s.wantStates("a started", "a failed")
}

func TestTimedOut(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	s := newSite(t, &plain{name: "a"})
	if err := s.run(ctx); failure.ExitCode(err) != failure.TimedOut || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run = %v", err)
	}
}

func TestUndo(t *testing.T) {
	var steps []*probed
	var order []string
	for _, name := range []string{"a", "b", "c", "d"} {
		s := &probed{plain: plain{name: name}}
		s.run = func(context.Context) error { order = append(order, name); return nil }
		steps = append(steps, s)
	}
	steps[2].run = func(context.Context) error { return errors.New("half way") }
	s := newSite(t, steps[0], steps[1], steps[2], steps[3])
	if err := s.run(t.Context()); err == nil {
		t.Fatal("c did not fail")
	}
	steps[1].undoFailure = errors.New("not now")
	if err := Undo(t.Context(), s.open()); err == nil || !strings.Contains(err.Error(), "undo b: not now") {
		t.Errorf("Undo = %v", err)
	}
	steps[1].undoFailure = nil
	if err := Undo(t.Context(), s.open()); err != nil {
		t.Fatal(err)
	}
	var undone []int
	for _, s := range steps {
		undone = append(undone, s.undone)
	}
	if want := []int{1, 2, 1, 0}; !slices.Equal(undone, want) {
		t.Errorf("undone %v times; want %v: c was half done, d never begun", undone, want)
	}
	got := s.states()
	if tail := got[len(got)-4:]; !slices.Equal(tail, []string{"c undone", "b failed", "b undone", "a undone"}) {
		t.Errorf("the journal says %q", got)
	}
	probes := steps[0].probes
	if _ = s.run(t.Context()); steps[0].probes != probes || !slices.Equal(order, []string{"a", "b", "a", "b"}) {
		t.Errorf("after the undo, a was probed or not run again: %v", order)
	}
}

func TestStepNamesAreUnique(t *testing.T) {
	s := newSite(t, &plain{name: "a"}, &plain{name: "a"})
	if err := s.run(t.Context()); err == nil {
		t.Error("two steps of one name ran")
	}
}

// No secret reaches the journal or an event, and an error that quotes a whole
// page does not swell them.
func TestErrorsAreRedactedAndCut(t *testing.T) {
	const password = "hunter2"
	failing := &plain{name: "a", run: func(context.Context) error {
		return &failure.Error{
			Code: failure.Other, Summary: "login as admin:" + password + strings.Repeat(" é", 5000),
			Remedy: "try " + password, Err: fmt.Errorf("with %v", secret.New(password)),
		}
	}}
	s := newSite(t, failing)
	s.options.Redact = strings.NewReplacer(password, secret.Redacted).Replace
	if err := s.run(t.Context()); err == nil {
		t.Fatal("the step did not fail")
	}
	entries, err := ReadJournal(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v %+v", entries, s.events); strings.Contains(text, password) {
		t.Errorf("the password is in %.200s", text)
	}
	if got := entries[1].Error; len(got) > 4200 || !strings.Contains(got, secret.Redacted) || strings.ContainsRune(got, '\uFFFD') {
		t.Errorf("the error has %d bytes: %.80s", len(got), got)
	}
}
