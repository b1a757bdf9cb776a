package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// settings are the machine's kernel settings that software for Kubernetes
// nodes changes. A host has files of its own in their place, which begin with
// the machine's values and reach no kernel.
var settings = []string{
	"fs/file-max",
	"fs/inotify/max_user_instances",
	"fs/inotify/max_user_watches",
	"fs/nr_open",
	"kernel/keys/root_maxbytes",
	"kernel/keys/root_maxkeys",
	"kernel/panic",
	"kernel/panic_on_oops",
	"kernel/pid_max",
	"vm/max_map_count",
	"vm/overcommit_memory",
	"vm/panic_on_oom",
	"vm/swappiness",
}

// mountSettings makes /proc/sys read-only, apart from net, which belongs to
// the host's network namespace, and from settings.
func mountSettings(s Spec) error {
	const base = "proc/sys"
	for _, at := range []string{base, base + "/net"} {
		if err := s.bind(s.root(at), at); err != nil {
			return err
		}
	}
	if err := s.remountReadOnly(base); err != nil {
		return err
	}
	// A reboot forgets what was set. Nothing shows of the machine's disk.
	files := filepath.Join(s.Dir, settingDir)
	if err := os.MkdirAll(files, 0o700); err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", files, "tmpfs", strict, "mode=755,size=256k"); err != nil {
		return fmt.Errorf("mount a file system for kernel settings: %w", err)
	}
	for _, name := range settings {
		at := filepath.Join(base, name)
		value, err := os.ReadFile(s.root(at))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		own := filepath.Join(files, strings.ReplaceAll(name, "/", "."))
		if err := os.WriteFile(own, value, 0o644); err != nil {
			return err
		}
		if err := s.bind(own, at); err != nil {
			return err
		}
	}
	// One letter written here restarts the machine.
	const sysrq = "proc/sysrq-trigger"
	if _, err := os.Stat(s.root(sysrq)); err != nil {
		return nil
	}
	if err := s.bind(s.root(sysrq), sysrq); err != nil {
		return err
	}
	if err := s.remountReadOnly(sysrq); err != nil {
		return fmt.Errorf("protect the machine: %w", err)
	}
	return nil
}
