package autosave

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/tui/draft"
)

var now = time.Date(2026, time.March, 2, 10, 30, 0, 0, time.UTC)

// write keeps a draft of that name and returns its entry.
func write(t *testing.T, root, name string, change func(*Entry, *draft.Draft)) Entry {
	t.Helper()
	d, e := draft.New(v1alpha1.VSphereDatacenterKind, name), New(root, now)
	if change != nil {
		change(&e, d)
	}
	text, _, err := d.Text(d.FileName())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Write(text); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestWhatIsKept(t *testing.T) {
	root := filepath.Join(t.TempDir(), "state")
	if all, err := List(root); err != nil || len(all) > 0 {
		t.Fatalf("of nothing: %v, %v", all, err)
	}
	const token = "hunter2"
	e := write(t, root, "prod", func(e *Entry, d *draft.Draft) {
		e.File, e.Page, e.Seen = "/site/prod.yaml", "network", []string{"basics", "workers"}
		d.Config.Cluster.Spec.LicenseToken = v1alpha1.Token{String: secret.New(token)}
		d.Changed()
	})
	got, d, err := Read(e.Path)
	if err != nil {
		t.Fatal(err)
	}
	if got.File != "/site/prod.yaml" || got.Page != "network" || strings.Join(got.Seen, " ") != "basics workers" ||
		got.Cluster != "prod" || got.Provider != v1alpha1.VSphereDatacenterKind || got.Modified.IsZero() {
		t.Errorf("%+v", got)
	}
	if d.Path != "/site/prod.yaml" || d.Config.Cluster.Spec.LicenseToken.Reveal() != token || !d.Unsaved() {
		t.Errorf("the draft: path %q", d.Path)
	}
	for path, mode := range map[string]os.FileMode{e.Path: 0o600, filepath.Dir(e.Path): os.ModeDir | 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode(), err, mode)
		}
	}
	for range 2 {
		if err := e.Remove(); err != nil {
			t.Error(err)
		}
	}
	if all, err := List(root); err != nil || len(all) > 0 {
		t.Errorf("after removing: %v, %v", all, err)
	}
}

func TestListIsLatestFirstAndLeavesOutWhatCannotBeRead(t *testing.T) {
	root := t.TempDir()
	for i, name := range []string{"old", "new"} {
		e := write(t, root, name, nil)
		when := now.Add(time.Duration(i) * time.Hour)
		if err := os.Chtimes(e.Path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.Join(root, "_drafts")
	for name, text := range map[string]string{"broken.yaml": "a: [", "empty.yaml": "", ".unfinished-1": "x", "notes.txt": "x"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, "folder.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	all, err := List(root)
	if err != nil || len(all) != 2 || all[0].Cluster != "new" || all[1].Cluster != "old" {
		t.Errorf("%+v, %v", all, err)
	}
}

// TestHeadHoldsNothingElse makes sure that no path gets into the
// configuration.
func TestHeadHoldsNothingElse(t *testing.T) {
	e := write(t, t.TempDir(), "prod", func(e *Entry, _ *draft.Draft) { e.File = "/a\nkind: Cluster" })
	if got, _, err := Read(e.Path); err != nil || got.File != "" || got.Cluster != "prod" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFailuresHaveARemedy(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "_drafts"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := New(root, now).Write([]byte("x")); failure.Remedy(err) == "" {
		t.Errorf("write: %v", err)
	}
	if _, _, err := Read(filepath.Join(root, "missing.yaml")); failure.Remedy(err) == "" {
		t.Errorf("read: %v", err)
	}
	if _, err := List(root); err == nil {
		t.Error("a file is listed as a folder")
	}
}
