package create

import (
	"context"
	"errors"
	"slices"
	"testing"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/plan"
	"groundwork.dev/bootstrap/internal/session"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/providers"
)

// settler is a provider that settles once and fails on demand.
type settler struct {
	providers.Provider
	records []string
	fail    error
}

func (s *settler) Prepare(_ context.Context, record []byte) (providers.Prepared, error) {
	s.records = append(s.records, string(record))
	made := []string{"made the folder /DC/vm/demo"}
	if s.fail != nil {
		return providers.Prepared{Made: made}, s.fail
	}
	return providers.Prepared{Record: []byte("settled"), Made: made}, nil
}

// Every run, also a resumed one, prepares the site by what the last one
// settled, and says what was made, also when it fails in the end.
func TestPrepareSiteKeepsTheRecord(t *testing.T) {
	dir, err := state.Open(t.TempDir(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	provider := &settler{fail: errors.New("no")}
	var said []string
	sink := event.SinkFunc(func(e event.Event) { said = append(said, e.Message) })
	step := &prepareSite{&installation{
		Options: Options{State: dir, Sink: sink}, session: &session.Session{Plan: &plan.Plan{Provider: provider}},
	}}
	if err := step.Run(t.Context()); !errors.Is(err, provider.fail) {
		t.Errorf("the error is %v", err)
	}
	provider.fail = nil
	for range 2 {
		if done, err := step.Done(t.Context()); done || err != nil {
			t.Errorf("the step counts as done: %v, %v", done, err)
		}
		if err := step.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"", "", "settled"}; !slices.Equal(provider.records, want) {
		t.Errorf("it was given %q, want %q", provider.records, want)
	}
	if len(said) != 3 {
		t.Errorf("it said %q", said)
	}
}

// The objects are made after the site is prepared: before, they would say
// what the configuration leaves open, without a resumed run's settlement.
func TestTheSiteIsPreparedBeforeItsObjects(t *testing.T) {
	names := stepNames(&settler{})
	site, objects, checks := slices.Index(names, "prepare-site"), slices.Index(names, "objects"), slices.Index(names, "preflight")
	if checks < 0 || site < checks || objects < site {
		t.Errorf("the steps are %q", names)
	}
}
