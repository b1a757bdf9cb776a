package cgroup

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	const hybrid = `22 27 0:20 / /sys rw,nosuid shared:2 - sysfs sysfs rw
30 22 0:26 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
31 30 0:27 / /sys/fs/cgroup/unified rw shared:3 - cgroup2 cgroup2 rw,nsdelegate
32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/lib/systemd/systemd-cgroups-agent,name=systemd
33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
34 30 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset,clone_children
35 30 0:30 / /elsewhere/cpuset rw - cgroup cgroup rw,cpuset
`
	const unified = "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
	for name, c := range map[string]struct {
		mountinfo string
		want      []Hierarchy
		below     []string
	}{
		"v1 and v2": {hybrid, []Hierarchy{
			{Mount: "/sys/fs/cgroup/unified", V2: true},
			{Mount: "/sys/fs/cgroup/systemd", Options: "none,name=systemd"},
			{Mount: "/sys/fs/cgroup/cpu,cpuacct", Options: "cpu,cpuacct"},
			{Mount: "/sys/fs/cgroup/cpuset", Options: "cpuset"},
		}, []string{"unified", "systemd", "cpu,cpuacct", "cpuset"}},
		"v2 only": {unified, []Hierarchy{{Mount: "/sys/fs/cgroup", V2: true}}, []string{"."}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(strings.NewReader(c.mountinfo))
			if err != nil || !slices.Equal(got, c.want) {
				t.Fatalf("%+v, %v; want %+v", got, err, c.want)
			}
			for i, h := range got {
				if h.Below() != c.below[i] {
					t.Errorf("%s is at %q, want %q", h.Mount, h.Below(), c.below[i])
				}
			}
		})
	}
}

// A folder stands for a hierarchy: cgroupfs needs root.
func TestCreateGivesCpusetsWhatIsAbove(t *testing.T) {
	mount := t.TempDir()
	for file, value := range map[string]string{"cpuset.cpus": "0-3\n", "cpuset.mems": "0\n"} {
		if err := os.WriteFile(filepath.Join(mount, file), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g := Group{Hierarchies: []Hierarchy{{Mount: mount, Options: "cpuset"}}, Path: "a/b"}
	for range 2 { // the second time, all is there
		if err := g.Create(); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"a", "a/b"} {
		got, err := os.ReadFile(filepath.Join(mount, dir, "cpuset.cpus"))
		if err != nil || string(got) != "0-3\n" {
			t.Errorf("%s has processors %q, %v", dir, got, err)
		}
	}
}

func TestCreateHandsControllersDown(t *testing.T) {
	mount := t.TempDir()
	if err := os.WriteFile(filepath.Join(mount, "cgroup.subtree_control"), []byte("as it was"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(mount, "a"), 0o700); err != nil {
		t.Fatal(err)
	}
	for file, value := range map[string]string{"cgroup.controllers": "memory\n", "cgroup.subtree_control": ""} {
		if err := os.WriteFile(filepath.Join(mount, "a", file), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g := Group{Hierarchies: []Hierarchy{{Mount: mount, V2: true}}, Path: "a/b"}
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"cgroup.subtree_control": "as it was", "a/cgroup.subtree_control": "+memory"} {
		if got, err := os.ReadFile(filepath.Join(mount, file)); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v; want %q", file, got, err, want)
		}
	}
}

func TestMemory(t *testing.T) {
	for name, c := range map[string]struct {
		hierarchy Hierarchy
		files     map[string]string
	}{
		"v1": {Hierarchy{Options: "memory"}, map[string]string{"memory.stat": "rss 1\ntotal_rss 4096\n", "memory.max_usage_in_bytes": "8192\n"}},
		"v2": {Hierarchy{V2: true}, map[string]string{"memory.stat": "anon 4096\nfile 1\n", "memory.peak": "8192\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.hierarchy.Mount = t.TempDir()
			for file, text := range c.files {
				if err := os.WriteFile(filepath.Join(c.hierarchy.Mount, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			g := Group{Hierarchies: []Hierarchy{{Mount: "/nowhere", V2: true}, c.hierarchy}}
			if got := g.Memory(); got != (Memory{Anonymous: 4096, Peak: 8192}) {
				t.Errorf("%+v", got)
			}
		})
	}
}
