package artifacts

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/hack/lab/artifacts/archive"
	"groundwork.dev/bootstrap/hack/lab/artifacts/debian"
)

// ciliumPackages are what the agent, its init containers and the chart's
// scripts run, with every library that these need: nothing is resolved, so
// that nothing else comes along. clang compiles the agent's BPF programs.
var ciliumPackages = []string{
	"base-files", "bash", "bpftool", "clang-19", "coreutils", "dash", "findutils", "grep", "iproute2", "ipset", "iptables",
	"kmod", "mount", "sed", "util-linux",
	"libacl1", "libattr1", "libblkid1", "libbpf1", "libbsd0", "libc6", "libcap-ng0", "libcap2", "libclang-cpp19", "libcom-err2",
	"libcrypt1", "libdb5.3", "libedit2", "libelf1", "libffi8", "libgcc-s1", "libgmp10", "libgssapi-krb5-2", "libicu72",
	"libip4tc2", "libip6tc2", "libipset13", "libk5crypto3", "libkeyutils1", "libkmod2", "libkrb5-3", "libkrb5support0",
	"libllvm19", "liblzma5", "libmd0", "libmnl0", "libmount1", "libnetfilter-conntrack3", "libnfnetlink0", "libnftnl11",
	"libpcre2-8-0", "libselinux1", "libsmartcols1", "libssl3", "libstdc++6", "libsystemd0", "libtinfo6", "libtirpc3", "libudev1",
	"libuuid1", "libxml2", "libxtables12", "libz3-4", "libzstd1", "zlib1g",
}

// iptablesNames are what Debian's alternatives call the nft variant.
var iptablesNames = []string{"iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"}

// ciliumPrograms are the group's programs but the operator, by their place.
var ciliumPrograms = map[string]string{
	"cilium-agent":            "usr/bin",
	"cilium-bugtool":          "usr/bin",
	"cilium-dbg":              "usr/bin",
	"cilium-health":           "usr/bin",
	"cilium-health-responder": "usr/bin",
	"cilium-mount":            "usr/bin",
	"cilium-sysctlfix":        "usr/bin",
	"cilium-cni":              "opt/cni/bin",
}

// ciliumScripts are files of Cilium's module that the chart runs.
var ciliumScripts = []string{
	"images/cilium/init-container.sh", "plugins/cilium-cni/install-plugin.sh", "plugins/cilium-cni/cni-uninstall.sh",
}

// ciliumSources is what the agent compiles, as Cilium's module has it, without
// what is for tests and for Cilium's own build.
const ciliumSources = "bpf"

var ciliumLeftOut = []string{"tests", "complexity-tests", "custom", "Makefile", "Makefile.bpf"}

// ciliumUseless is what packages bring that a container has no use for.
var ciliumUseless = []string{
	"usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/lintian", "usr/share/bash-completion",
	"usr/share/common-licenses", "usr/lib/systemd", "usr/lib/udev", "etc/init.d", "etc/pam.d", "var/cache",
}

// ciliumChecks must run in the finished tree: a library that is missing shows
// here, and not in a cluster.
var ciliumChecks = [][]string{
	{"/usr/local/bin/clang", "--version"}, {"bpftool", "version"}, {"ip", "-V"}, {"tc", "-V"}, {"iptables", "--version"},
	{"iptables-legacy", "--version"}, {"ip6tables-save", "--version"}, {"ipset", "--version"}, {"modprobe", "--version"},
	{"nsenter", "--version"}, {"mount", "--version"}, {"grep", "--version"}, {"sed", "--version"}, {"find", "--version"},
	{"bash", "-c", "cp --version"}, {"sh", "-c", "exit 0"}, {"cilium-agent", "--version"}, {"cilium-health-responder", "--help"},
}

// ciliumParts are what the Cilium image is made of.
type ciliumParts struct {
	// packages are package files by name, programs and module folders.
	packages         map[string]string
	programs, module string
	// loopback is the CNI plugin that Cilium installs on hosts.
	loopback string
}

// buildCilium writes the archive of Cilium's image to dir.
func buildCilium(ctx context.Context, deb *debian.Archive, parts ciliumParts, dir string) error {
	root, err := os.MkdirTemp(dir, ".root-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	if err := ciliumTree(ctx, deb, parts, root); err != nil {
		return err
	}
	for _, check := range ciliumChecks {
		if _, err := debian.Chroot(ctx, root, check...); err != nil {
			return fmt.Errorf("the image's tree is not complete: %w", err)
		}
	}
	return archive.Write(ctx, dir, architecture, archive.Image{
		Reference: reference("cilium"), Root: root, WorkingDir: "/home/cilium", Command: []string{"/usr/bin/cilium-dbg"},
		Env: []string{defaultPath, "HUBBLE_SERVER=unix:///var/run/cilium/hubble.sock", "INITSYSTEM=SYSTEMD"},
	})
}

func ciliumTree(ctx context.Context, deb *debian.Archive, parts ciliumParts, root string) error {
	// The merged layout of a Debian system, before the packages' files.
	if err := os.Chmod(root, 0o755); err != nil {
		return err
	}
	for _, dir := range []string{"bin", "sbin", "lib", "lib64"} {
		if err := os.MkdirAll(filepath.Join(root, "usr", dir), 0o755); err != nil {
			return err
		}
		if err := os.Symlink("usr/"+dir, filepath.Join(root, dir)); err != nil {
			return err
		}
	}
	var files []string
	for _, p := range ciliumPackages {
		files = append(files, parts.packages[p])
	}
	if err := deb.Extract(ctx, root, files...); err != nil {
		return err
	}
	for _, path := range ciliumUseless {
		if err := os.RemoveAll(filepath.Join(root, path)); err != nil {
			return err
		}
	}
	if err := ciliumLinks(root); err != nil {
		return err
	}
	for name, at := range ciliumPrograms {
		if err := link(filepath.Join(parts.programs, name), filepath.Join(root, at, name)); err != nil {
			return err
		}
	}
	if err := link(parts.loopback, filepath.Join(root, "cni/loopback")); err != nil {
		return err
	}
	for _, script := range ciliumScripts {
		if err := copyFile(filepath.Join(parts.module, script), filepath.Join(root, filepath.Base(script)), 0o755); err != nil {
			return err
		}
	}
	for _, dir := range []string{"etc/cni/net.d", "home/cilium"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	if err := write(filepath.Join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/bash\n"); err != nil {
		return err
	}
	return copyTree(filepath.Join(parts.module, ciliumSources), filepath.Join(root, "var/lib/cilium/bpf"), ciliumLeftOut)
}

// ciliumLinks are the names that packages' scripts would have made, and those
// that Cilium's own image has.
func ciliumLinks(root string) error {
	links := map[string]string{
		"usr/bin/sh":            "dash",
		"usr/local/bin/clang":   "../../lib/llvm-19/bin/clang",
		"usr/local/bin/bpftool": "../../sbin/bpftool",
	}
	for _, name := range iptablesNames {
		links["usr/sbin/"+name] = strings.Replace(name, "tables", "tables-nft", 1)
	}
	for _, at := range slices.Sorted(maps.Keys(links)) {
		path := filepath.Join(root, at)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
		if err := os.Symlink(links[at], path); err != nil {
			return err
		}
	}
	return nil
}

// copyTree copies the folder from without the entries leftOut of its top.
func copyTree(from, to string, leftOut []string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if slices.Contains(leftOut, relative) {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, relative), 0o755)
		}
		return copyFile(path, filepath.Join(to, relative), 0o644)
	})
}

func copyFile(from, to string, mode fs.FileMode) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, mode)
}
