// Package cgroup keeps the lab's processes in cgroups of their own, in every
// hierarchy that the machine has mounted, v1 and v2: to find them again
// whatever became of the process that started them, to end them at once, to
// measure them, and so that each host sees nothing above its own.
//
// Nothing of the machine's is moved, unmounted or written, apart from folders
// made and removed below Root.
package cgroup

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Root is the cgroup, relative to each hierarchy's mount, below which every
// lab has its own.
const Root = "groundwork-lab"

// machineMount is where Linux distributions mount their cgroup hierarchies.
const machineMount = "/sys/fs/cgroup"

// Hierarchy is one cgroup hierarchy as the machine has it mounted.
type Hierarchy struct {
	// Mount is the mount point, such as /sys/fs/cgroup/memory.
	Mount string `json:"mount"`
	// Options are what mounts the same hierarchy elsewhere: controllers
	// ("cpu,cpuacct") or a name ("none,name=systemd"); empty for v2.
	Options string `json:"options,omitempty"`
	// V2 tells the unified hierarchy from the others.
	V2 bool `json:"v2,omitempty"`
}

// Below is the mount point relative to /sys/fs/cgroup, "." for that itself.
func (h Hierarchy) Below() string {
	if h.Mount == machineMount {
		return "."
	}
	return strings.TrimPrefix(h.Mount, machineMount+"/")
}

// Hierarchies returns the machine's hierarchies, in the order they were
// mounted.
func Hierarchies() ([]Hierarchy, error) {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found, err := parse(f)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(found, func(h Hierarchy) bool { return h.V2 }) {
		return nil, fmt.Errorf("no cgroup2 hierarchy is mounted below %s: the lab ends its processes through one", machineMount)
	}
	return found, nil
}

// parse reads mountinfo as proc_pid_mountinfo(5) describes it.
func parse(mountinfo io.Reader) ([]Hierarchy, error) {
	var found []Hierarchy
	lines := bufio.NewScanner(mountinfo)
	for lines.Scan() {
		own, filesystem, ok := strings.Cut(lines.Text(), " - ")
		fields, kind := strings.Fields(own), strings.Fields(filesystem)
		if !ok || len(fields) < 5 || len(kind) < 3 {
			continue
		}
		h := Hierarchy{Mount: fields[4]}
		if h.Mount != machineMount && !strings.HasPrefix(h.Mount, machineMount+"/") {
			continue
		}
		switch kind[0] {
		case "cgroup2":
			h.V2 = true
		case "cgroup":
			h.Options = options(kind[2])
		default:
			continue
		}
		if !slices.Contains(found, h) {
			found = append(found, h)
		}
	}
	return found, lines.Err()
}

// options keeps of a v1 hierarchy's super options what identifies it.
func options(super string) string {
	var keep []string
	for o := range strings.SplitSeq(super, ",") {
		switch {
		case o == "rw", o == "ro", o == "xattr", o == "clone_children", o == "noprefix",
			o == "cpuset_v2_mode", strings.HasPrefix(o, "release_agent="):
		case strings.HasPrefix(o, "name="):
			keep = append(keep, "none", o)
		default:
			keep = append(keep, o)
		}
	}
	return strings.Join(keep, ",")
}
