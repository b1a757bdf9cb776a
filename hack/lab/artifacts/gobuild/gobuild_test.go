package gobuild

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/hack/lab/artifacts/cache"
)

// small is a command of the main module that is compiled in a moment.
var small = Group{Name: "small", LDFlags: "-s -w", Commands: []Command{{Package: mainModule + "/hack/lab/artifacts/pause", Name: "renamed"}}}

func builder(t *testing.T, root string) *Builder {
	t.Helper()
	c, err := cache.Open(t.Context(), root, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	b, err := New(t.Context(), c, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestProgramsAreBuiltOnceUnderTheirNames(t *testing.T) {
	b := builder(t, t.TempDir())
	dir, err := b.Build(t.Context(), small)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "renamed")
	first, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	// It is an executable of this machine's: told to end, it ends.
	cmd := exec.CommandContext(t.Context(), program)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if _, err := b.Build(t.Context(), small); err != nil {
		t.Fatal(err)
	}
	if second, err := os.Stat(program); err != nil || !os.SameFile(first, second) {
		t.Errorf("it was built again: %v", err)
	}
}

func TestABuildThatFailsSaysWhyAndLeavesNothing(t *testing.T) {
	root := t.TempDir()
	b := builder(t, root)
	broken := small
	broken.LDFlags = "-no-such-flag"
	if _, err := b.Build(t.Context(), broken); err == nil || !strings.Contains(err.Error(), "no-such-flag") {
		t.Errorf("got %v, want the linker's words", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped by hand")
	cancel(stopped)
	if err := run(ctx, b.root, b.log, small, t.TempDir()); !errors.Is(err, stopped) {
		t.Errorf("a cancelled build gave %v", err)
	}
	if entries, err := filepath.Glob(filepath.Join(root, "*small*")); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestKeysFollowWhatIsBuilt(t *testing.T) {
	b := &Builder{root: t.TempDir(), toolchain: "go1.26.0 linux amd64"}
	g := Group{Name: "thing", Module: true, Commands: []Command{{Package: "example.com/thing"}}}
	pin := func(content string) {
		dir := b.dir(g)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"go.mod", "go.sum"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content+name), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	pin("v1")
	seen := map[string]string{}
	check := func(what string, g Group) {
		t.Helper()
		k, err := b.Key(g)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := b.Key(g); err != nil || again != k {
			t.Errorf("%s: two keys, %v", what, err)
		}
		if other, twice := seen[k.String()]; twice {
			t.Errorf("%s has the key of %s", what, other)
		}
		seen[k.String()] = what
	}
	check("the group", g)
	other := g
	other.LDFlags = "-s"
	check("other linker flags", other)
	other = g
	other.Tags = []string{"osusergo"}
	check("other tags", other)
	other = g
	other.Commands = []Command{{Package: "example.com/thing", Name: "renamed"}}
	check("another name", other)
	b.toolchain = "go1.26.1 linux amd64"
	check("another go command", g)
	pin("v2")
	check("other versions", g)
}

func TestSourceKeysPassTestsOver(t *testing.T) {
	b := &Builder{root: t.TempDir()}
	put := func(name, content string) string {
		path := filepath.Join(b.root, "folder", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		k, err := b.SourceKey("folder")
		if err != nil {
			t.Fatal(err)
		}
		return k.String()
	}
	first := put("a.go", "1")
	if put("a_test.go", "1") != first {
		t.Error("a test changes the key")
	}
	second := put("a.go", "2")
	if second == first {
		t.Error("a source does not change the key")
	}
	if put("files/etc/x.conf", "1") == second {
		t.Error("an embedded file does not change the key")
	}
}

func TestNamesOfPrograms(t *testing.T) {
	for path, want := range map[string]string{
		"k8s.io/kubernetes/cmd/kubelet":          "kubelet",
		"go.etcd.io/etcd/etcdctl/v3":             "etcdctl",
		"github.com/cilium/cilium/cilium-health": "cilium-health",
		"example.com/v":                          "v",
	} {
		if got := (Command{Package: path}).ProgramName(); got != want {
			t.Errorf("%s is called %q, want %q", path, got, want)
		}
	}
}

func TestALongBuildSaysHowFarItIs(t *testing.T) {
	var told []string
	p := &progress{group: "kubernetes v1.35.4", log: func(line string) { told = append(told, line) }}
	p.line("go: downloading k8s.io/api v0.35.4", 0)
	p.line("k8s.io/api/core/v1", time.Second)
	p.line("k8s.io/api/apps/v1", reportInterval)
	p.line("k8s.io/api/batch/v1", reportInterval+time.Second)
	p.line("k8s.io/api/policy/v1", 3*reportInterval)
	if want := "kubernetes v1.35.4: 2 packages compiled in 20s|kubernetes v1.35.4: 4 packages compiled in 1m0s"; strings.Join(told, "|") != want {
		t.Errorf("told %q", told)
	}
	p.line("types.go:1:1: syntax error", 0)
	for range 2 * errorLines {
		p.line("other.go:1:1: undefined: x", 0)
	}
	if len(p.errors) != errorLines || p.errors[0] != "types.go:1:1: syntax error" {
		t.Errorf("kept %d lines: %q", len(p.errors), p.errors)
	}
}
