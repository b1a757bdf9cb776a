package store

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func contents(t *testing.T, s *Store, kind string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := s.Each(kind, func(name string, value json.RawMessage) error {
		var text string
		all[name] = text
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		all[name] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func put(t *testing.T, s *Store, kind, name, value string) {
	t.Helper()
	if err := s.Put(kind, name, value); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsSurviveReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "site.jsonl")
	s := open(t, path)
	put(t, s, "vm", "a", "1")
	put(t, s, "vm", "a", "2")
	put(t, s, "vm", "b", "x\ny")
	put(t, s, "vm", "gone", "1")
	put(t, s, "object", "a", "other kind")
	if err := s.Delete("vm", "gone"); err != nil {
		t.Fatal(err)
	}
	if err := s.Sync(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a": "2", "b": "x\ny"}
	if diff := cmp.Diff(want, contents(t, s, "vm")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, contents(t, open(t, path), "vm")); diff != "" {
		t.Error("after reopening:", diff)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the file holds keys and has mode %v", mode)
	}
}

func TestTornLineIsDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "site.jsonl")
	s := open(t, path)
	put(t, s, "vm", "a", "1")
	put(t, s, "vm", "b", "2")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := strings.IndexByte(string(data), '\n') + 1
	for cut := first; cut < len(data); cut++ {
		if err := os.WriteFile(path, data[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		again := open(t, path)
		put(t, again, "vm", "c", "3")
		if diff := cmp.Diff(map[string]string{"a": "1", "c": "3"}, contents(t, open(t, path), "vm")); diff != "" {
			t.Fatalf("cut at byte %d: %s", cut, diff)
		}
	}
}

func TestCompaction(t *testing.T) {
	path := filepath.Join(t.TempDir(), "site.jsonl")
	s := open(t, path)
	put(t, s, "vm", "steady", "here")
	big := strings.Repeat("x", 100<<10)
	for i := range 3 * compactAbove / len(big) {
		put(t, s, "vm", "busy", fmt.Sprint(i, big))
	}
	put(t, s, "vm", "late", "there")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > compactAbove+int64(len(big))+1024 {
		t.Errorf("the file grew to %d bytes", info.Size())
	}
	for _, s := range []*Store{s, open(t, path)} {
		all := contents(t, s, "vm")
		if all["steady"] != "here" || all["late"] != "there" || len(all["busy"]) < len(big) || len(all) != 3 {
			t.Errorf("after compaction %d records are left", len(all))
		}
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("compaction left %v behind", left)
	}
	if err := s.Sync(); err != nil {
		t.Error(err)
	}
}

func TestClosed(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "site.jsonl"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Put("vm", "a", "1"); err == nil {
		t.Error("a record was accepted after Close")
	}
}
