package hostroot

import (
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

func TestSettingsOfContainerd(t *testing.T) {
	data, err := files.ReadFile("files/etc/containerd/conf.d/50-lab.toml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Version int
		Plugins map[string]struct {
			RestrictOOMScoreAdj bool `toml:"restrict_oom_score_adj"`
			DisableAppArmor     bool `toml:"disable_apparmor"`
			Containerd          struct {
				Runtimes map[string]struct {
					RuntimeType string            `toml:"runtime_type"`
					Options     map[string]string `toml:"options"`
				}
			}
		}
	}
	if err := toml.Unmarshal(data, &config); err != nil {
		t.Fatal(err)
	}
	cri := config.Plugins["io.containerd.cri.v1.runtime"]
	runc := cri.Containerd.Runtimes["runc"]
	if config.Version != 3 || !cri.RestrictOOMScoreAdj || !cri.DisableAppArmor ||
		runc.RuntimeType != "io.containerd.runc.v2" || runc.Options["BinaryName"] != RuncWrapper {
		t.Errorf("containerd reads %+v", config)
	}
}

func TestSettingsAreInPlaceWithTheirModes(t *testing.T) {
	root := t.TempDir()
	if err := settings(root); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]fs.FileMode{
		"etc/ssh/sshd_config.d/50-lab.conf":       0o644,
		"etc/sudoers.d/admin":                     0o440,
		"etc/systemd/journald.conf.d/50-lab.conf": 0o644,
		"etc/containerd/conf.d/50-lab.toml":       0o644,
	} {
		info, err := os.Stat(filepath.Join(root, path))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	sudoers, err := os.ReadFile(filepath.Join(root, "etc/sudoers.d", User))
	if err != nil || !strings.HasPrefix(string(sudoers), User+" ") {
		t.Errorf("sudo's rule is %q, %v", sudoers, err)
	}
}

func TestMasksStandOverWhatIsEnabled(t *testing.T) {
	root := t.TempDir()
	units := filepath.Join(root, "etc/systemd/system")
	if err := os.MkdirAll(filepath.Join(units, "getty.target"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := mask(root); err != nil {
		t.Fatal(err)
	}
	for _, unit := range masked {
		if to, err := os.Readlink(filepath.Join(units, unit)); err != nil || to != "/dev/null" {
			t.Errorf("%s leads to %q, %v", unit, to, err)
		}
	}
	if to, err := os.Readlink(filepath.Join(units, "default.target")); err != nil || to != "/lib/systemd/system/multi-user.target" {
		t.Errorf("the default target leads to %q, %v", to, err)
	}
}

func TestNothingMakesOneHostLikeAnother(t *testing.T) {
	root := t.TempDir()
	gone := []string{"etc/ssh/ssh_host_ed25519_key", "etc/ssh/ssh_host_rsa_key.pub", "etc/hostname", "var/lib/apt/lists/x", "usr/share/doc/a/b"}
	kept := []string{"etc/ssh/sshd_config", "var/lib/dpkg/status"}
	for _, name := range append(slices.Concat(gone, kept), "etc/machine-id", "etc/fstab") {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := clear(root); err != nil {
		t.Fatal(err)
	}
	for _, name := range gone {
		if _, err := os.Stat(filepath.Join(root, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	for _, name := range kept {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"etc/machine-id", "etc/fstab"} {
		if info, err := os.Stat(filepath.Join(root, name)); err != nil || info.Size() != 0 {
			t.Errorf("%s is not empty: %v", name, err)
		}
	}
}

func TestOptionsOfTheKernel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.gz")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	packed := gzip.NewWriter(file)
	packed.Write([]byte("# comment\nCONFIG_VXLAN=y\nCONFIG_TUN=m\n# CONFIG_VETH is not set\n"))
	packed.Close()
	file.Close()
	options, known := kernelOptions(path)
	if !known || !options["VXLAN"] || options["TUN"] || options["VETH"] {
		t.Errorf("read %v, %t", options, known)
	}
	if _, known := kernelOptions(path + ".missing"); known {
		t.Error("a kernel that shows nothing is taken for one that has nothing")
	}
	list := filepath.Join(filepath.Dir(path), "modules")
	if err := os.WriteFile(list, []byte("tun 61440 2 - Live 0x0\nveth 40960 0 - Live 0x0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if loaded := loadedModules(list); !loaded["tun"] || !loaded["veth"] || len(loaded) != 2 {
		t.Errorf("loaded are %v", loaded)
	}
}
