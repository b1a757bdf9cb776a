package workflow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/failure"
)

// The machine stops while the journal is being written: whatever part of it
// reached the disk, the next run ends with every step done, and a step whose
// end had reached the disk is not run again without being probed.
func TestResumeFromEveryByte(t *testing.T) {
	full := recordedRun(t)
	for _, tail := range []struct {
		name   string
		bytes  []byte
		stride int // of the offsets tried; what is synced takes its time
	}{
		{"cut", nil, 1},
		{"zeros from a file system that grew the file first", make([]byte, 50), 11},
		{"a torn line", []byte(`{"time":"2026-01-01T00:00:00Z","step":"x","sta`), 11},
	} {
		t.Run(tail.name, func(t *testing.T) {
			for n := 0; n <= len(full); n += tail.stride {
				resumeFrom(t, full[:n], tail.bytes)
			}
		})
	}
}

func resumeFrom(t *testing.T, durable, tail []byte) {
	t.Helper()
	a, b, c := &plain{name: "a"}, &probed{plain: plain{name: "b"}, done: true}, &plain{name: "c"}
	s := newSite(t, a, b, c)
	if err := os.WriteFile(s.path, append(bytes.Clone(durable), tail...), 0o600); err != nil {
		t.Fatal(err)
	}
	ended := map[string]bool{}
	begun := map[string]bool{}
	for line := range bytes.Lines(durable) {
		var e Entry
		if bytes.HasSuffix(line, []byte("\n")) && json.Unmarshal(line, &e) == nil {
			begun[e.Step] = true
			ended[e.Step] = e.State == Finished
		}
	}
	if err := s.run(t.Context()); err != nil {
		t.Fatalf("after %d bytes: %v", len(durable), err)
	}
	for _, step := range []*plain{a, c} {
		if want := !ended[step.name]; (step.runs == 1) != want {
			t.Errorf("after %d bytes, %s ran %d times; it had ended: %v", len(durable), step.name, step.runs, ended[step.name])
		}
	}
	if begun["b"] != (b.probes == 1) || begun["b"] != (b.runs == 0) {
		t.Errorf("after %d bytes, b ran %d times with %d probes; it had begun: %v", len(durable), b.runs, b.probes, begun["b"])
	}
	// Nothing of the torn end may be left between good lines.
	journal, err := OpenJournal(s.path)
	if err != nil {
		t.Fatalf("after %d bytes: %v", len(durable), err)
	}
	if err := journal.Close(); err != nil {
		t.Error(err)
	}
	done := map[string]bool{}
	for _, e := range journal.Entries() {
		done[e.Step] = e.State == Finished || e.State == Skipped
	}
	if !reflect.DeepEqual(done, map[string]bool{"a": true, "b": true, "c": true}) {
		t.Errorf("after %d bytes, the journal says that these are done: %v", len(durable), done)
	}
}

// recordedRun is the journal of one whole run.
func recordedRun(t *testing.T) []byte {
	t.Helper()
	s := newSite(t, &plain{name: "a"}, &probed{plain: plain{name: "b"}}, &plain{name: "c"})
	if err := s.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestDamagedJournal(t *testing.T) {
	lines := bytes.SplitAfter(recordedRun(t), []byte("\n"))
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	damaged := append(bytes.Clone(lines[0]), "\x00garbage\n"...)
	damaged = append(damaged, lines[1]...)
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	var told *failure.Error
	if _, err := OpenJournal(path); !errors.As(err, &told) || told.Object != path || told.Remedy == "" {
		t.Errorf("OpenJournal = %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(after, damaged) {
		t.Errorf("the damaged journal was changed: %v", err)
	}
}

// The entry that a step has begun is readable while the step runs, and the
// file is nobody else's business.
func TestJournalIsWrittenBeforeTheStep(t *testing.T) {
	var s *site
	step := &plain{name: "a", run: func(context.Context) error {
		s.wantStates("a started")
		return nil
	}}
	s = newSite(t, step)
	if err := s.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(s.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

// A step whose beginning cannot be journaled is not run.
func TestUnwritableJournal(t *testing.T) {
	a := &plain{name: "a"}
	s := newSite(t, a)
	o := s.open()
	if err := o.Journal.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), o); err == nil || a.runs != 0 {
		t.Errorf("Run = %v, and the step ran %d times", err, a.runs)
	}
}

func TestReadJournalOfNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none")
	if entries, err := ReadJournal(path); err != nil || len(entries) != 0 {
		t.Errorf("ReadJournal = %v, %v; want nothing", entries, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading made the journal: %v", err)
	}
}

func TestAttempts(t *testing.T) {
	begun := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	entry := func(step string, state State, seconds float64) Entry {
		return Entry{Time: begun, Command: "create", Step: step, Title: "T", State: state, Seconds: seconds}
	}
	failed := entry("b", Failed, 2)
	failed.Error = "out of luck"
	entries := []Entry{
		entry("a", Started, 0), entry("a", Finished, 1),
		entry("b", Started, 0), // killed
		entry("a", Skipped, 0),
		{Command: "delete", Step: "a", State: Started},
		entry("never-run", Skipped, 0),
		entry("b", Started, 0), failed,
	}
	a := Attempt{Step: "a", Title: "T", Begun: begun, Seconds: 1, Tries: 1, Last: Skipped}
	b := Attempt{Step: "b", Title: "T", Begun: begun, Seconds: 2, Tries: 2, Last: Failed, Error: "out of luck"}
	if got, want := Attempts(entries, "create"), []Attempt{a, b}; !reflect.DeepEqual(got, want) {
		t.Errorf("Attempts = %+v\nwant %+v", got, want)
	}
	entries = append(entries, entry("b", Started, 0), entry("b", Finished, 4))
	b.Seconds, b.Tries, b.Last, b.Error = 6, 3, Finished, ""
	if got, want := Attempts(entries, "create"), []Attempt{a, b}; !reflect.DeepEqual(got, want) {
		t.Errorf("Attempts = %+v\nwant %+v", got, want)
	}
}
