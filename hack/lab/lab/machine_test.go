//go:build lab

package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"groundwork.dev/bootstrap/hack/lab/cgroup"
	"groundwork.dev/bootstrap/hack/lab/host"
	"groundwork.dev/bootstrap/hack/lab/registry"
)

// machine is what a lab could change of the machine, one line each, without
// what belongs to other labs.
func machine(t *testing.T, name, dir string) map[string]bool {
	t.Helper()
	others, err := registry.Names()
	if err != nil {
		t.Fatal(err)
	}
	others = slices.DeleteFunc(others, func(other string) bool { return other == name })
	state := map[string]bool{}
	note := func(format string, args ...any) { state[fmt.Sprintf(format, args...)] = true }

	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		note("mount %s", strings.TrimSpace(line))
	}
	noteNetwork(t, others, note)
	noteCgroups(t, others, note)
	noteProcesses(t, name, note)
	noteSysctls(t, len(others) > 0, note)
	loops, err := host.LoopsOf(dir)
	if err != nil {
		t.Fatal(err)
	}
	note("loop devices in use: %v", loops)
	if len(others) == 0 {
		all, err := host.Loops()
		if err != nil {
			t.Fatal(err)
		}
		note("loop devices: %v", all)
	}
	for _, path := range []string{dir, registry.Path(name), device(name)} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			note("file %s", path)
		}
	}
	return state
}

func noteNetwork(t *testing.T, others []string, note func(string, ...any)) {
	links, err := netlink.LinkList()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		name := l.Attrs().Name
		if other, ok := strings.CutPrefix(name, "lab-"); ok && slices.Contains(others, other) {
			continue
		}
		note("link %s %s %s", name, l.Type(), l.Attrs().Flags)
		addresses, err := netlink.AddrList(l, netlink.FAMILY_ALL)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range addresses {
			note("address %s %s", name, a.IPNet)
		}
		routes, err := netlink.RouteList(l, netlink.FAMILY_ALL)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range routes {
			note("route %s %v %v", name, r.Dst, r.Gw)
		}
	}
}

func noteCgroups(t *testing.T, others []string, note func(string, ...any)) {
	hierarchies, err := cgroup.Hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hierarchies {
		// The machine's own come and go with its work; the lab's must not stay.
		entries, err := os.ReadDir(filepath.Join(h.Mount, cgroup.Root))
		if err == nil && len(others) == 0 {
			note("cgroup %s", filepath.Join(h.Mount, cgroup.Root))
		}
		for _, e := range entries {
			if e.IsDir() && !slices.Contains(others, e.Name()) {
				note("cgroup %s", filepath.Join(h.Mount, cgroup.Root, e.Name()))
			}
		}
		for _, file := range []string{"cgroup.subtree_control", "release_agent", "cpuset.cpus", "notify_on_release"} {
			if text, err := os.ReadFile(filepath.Join(h.Mount, file)); err == nil {
				note("cgroup setting %s/%s %q", h.Mount, file, text)
			}
		}
	}
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	note("own cgroups %q", own)
}

func noteProcesses(t *testing.T, name string, note func(string, ...any)) {
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range processes {
		in, _ := os.ReadFile(filepath.Join(p, "cgroup"))
		if bytes.Contains(in, []byte("/"+cgroup.Root+"/"+name+"/")) {
			command, _ := os.ReadFile(filepath.Join(p, "cmdline"))
			if len(command) > 0 { // not a zombie that another process has yet to reap
				note("process %s %q", p, command)
			}
		}
	}
}

// volatile are settings that tell what the kernel does, not what it is to do.
var volatile = []string{
	"fs/aio-nr", "fs/dentry-state", "fs/file-nr", "fs/inode-nr", "fs/inode-state", "fs/quota/", "kernel/ns_last_pid", "kernel/pty/nr",
	"kernel/random/", "net/netfilter/nf_conntrack_count", "net/ipv4/tcp_fastopen_key", "kernel/keys/", "kernel/tainted",
}

func noteSysctls(t *testing.T, others bool, note func(string, ...any)) {
	const root = "/proc/sys"
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // A network device went meanwhile.
		}
		name := strings.TrimPrefix(path, root+"/")
		if others && (strings.Contains(name, "/lab-") || strings.HasSuffix(name, "inotify/max_user_instances") || name == "user/max_inotify_instances") {
			return nil
		}
		if slices.ContainsFunc(volatile, func(v string) bool { return strings.HasPrefix(name, v) }) {
			return nil
		}
		if value, err := os.ReadFile(path); err == nil {
			note("sysctl %s=%q", name, value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// unchanged fails the test where the machine is not as before.
func unchanged(t *testing.T, before map[string]bool, name, dir string) {
	t.Helper()
	now := machine(t, name, dir)
	for _, line := range slices.Sorted(maps.Keys(now)) {
		if !before[line] {
			t.Errorf("new on the machine: %s", line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(before)) {
		if !now[line] {
			t.Errorf("gone from the machine: %s", line)
		}
	}
}
