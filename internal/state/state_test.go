package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

func open(t *testing.T) *Dir {
	t.Helper()
	d, err := Open(filepath.Join(t.TempDir(), "root"), "demo")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRoot(t *testing.T) {
	for _, test := range []struct{ name, xdg, want string }{
		{"from XDG_STATE_HOME", "/var/state", "/var/state/groundwork"},
		{"a relative one does not count", "state", "/home/user/.local/state/groundwork"},
		{"the default", "", "/home/user/.local/state/groundwork"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("XDG_STATE_HOME", test.xdg)
			t.Setenv("HOME", "/home/user")
			if got, err := Root(); err != nil || got != test.want {
				t.Errorf("Root() = %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestOpenRefusesNames(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"", ".", "..", "../other", "a/b", "_rehearsals", ".hidden", "-f", "a\nb"} {
		if _, err := Open(root, name); failure.ExitCode(err) != failure.Usage {
			t.Errorf("Open(%q) = %v; want a usage failure", name, err)
		}
	}
	if entries, err := os.ReadDir(root); err != nil || len(entries) != 0 {
		t.Errorf("the root holds %v, %v; want nothing", entries, err)
	}
}

func TestOpenMakesPrivateDirectories(t *testing.T) {
	d := open(t)
	for _, path := range []string{d.Path(), filepath.Dir(d.Path())} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v, %v; want 0700", path, info.Mode(), err)
		}
	}
}

func TestOpenRefusesUnsafeDirectories(t *testing.T) {
	stranger := 12345
	for _, test := range []struct {
		name string
		// spoil makes the directory unsafe.
		spoil   func(d *Dir) error
		asRoot  bool
		message string
	}{
		{"others can read it", func(d *Dir) error { return os.Chmod(d.Path(), 0o750) }, false, "mode is 0750"},
		{"others can write to the root", func(d *Dir) error { return os.Chmod(d.root, 0o777) }, false, "others can write"},
		{"a file lies there", func(d *Dir) error {
			return errors.Join(os.Remove(d.Path()), os.WriteFile(d.Path(), nil, 0o600))
		}, false, "not a directory"},
		{"somebody else owns it", func(d *Dir) error { return os.Chown(d.Path(), stranger, stranger) }, true, "belongs to user 12345"},
		{"somebody else's link", func(d *Dir) error {
			real := d.Path() + ".real"
			return errors.Join(os.Rename(d.Path(), real), os.Symlink(real, d.Path()), os.Lchown(d.Path(), stranger, stranger))
		}, true, "symbolic link of user 12345"},
	} {
		if test.asRoot && os.Geteuid() != 0 { // only root can give a file away
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			d := open(t)
			if err := test.spoil(d); err != nil {
				t.Fatal(err)
			}
			_, err := Open(d.root, "demo")
			if err == nil || !strings.Contains(err.Error(), test.message) {
				t.Errorf("Open = %v; want an error with %q", err, test.message)
			}
			if failure.Remedy(err) == "" {
				t.Error("there is no remedy")
			}
		})
	}
}

func TestOpenFollowsOwnLink(t *testing.T) {
	d := open(t)
	real := d.Path() + ".real"
	if err := errors.Join(os.Rename(d.Path(), real), os.Symlink(real, d.Path())); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(d.root, "demo"); err != nil {
		t.Error(err)
	}
}

func TestFind(t *testing.T) {
	d := open(t)
	if _, err := Find(d.root, "demo"); err != nil {
		t.Error(err)
	}
	if _, err := Find(d.root, "other"); !errors.Is(err, fs.ErrNotExist) || failure.Remedy(err) == "" {
		t.Errorf("Find(other) = %v; want fs.ErrNotExist with a remedy", err)
	}
}

func TestListAndRemoveAll(t *testing.T) {
	d := open(t)
	for _, name := range []string{"b", "a"} {
		if _, err := Open(d.root, name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(Rehearsals(d.root), "demo"); err != nil {
		t.Fatal(err)
	}
	if err := d.WriteFile("bootstrap-cluster/etcd/wal", []byte("x")); err != nil {
		t.Fatal(err)
	}
	// A kill in the middle of a removal leaves this.
	if err := os.MkdirAll(filepath.Join(d.root, removing+"1", "demo"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := List(d.root); err != nil || !slices.Equal(got, []string{"a", "b", "demo"}) {
		t.Errorf("List = %v, %v", got, err)
	}
	if err := d.RemoveAll(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(d.root)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{rehearsals, "a", "b"}; !slices.Equal(left, want) {
		t.Errorf("after the removal the root holds %v; want %v", left, want)
	}
	if err := d.RemoveAll(); err != nil {
		t.Errorf("removing again: %v", err)
	}
}

func TestClear(t *testing.T) {
	d := open(t)
	lock, err := d.Lock("create cluster")
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	for _, name := range []string{LogFile, JournalFile, "site/vms.json"} {
		if err := d.WriteFile(name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Clear(LogFile); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(d.Path())
	if err != nil || len(entries) != 2 || entries[0].Name() != lockFile || entries[1].Name() != LogFile {
		t.Errorf("the directory holds %v, %v; want the lock and the log", entries, err)
	}
	if _, held, err := d.Owner(); err != nil || !held {
		t.Errorf("the lock is held: %v, %v", held, err)
	}
}

func TestDeletionBegun(t *testing.T) {
	d := open(t)
	for _, test := range []struct {
		journal []byte
		want    bool
	}{{nil, false}, {[]byte{}, false}, {[]byte("{}\n"), true}} {
		if test.journal != nil {
			if err := d.WriteFile(DeleteJournalFile, test.journal); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := d.DeletionBegun(); err != nil || got != test.want {
			t.Errorf("with the journal %q: DeletionBegun() = %v, %v", test.journal, got, err)
		}
	}
}

func TestListOfMissingRoot(t *testing.T) {
	if got, err := List(filepath.Join(t.TempDir(), "none")); err != nil || len(got) != 0 {
		t.Errorf("List = %v, %v; want nothing", got, err)
	}
}

func TestWriteFile(t *testing.T) {
	d := open(t)
	for _, content := range []string{"first", "second, longer", ""} {
		if err := d.WriteFile("sub/file", []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := d.ReadFile("sub/file")
		if err != nil || string(got) != content {
			t.Errorf("ReadFile = %q, %v; want %q", got, err, content)
		}
	}
	info, err := os.Stat(d.Path("sub", "file"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	entries, err := os.ReadDir(d.Path("sub"))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v; want the one file", entries, err)
	}
}

// A failed write must leave what was there, and nothing else.
func TestWriteFileKeepsOldContent(t *testing.T) {
	d := open(t)
	if err := os.MkdirAll(d.Path("name", "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := d.WriteFile("name", []byte("x")); err == nil {
		t.Error("a file replaced a directory")
	}
	entries, err := os.ReadDir(d.Path())
	if err != nil || len(entries) != 1 || entries[0].Name() != "name" {
		t.Errorf("the directory holds %v, %v; want only the old one", entries, err)
	}
}

func TestFilesStayInside(t *testing.T) {
	d := open(t)
	for _, name := range []string{"../escape", "/etc/hostname", "a/../../escape"} {
		if err := d.WriteFile(name, nil); err == nil {
			t.Errorf("WriteFile(%q) wrote", name)
		}
		if _, err := d.ReadFile(name); err == nil {
			t.Errorf("ReadFile(%q) read", name)
		}
	}
}

func TestConfiguration(t *testing.T) {
	d := open(t)
	if _, err := d.Configuration(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Configuration() = %v; want fs.ErrNotExist", err)
	}
	if err := d.SaveConfiguration([]byte("a: 1\n")); err != nil {
		t.Fatal(err)
	}
	got, err := d.Configuration()
	if err != nil || string(got) != "a: 1\n" {
		t.Errorf("Configuration() = %q, %v", got, err)
	}
}

func TestDifference(t *testing.T) {
	for _, test := range []struct{ name, begun, next, want string }{
		{"equal", "a: 1\nb: 2\n", "a: 1\nb: 2\n", ""},
		{
			"a changed line", "a: 1\nb: 2\nc: 3\n", "a: 1\nb: 4\nc: 3\n",
			"--- begun with\n+++ now\n@@ -1,3 +1,3 @@\n a: 1\n-b: 2\n+b: 4\n c: 3\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Difference([]byte(test.begun), []byte(test.next)); got != test.want {
				t.Errorf("Difference:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
	if Digest([]byte("a")) == Digest([]byte("b")) || len(Digest(nil)) != 64 {
		t.Error("the digest does not tell configurations apart")
	}
}
