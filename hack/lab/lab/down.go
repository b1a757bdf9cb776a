package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"groundwork.dev/bootstrap/hack/lab/cgroup"
	"groundwork.dev/bootstrap/hack/lab/host"
	"groundwork.dev/bootstrap/hack/lab/network"
	"groundwork.dev/bootstrap/hack/lab/registry"
	"groundwork.dev/bootstrap/internal/failure"
)

// removeTimeout bounds how long the kernel may take to let everything go.
const removeTimeout = time.Minute

// Down removes every trace of the lab.
func (l *Lab) Down(ctx context.Context) error { return Down(ctx, l.Name, l.Dir) }

// Down removes every trace of the lab of that name, whatever state it is in:
// up, half made, half removed, its processes killed; where there is none, it
// does nothing. Dir is needed only if the lab was made with one and its record
// is lost. It waits for an Up that is at work.
func Down(ctx context.Context, name, dir string) error {
	if !validName.MatchString(name) {
		return usage("%q is no lab's name", name)
	}
	if os.Geteuid() != 0 {
		return &failure.Error{Code: failure.Preflight, Summary: "removing a lab needs root", Remedy: "run the same command with sudo"}
	}
	unlock, err := registry.Lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	return remove(ctx, name, dir)
}

func remove(ctx context.Context, name, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, removeTimeout)
	defer cancel()
	l, err := registry.Load(name)
	recorded := err == nil
	switch {
	case recorded:
		dir = l.Dir
	case dir == "":
		dir = filepath.Join(defaultRoot, name)
	}
	l.Name = name
	hierarchies, err := cgroup.Hierarchies()
	if err != nil {
		return err
	}
	group := l.Group(hierarchies)
	// The supervisor's end takes namespaces, mounts and the bridge with it.
	if err := group.Kill(ctx); err != nil {
		return err
	}
	if err := network.RemoveMachineCable(device(name)); err != nil {
		return fmt.Errorf("remove network device %s: %w", device(name), err)
	}
	if err := group.Remove(ctx); err != nil {
		return err
	}
	removeShared(hierarchies)
	if err := releaseDisks(ctx, dir); err != nil {
		return err
	}
	if recorded {
		if err := host.RemoveLoops(l.MachineLoops); err != nil {
			return err
		}
	}
	if err := removeDir(dir); err != nil {
		return err
	}
	if err := registry.Remove(name); err != nil {
		return err
	}
	return registry.RestoreInotify()
}

// removeShared removes the cgroup above all labs' when the last has gone.
func removeShared(hierarchies []cgroup.Hierarchy) {
	for _, h := range hierarchies {
		_ = syscall.Rmdir(filepath.Join(h.Mount, cgroup.Root))
	}
}

// releaseDisks waits until the kernel has unmounted the hosts' disks, which it
// does when the last process that saw them has ended.
func releaseDisks(ctx context.Context, dir string) error {
	for {
		used, err := host.LoopsOf(dir)
		if err != nil || len(used) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("loop devices %v are still in use: %w", used, ctx.Err())
		case <-time.After(retryInterval):
		}
	}
}

// removeDir removes the lab's folder, and what Up made above it.
func removeDir(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, marker)); errors.Is(err, fs.ErrNotExist) {
		// Never made, or made and not yet marked: then it is empty.
		_ = os.Remove(dir)
	} else if err := removeMarked(dir); err != nil {
		return err
	}
	if parent := filepath.Dir(dir); parent == defaultRoot {
		_ = os.Remove(parent)
	}
	return nil
}

// removeMarked leaves the marker until last, so that it can be interrupted.
func removeMarked(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == marker {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return os.RemoveAll(dir)
}
