// Package hostroot makes the root file system of a lab host: a plain Debian
// with systemd and sshd that has nothing of Kubernetes. What the lab needs of
// it besides, because hosts are namespaces of one machine, is here as
// settings.
package hostroot

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"groundwork.dev/bootstrap/hack/lab/artifacts/debian"
)

// User may become root with sudo, without a password. Its keys are the lab's
// affair, as root's.
const User = "admin"

// RuncWrapper is where the settings of containerd expect it.
const RuncWrapper = "/usr/local/libexec/lab/runc"

//go:embed all:files
var files embed.FS

// Packages are what a host has, besides debootstrap's minimal set and what
// these depend on.
var Packages = []string{
	"ca-certificates", "conntrack", "dbus", "e2fsprogs", "ethtool", "iproute2", "iptables", "iputils-ping", "kmod",
	"mount", "openssh-server", "procps", "socat", "sudo", "systemd", "systemd-sysv", "util-linux",
}

// masked are units that would set up the machine's kernel, clock, devices or
// network, which is not a host's to do, or that have nothing to do here.
var masked = []string{
	"systemd-sysctl.service", "systemd-udevd.service", "systemd-udevd-control.socket", "systemd-udevd-kernel.socket",
	"systemd-udev-trigger.service", "systemd-modules-load.service", "systemd-binfmt.service", "systemd-timesyncd.service",
	"systemd-networkd.service", "systemd-resolved.service", "systemd-logind.service", "systemd-random-seed.service",
	"systemd-update-utmp.service", "systemd-remount-fs.service", "systemd-hostnamed.service", "systemd-hwdb-update.service",
	"console-getty.service", "getty.target", "getty@.service",
	"sys-kernel-debug.mount", "sys-kernel-tracing.mount", "sys-kernel-config.mount", "sys-fs-fuse-connections.mount",
	"dev-hugepages.mount", "dev-mqueue.mount", "proc-sys-fs-binfmt_misc.automount", "proc-sys-fs-binfmt_misc.mount",
	"apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service",
	"fstrim.timer", "ssh.socket",
}

// useless is removed to make the tree smaller, or because each host has its
// own.
var useless = []string{
	"etc/hostname", "etc/resolv.conf", "etc/ssh/ssh_host_*",
	"usr/share/doc/*", "usr/share/man/*", "usr/share/locale/*", "usr/share/info/*", "usr/share/lintian",
	"var/cache/apt/*", "var/cache/debconf/*-old", "var/lib/apt/lists/*", "var/log/*",
}

// Kernel is what the tree follows from besides this package: the running
// kernel's release, and which of its modules hosts are told of.
func Kernel() string { return kernelRelease() + "\n" + strings.Join(builtIn(), "\n") }

// Make makes the tree in root, an empty folder. wrapper is the program that
// stands before runc.
func Make(ctx context.Context, archive *debian.Archive, root, wrapper string) error {
	if err := archive.Bootstrap(ctx, root, Packages); err != nil {
		return err
	}
	for _, step := range []func(root string) error{settings, mask, modules, clear} {
		if err := step(root); err != nil {
			return err
		}
	}
	// A password of "*" fits nothing, and unlike useradd's own "!" sshd does not
	// take it for a locked account.
	if _, err := debian.Chroot(ctx, root, "useradd", "--create-home", "--shell", "/bin/bash", "--password", "*", User); err != nil {
		return err
	}
	if _, err := debian.Chroot(ctx, root, "systemctl", "enable", "ssh.service"); err != nil {
		return err
	}
	if _, err := debian.Chroot(ctx, root, "depmod", kernelRelease()); err != nil {
		return err
	}
	return install(wrapper, filepath.Join(root, RuncWrapper))
}

// settings puts the embedded files into the tree.
func settings(root string) error {
	return fs.WalkDir(files, "files", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(root, strings.TrimPrefix(path, "files"))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if strings.HasPrefix(path, "files/etc/sudoers.d/") {
			mode = 0o440 // as sudo's own documentation has it
		}
		return os.WriteFile(target, data, mode)
	})
}

func mask(root string) error {
	units := filepath.Join(root, "etc/systemd/system")
	for _, unit := range masked {
		if err := link("/dev/null", filepath.Join(units, unit)); err != nil {
			return err
		}
	}
	return link("/lib/systemd/system/multi-user.target", filepath.Join(units, "default.target"))
}

// link makes path a symbolic link, whatever it was.
func link(target, path string) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	return os.Symlink(target, path)
}

// clear removes what is useless and what makes one host like another.
func clear(root string) error {
	for _, pattern := range useless {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return err
		}
		for _, path := range found {
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
	}
	// An empty machine ID is filled at the first boot.
	for _, path := range []string{"etc/machine-id", "etc/fstab"} {
		path = filepath.Join(root, path)
		if err := os.RemoveAll(path); err != nil {
			return err
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// install copies a program.
func install(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("install %s: %w", to, err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o755)
}
