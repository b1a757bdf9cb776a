package save

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

const text = "kind: Cluster\n"

func fileAt(t *testing.T, path string) (string, fs.FileMode) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), info.Mode().Perm()
}

func TestWriteSetsTheMode(t *testing.T) {
	for private, want := range map[bool]fs.FileMode{false: 0o644, true: 0o600} {
		path := filepath.Join(t.TempDir(), "demo.yaml")
		if err := Write(path, []byte(text), private, false); err != nil {
			t.Fatal(err)
		}
		if got, mode := fileAt(t, path); got != text || mode != want {
			t.Errorf("%q with mode %o; want %q with %o", got, mode, text, want)
		}
	}
}

func TestWriteReplacesOnlyWithConsent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.yaml")
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := Write(path, []byte(text), true, false)
	if !errors.Is(err, fs.ErrExist) || failure.Remedy(err) == "" {
		t.Errorf("error %v with remedy %q", err, failure.Remedy(err))
	}
	if got, _ := fileAt(t, path); got != "mine" {
		t.Errorf("without consent the file says %q", got)
	}
	if err := Write(path, []byte(text), true, true); err != nil {
		t.Fatal(err)
	}
	if got, mode := fileAt(t, path); got != text || mode != 0o600 {
		t.Errorf("with consent %q, mode %o", got, mode)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

func TestWriteOfTheSameTextNeedsNoConsentAndTightensTheMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte(text), true, false); err != nil {
		t.Fatal(err)
	}
	if _, mode := fileAt(t, path); mode != 0o600 {
		t.Errorf("mode %o", mode)
	}
}

func TestWriteKeepsLinks(t *testing.T) {
	folder := t.TempDir()
	target, link := filepath.Join(folder, "real.yaml"), filepath.Join(folder, "link.yaml")
	if err := os.WriteFile(target, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, []byte(text), false, true); err != nil {
		t.Fatal(err)
	}
	if got, _ := fileAt(t, target); got != text {
		t.Errorf("the link's target says %q", got)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
}

func TestWriteSaysWhatToDo(t *testing.T) {
	folder := t.TempDir()
	for path, remedy := range map[string]string{
		folder:                                  "add the name of a file",
		filepath.Join(folder, "none", "a.yaml"): "make the folder first, or choose another",
		"/proc/groundwork.yaml":                 "make the folder first, or choose another",
	} {
		err := Write(path, []byte(text), false, true)
		if got := failure.Remedy(err); got != remedy {
			t.Errorf("%s: %v with remedy %q; want %q", path, err, got, remedy)
		}
	}
}
