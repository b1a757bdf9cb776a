package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"groundwork.dev/bootstrap/hack/lab/cgroup"
)

// mount mounts at a path below the host's root.
func (s Spec) mount(kind, at string, flags uintptr, data string) error {
	if err := unix.Mount(kind, s.root(at), kind, flags, data); err != nil {
		return fmt.Errorf("mount %s at /%s: %w", kind, at, err)
	}
	return nil
}

func (s Spec) bind(from, at string) error {
	if err := unix.Mount(from, s.root(at), "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("bind %s to /%s: %w", from, at, err)
	}
	return nil
}

// remountReadOnly is for a bind mount.
func (s Spec) remountReadOnly(at string) error {
	if err := unix.Mount("", s.root(at), "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		return fmt.Errorf("make /%s read-only: %w", at, err)
	}
	return nil
}

const strict = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

// mountRoot mounts the host's root file system with what the kernel provides.
func mountRoot(s Spec) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := os.MkdirAll(s.root("."), 0o755); err != nil {
		return err
	}
	layers := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", s.RootFS, s.disk(UpperDir), s.disk(workDir))
	if err := s.mount("overlay", ".", 0, layers); err != nil {
		return err
	}
	for _, m := range []struct {
		kind, at string
		flags    uintptr
		data     string
	}{
		{"proc", "proc", strict, ""},
		// Read-only, as containers have it: the devices are the machine's.
		{"sysfs", "sys", strict | unix.MS_RDONLY, ""},
		{"bpf", "sys/fs/bpf", strict, "mode=700"},
		{"tmpfs", "run", unix.MS_NOSUID | unix.MS_NODEV, "mode=755"},
	} {
		if err := s.mount(m.kind, m.at, m.flags, m.data); err != nil {
			return err
		}
	}
	if err := s.bind(s.disk(VarDir), "var"); err != nil {
		return err
	}
	store := filepath.Join(s.Dir, StoreDir)
	if _, err := os.Stat(store); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.MkdirAll(s.root("var/lib/containerd"), 0o711); err != nil {
		return err
	}
	return s.bind(store, "var/lib/containerd")
}

// mountCgroups mounts every hierarchy where the machine has it; the cgroup
// namespace shows the host's own part of each.
func mountCgroups(s Spec) error {
	const base = "sys/fs/cgroup"
	only := len(s.Cgroup.Hierarchies) == 1 && s.Cgroup.Hierarchies[0].Below() == "."
	if !only {
		if err := s.mount("tmpfs", base, strict, "mode=755"); err != nil {
			return err
		}
	}
	for _, h := range s.Cgroup.Hierarchies {
		at, kind := filepath.Join(base, h.Below()), "cgroup"
		if h.V2 {
			kind = "cgroup2"
		}
		if err := os.MkdirAll(s.root(at), 0o755); err != nil {
			return err
		}
		if err := s.mount(kind, at, strict, h.Options); err != nil {
			return err
		}
		if err := linkControllers(s.root(base), h); err != nil {
			return err
		}
	}
	return nil
}

// linkControllers gives each controller of a shared hierarchy its own name, as
// distributions do: cpu -> cpu,cpuacct.
func linkControllers(base string, h cgroup.Hierarchy) error {
	names := strings.Split(filepath.Base(h.Mount), ",")
	if len(names) < 2 {
		return nil
	}
	for _, name := range names {
		if err := os.Symlink(h.Below(), filepath.Join(base, name)); err != nil {
			return err
		}
	}
	return nil
}
