package cgroup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Group is one cgroup in every hierarchy.
type Group struct {
	Hierarchies []Hierarchy
	// Path is relative to the hierarchies' mounts, such as
	// "groundwork-lab/lab/host-1".
	Path string
}

// Child is the group name below g.
func (g Group) Child(name string) Group {
	return Group{Hierarchies: g.Hierarchies, Path: filepath.Join(g.Path, name)}
}

// Create makes the group, and those above it, where they are missing.
func (g Group) Create() error {
	for _, h := range g.Hierarchies {
		at := h.Mount
		for name := range strings.SplitSeq(g.Path, "/") {
			above := at
			at = filepath.Join(at, name)
			if err := os.Mkdir(at, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
			if err := provide(h, above, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// provide gives a new cgroup what it needs before a process may enter it: in
// v1 a cpuset starts empty; in v2 controllers are handed down by the one above.
func provide(h Hierarchy, above, at string) error {
	if h.V2 {
		// The machine's own root is left as it is.
		if above == h.Mount {
			return nil
		}
		controllers, err := os.ReadFile(filepath.Join(above, "cgroup.controllers"))
		if err != nil {
			return err
		}
		for name := range strings.FieldsSeq(string(controllers)) {
			if err := os.WriteFile(filepath.Join(above, "cgroup.subtree_control"), []byte("+"+name), 0); err != nil {
				return fmt.Errorf("hand the %s controller down to %s: %w", name, at, err)
			}
		}
		return nil
	}
	if !slices.Contains(strings.Split(h.Options, ","), "cpuset") {
		return nil
	}
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		set, err := os.ReadFile(filepath.Join(above, file))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(at, file), set, 0); err != nil {
			return err
		}
	}
	return nil
}

// Enter moves the calling process, with all its threads, into the group.
func (g Group) Enter() error {
	for _, h := range g.Hierarchies {
		if err := os.WriteFile(filepath.Join(h.Mount, g.Path, "cgroup.procs"), []byte("0"), 0); err != nil {
			return err
		}
	}
	return nil
}

// Open returns the v2 cgroup's folder, for a process to be started in.
func (g Group) Open() (*os.File, error) {
	for _, h := range g.Hierarchies {
		if h.V2 {
			return os.Open(filepath.Join(h.Mount, g.Path))
		}
	}
	return nil, errors.New("no cgroup2 hierarchy")
}

// pollInterval is how often Kill and Remove look again; the kernel tells
// nobody when a v1 cgroup becomes empty.
const pollInterval = 5 * time.Millisecond

// Kill ends every process in the group and below it, and returns when none is
// left. A group that does not exist has none.
func (g Group) Kill(ctx context.Context) error {
	for _, h := range g.Hierarchies {
		if !h.V2 {
			continue
		}
		err := os.WriteFile(filepath.Join(h.Mount, g.Path, "cgroup.kill"), []byte("1"), 0)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for {
		left := g.Processes()
		if len(left) == 0 {
			return nil
		}
		// Only for one that is in a v1 cgroup of the lab but not in the v2
		// one: killed between the two.
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("processes %v of cgroup %s do not end: %w", left, g.Path, ctx.Err())
		case <-time.After(pollInterval):
		}
	}
}

// Processes returns the processes in the group and below, in any hierarchy.
func (g Group) Processes() []int {
	var found []int
	for _, h := range g.Hierarchies {
		_ = filepath.WalkDir(filepath.Join(h.Mount, g.Path), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return nil // It may have gone meanwhile.
			}
			list, _ := os.ReadFile(filepath.Join(path, "cgroup.procs"))
			for line := range strings.FieldsSeq(string(list)) {
				// 0 stands for a process of another PID namespace.
				if pid, err := strconv.Atoi(line); err == nil && pid > 0 && !slices.Contains(found, pid) {
					found = append(found, pid)
				}
			}
			return nil
		})
	}
	return found
}

// Remove removes the group and all below it; its processes have ended.
func (g Group) Remove(ctx context.Context) error {
	for _, h := range g.Hierarchies {
		for {
			err := removeTree(filepath.Join(h.Mount, g.Path))
			if err == nil {
				break
			}
			// A cgroup stays busy for a moment after its last process.
			select {
			case <-ctx.Done():
				return errors.Join(err, ctx.Err())
			case <-time.After(pollInterval):
			}
		}
	}
	return nil
}

func removeTree(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := removeTree(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	if err := syscall.Rmdir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "rmdir", Path: dir, Err: err}
	}
	return nil
}
