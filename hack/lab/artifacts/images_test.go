package artifacts

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"groundwork.dev/bootstrap/hack/lab/artifacts/archive"
)

func TestAnImageHoldsItsProgramsAndStartsThem(t *testing.T) {
	for _, i := range images {
		t.Run(i.component, func(t *testing.T) {
			programs, dir := t.TempDir(), t.TempDir()
			for _, name := range i.programs {
				if err := os.WriteFile(filepath.Join(programs, name), []byte(name), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := i.build(t.Context(), programs, dir); err != nil {
				t.Fatal(err)
			}
			left, err := os.ReadDir(dir)
			name := archive.FileName(reference(i.component))
			if err != nil || len(left) != 1 || left[0].Name() != name {
				t.Fatalf("the folder holds %v, %v", left, err)
			}
			built, err := tarball.ImageFromPath(filepath.Join(dir, name), nil)
			if err != nil {
				t.Fatal(err)
			}
			config, err := built.ConfigFile()
			if err != nil {
				t.Fatal(err)
			}
			start := append(config.Config.Entrypoint, config.Config.Cmd...)
			if want := "/" + filepath.Join(i.at, i.programs[0]); len(start) != 1 || start[0] != want {
				t.Errorf("it starts %q, want %q", start, want)
			}
		})
	}
}

func TestCopiesOfSourcesLeaveOutWhatIsNamed(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "bpf")
	for _, name := range []string{"bpf_lxc.c", "Makefile", "lib/tests/a.h", "tests/x/y.c"} {
		if err := write(filepath.Join(from, name), name); err != nil {
			t.Fatal(err)
		}
	}
	// As in the module cache, nothing there can be written.
	if err := os.Chmod(filepath.Join(from, "bpf_lxc.c"), 0o444); err != nil {
		t.Fatal(err)
	}
	if err := copyTree(from, to, []string{"tests", "Makefile"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"bpf_lxc.c": true, "Makefile": false, "lib/tests/a.h": true, "tests": false} {
		info, err := os.Stat(filepath.Join(to, name))
		if (err == nil) != want {
			t.Errorf("%s: %v, want it to be there: %t", name, err, want)
		}
		if err == nil && info.Mode().Perm() != 0o644 {
			t.Errorf("%s has the mode %v", name, info.Mode())
		}
	}
}
