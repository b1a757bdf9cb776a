package cache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t *testing.T, root string) *Cache {
	t.Helper()
	c, err := Open(t.Context(), root, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func names(t *testing.T, root string) string {
	t.Helper()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		if e.Name() != lockFile {
			list = append(list, e.Name())
		}
	}
	return strings.Join(list, " ")
}

func TestAnEntryIsMadeOnce(t *testing.T) {
	root := t.TempDir()
	made := 0
	fill := func(_ context.Context, dir string) error {
		made++
		return os.WriteFile(filepath.Join(dir, "file"), []byte("content"), 0o600)
	}
	c := open(t, root)
	first, err := c.Entry(t.Context(), "thing", NewKey("1"), fill)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	c = open(t, root)
	second, err := c.Entry(t.Context(), "thing", NewKey("1"), fill)
	if err != nil {
		t.Fatal(err)
	}
	if made != 1 || first != second {
		t.Errorf("made %d times, in %s and %s", made, first, second)
	}
	if data, err := os.ReadFile(filepath.Join(second, "file")); string(data) != "content" {
		t.Errorf("the entry holds %q, %v", data, err)
	}
	other, err := c.Entry(t.Context(), "thing", NewKey("2"), fill)
	if err != nil {
		t.Fatal(err)
	}
	if made != 2 || other == first {
		t.Errorf("another key gave %s, made %d times", other, made)
	}
}

func TestAFailedEntryLeavesNothing(t *testing.T) {
	root := t.TempDir()
	c := open(t, root)
	broken := errors.New("the disk is full")
	_, err := c.Entry(t.Context(), "thing", NewKey("1"), func(_ context.Context, dir string) error {
		if err := os.WriteFile(filepath.Join(dir, "half"), nil, 0o600); err != nil {
			t.Error(err)
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the cause", err)
	}
	if left := names(t, root); left != "" {
		t.Errorf("left behind: %s", left)
	}
}

// A killed process runs no deferred function: what it was making lies there.
func TestOpenRemovesWhatAKilledRunLeft(t *testing.T) {
	root := t.TempDir()
	c := open(t, root)
	var half string
	_, err := c.Entry(t.Context(), "thing", NewKey("1"), func(_ context.Context, dir string) error {
		half = filepath.Base(dir)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if err := os.MkdirAll(filepath.Join(root, half, "deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	open(t, root)
	if left := names(t, root); left != "thing-"+NewKey("1").String() {
		t.Errorf("the cache holds %s", left)
	}
}

func TestACancelledRunStartsNothing(t *testing.T) {
	c := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Entry(ctx, "thing", NewKey("1"), func(context.Context, string) error {
		t.Error("it was begun")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOneRunAtATime(t *testing.T) {
	root := t.TempDir()
	first := open(t, root)
	told := make(chan string, 1)
	opened := make(chan error, 1)
	go func() {
		second, err := Open(context.Background(), root, func(line string) { told <- line })
		if err == nil {
			second.Close()
		}
		opened <- err
	}()
	select {
	case <-told: // the second one waits, and says so
	case err := <-opened:
		t.Fatalf("opened while another run had the cache: %v", err)
	}
	first.Close()
	if err := <-opened; err != nil {
		t.Error(err)
	}

	first = open(t, root)
	defer first.Close()
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := Open(ctx, root, func(string) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait gave %v", err)
	}
}

func TestPruneKeepsWhatIsUsedOrNew(t *testing.T) {
	root := t.TempDir()
	old := time.Now().Add(-48 * time.Hour)
	entry := func(version string) string { return "thing-" + NewKey(version).String() }
	for _, name := range []string{entry("used"), entry("old"), entry("new"), "packages"} {
		path := filepath.Join(root, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if name != entry("new") {
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	c := open(t, root)
	if _, err := c.Entry(t.Context(), "thing", NewKey("used"), nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Prune(24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	left := names(t, root)
	if strings.Contains(left, entry("old")) {
		t.Errorf("the old entry is still there: %s", left)
	}
	for _, name := range []string{entry("used"), entry("new"), "packages"} {
		if !strings.Contains(left, name) {
			t.Errorf("%s is gone: %s", name, left)
		}
	}
}

func TestKeysTellPartsApart(t *testing.T) {
	seen := map[string][]string{}
	for _, parts := range [][]string{{"a", "b"}, {"b", "a"}, {"ab"}, {"a", "b", ""}, {}} {
		k := NewKey(parts...).String()
		if other, twice := seen[k]; twice {
			t.Errorf("%q and %q have one key", other, parts)
		}
		seen[k] = parts
		if !isEntry("thing-" + k) {
			t.Errorf("%q is not seen as an entry's name", "thing-"+k)
		}
	}
	if k := NewKey("a", "b"); seen[k.String()] == nil {
		t.Error("the same parts have two keys")
	}
}
