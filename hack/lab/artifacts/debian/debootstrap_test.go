package debian

import (
	"archive/tar"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Mounts and processes of a debootstrap that is killed must end with it.
func TestDebootstrapIsShutIn(t *testing.T) {
	a := &Archive{packages: "/cache/downloads"}
	cmd := a.command(t.Context(), "/target", "--include=systemd")
	attr := cmd.SysProcAttr
	if attr.Cloneflags&syscall.CLONE_NEWPID == 0 || attr.Unshareflags&syscall.CLONE_NEWNS == 0 || attr.Pdeathsig != syscall.SIGKILL {
		t.Errorf("it runs with %+v", attr)
	}
	args := strings.Join(cmd.Args, " ")
	if want := "--cache-dir=/cache/downloads --include=systemd " + Suite + " /target " + Mirror; !strings.HasSuffix(args, want) {
		t.Errorf("it is called %s", args)
	}
}

func TestPackagesThatAreNotThereAreNamed(t *testing.T) {
	work := t.TempDir()
	archives := filepath.Join(work, "var/cache/apt/archives")
	if err := os.MkdirAll(archives, 0o755); err != nil {
		t.Fatal(err)
	}
	runc := filepath.Join(archives, "runc_1.1.5+ds1-1+deb12u1_amd64.deb")
	if err := os.WriteFile(runc, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := downloaded(work, []string{"runc"})
	if err != nil || files["runc"] != runc {
		t.Errorf("got %v, %v", files, err)
	}
	_, err = downloaded(work, []string{"runc", "crun", "youki"})
	if err == nil || !strings.Contains(err.Error(), "crun, youki") || strings.Contains(err.Error(), "runc,") {
		t.Errorf("got %v", err)
	}
}

// fakeDpkg stands in for dpkg-deb, which only Debian has: its package files are
// tar files.
func fakeDpkg(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dpkg-deb"), []byte("#!/bin/sh\nexec cat \"$2\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func TestPackagesAreUnpackedThroughTheTreesLinks(t *testing.T) {
	fakeDpkg(t)
	file := filepath.Join(t.TempDir(), "thing.deb")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(f)
	for _, h := range []tar.Header{
		{Name: "./bin/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "./bin/tool", Typeflag: tar.TypeReg, Mode: 0o750},
	} {
		h.Uid, h.Gid = os.Getuid(), os.Getgid()
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	f.Close()

	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "usr/bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("usr/bin", filepath.Join(root, "bin")); err != nil {
		t.Fatal(err)
	}
	a := &Archive{}
	if err := a.Extract(t.Context(), root, file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(root, "usr/bin/tool")); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("the program is not where /bin leads: %v", err)
	}
	missing := filepath.Join(t.TempDir(), "gone.deb")
	if err := a.Extract(t.Context(), root, missing); err == nil || !strings.Contains(err.Error(), "gone.deb") {
		t.Errorf("a package that is not there gave %v", err)
	}
}

func TestProgramsOfATreeAreFoundInIt(t *testing.T) {
	root := t.TempDir()
	for _, path := range []string{"usr/bin/ip", "usr/sbin/tc"} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		// As in a tree, a link that only leads somewhere inside.
		if err := os.Symlink("/nowhere", path); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, command := range []string{"ip", "tc", "/opt/x", "sh"} {
		path, err := inRoot(root, command)
		if (err != nil) != (command == "sh") {
			t.Errorf("%s: %v", command, err)
		}
		got = append(got, path)
	}
	if want := []string{"/usr/bin/ip", "/usr/sbin/tc", "/opt/x", ""}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestOnlyTheEndOfALongOutputIsTold(t *testing.T) {
	out := strings.Repeat("I: Retrieving\n", 100) + "E: Failed getting release file\n"
	got := strings.Split(lastLines([]byte(out)), "\n")
	if len(got) != errorLines || got[errorLines-1] != "E: Failed getting release file" {
		t.Errorf("told %q", got)
	}
	if got := lastLines(nil); got != "" {
		t.Errorf("nothing becomes %q", got)
	}
}
