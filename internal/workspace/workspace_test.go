package workspace

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/state"
)

func TestDo(t *testing.T) {
	root := t.TempDir()
	var seen []event.Event
	w := Workspace{
		Root: root, Cluster: "demo", Rehearsal: true, Command: "create cluster", Timeout: time.Minute,
		Sink: event.SinkFunc(func(e event.Event) { seen = append(seen, e) }),
	}
	err := w.Do(t.Context(), func(_ context.Context, open Open) error {
		owner, held, err := open.State.Owner()
		if err != nil || !held || owner.Command != "create cluster" {
			t.Errorf("the lock: %v, %v, %v", owner, held, err)
		}
		if err := w.Do(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "another run works on this cluster") {
			t.Errorf("a second run: %v", err)
		}
		open.Sink.Emit(event.Event{Kind: event.Notice, Message: "something happened"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1 || seen[0].Time.IsZero() {
		t.Errorf("the sink saw %v; want the event with its time", seen)
	}
	path := filepath.Join(state.Rehearsals(root), "demo", state.LogFile)
	log, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(log), "something happened") {
		t.Errorf("the log holds %q, %v", log, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the log's mode: %v, %v", info.Mode(), err)
	}
	dir, err := state.Find(state.Rehearsals(root), "demo")
	if err != nil {
		t.Fatal(err)
	}
	if _, held, err := dir.Owner(); held || err != nil {
		t.Errorf("the lock is still held: %v, %v", held, err)
	}
}

// What ends a run says what to do next, unless the error knows better.
func TestResumable(t *testing.T) {
	known := &failure.Error{Code: failure.Preflight, Summary: "no site", Remedy: "build one"}
	plain := errors.New("no idea")
	for _, test := range []struct {
		name, want string
		work       func(context.Context, Open) error
		code       failure.Code
	}{
		{"an error with a remedy", "no site", func(context.Context, Open) error { return known }, failure.Preflight},
		{"any other error", "no idea", func(context.Context, Open) error { return plain }, failure.Other},
		{"an interruption", "create cluster was interrupted", func(context.Context, Open) error { return context.Canceled }, failure.Interrupted},
		{"the time is over", "did not finish in 1ms", func(ctx context.Context, _ Open) error {
			<-ctx.Done()
			return ctx.Err()
		}, failure.TimedOut},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := Workspace{Root: t.TempDir(), Cluster: "demo", Command: "create cluster", Timeout: time.Millisecond, Sink: event.Discard}
			err := w.Do(t.Context(), test.work)
			if failure.ExitCode(err) != test.code || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Do = %v with code %d; want %q with %d", err, failure.ExitCode(err), test.want, test.code)
			}
			if test.code >= failure.TimedOut && !strings.Contains(failure.Remedy(err), "run the same command again") {
				t.Errorf("the remedy is %q", failure.Remedy(err))
			}
		})
	}
}

func TestStateRoot(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", "/var/state")
	for _, test := range []struct {
		root      string
		rehearsal bool
		want      string
	}{
		{"", false, "/var/state/groundwork"},
		{"", true, "/var/state/groundwork/_rehearsals"},
		{"/elsewhere", false, "/elsewhere"},
		{"/elsewhere", true, "/elsewhere/_rehearsals"},
	} {
		if got, err := StateRoot(test.root, test.rehearsal); err != nil || got != test.want {
			t.Errorf("StateRoot(%q, %v) = %q, %v; want %q", test.root, test.rehearsal, got, err, test.want)
		}
	}
}
