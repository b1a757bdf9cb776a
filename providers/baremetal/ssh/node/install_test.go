package node

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// testBundle has the binaries that the scripts call as shell scripts, and
// archives that are lists of the images in them.
func testBundle(t *testing.T, change func(*bundle.Index)) *bundle.Bundle {
	t.Helper()
	dir := t.TempDir()
	index := bundle.Index{Kubernetes: "1.35", Version: "v1.35.4", Arch: "amd64"}
	add := func(path string, data []byte) (string, int64) {
		if err := os.WriteFile(filepath.Join(dir, path), data, 0o644); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		return hex.EncodeToString(sum[:]), int64(len(data))
	}
	for _, name := range []string{"containerd", "containerd-shim-runc-v2", "ctr", "runc", "kubeadm", "kubelet", "kubectl", "cni/loopback", "cni/copy-of-loopback"} {
		data := []byte("the binary " + strings.TrimPrefix(name, "cni/copy-of-"))
		if name == "cni/loopback" || name == "cni/copy-of-loopback" {
			data = []byte("loopback")
		}
		if name == "ctr" || name == "kubeadm" {
			var err error
			if data, err = os.ReadFile("testdata/commands/" + name); err != nil {
				t.Fatal(err)
			}
		}
		path := strings.ReplaceAll(name, "/", "-")
		sum, size := add(path, data)
		index.Files = append(index.Files, bundle.File{Name: name, Path: path, SHA256: sum, Size: size})
	}
	for _, image := range []bundle.Image{
		{Reference: "registry.k8s.io/pause:3.10.1", Path: "pause.tar"},
		{Reference: "quay.io/cilium/cilium:v1.19.5", Aliases: []string{"mirror.example/cilium/cilium:v1.19.5"}, Path: "cilium.tar"},
		{Reference: "registry.k8s.io/etcd:3.6.6-0", Path: "etcd.tar", ControlPlane: true},
	} {
		image.SHA256, image.Size = add(image.Path, []byte(image.Reference+"\n"+strings.Join(append(image.Aliases, ""), "\n")))
		index.Images = append(index.Images, image)
	}
	if change != nil {
		change(&index)
	}
	data, err := json.Marshal(index)
	if err != nil {
		t.Fatal(err)
	}
	add(bundle.IndexFile, data)
	b, err := bundle.Open(t.Context(), dir, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// installed is a host that has been claimed and installed.
func installed(t *testing.T, controlPlane bool) (*testHost, Work) {
	t.Helper()
	h := newHost(t)
	w := Work{
		Owner: demo, Hostname: "host-1", InstanceID: "4d1c", Address: "192.0.2.11", ControlPlane: controlPlane,
		Bundle: testBundle(t, nil), SandboxImage: "registry.k8s.io/pause:3.10.1",
	}
	if err := Claim(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	if err := Install(t.Context(), h, w, nil); err != nil {
		t.Fatal(err)
	}
	return h, w
}

func TestInstall(t *testing.T) {
	t.Parallel()
	h, _ := installed(t, false)
	for path, want := range map[string]string{
		"/usr/local/bin/containerd":           "the binary containerd",
		"/usr/local/bin/kubectl":              "the binary kubectl",
		"/usr/local/sbin/runc":                "the binary runc",
		"/opt/cni/bin/loopback":               "loopback",
		"/opt/cni/bin/copy-of-loopback":       "loopback",
		"/opt/cni/bin/firewall":               "a distribution's plugin",
		"/proc/sys/net/ipv4/ip_forward":       "1\n",
		"/etc/systemd/system/kubelet.service": kubeletUnit,
	} {
		if got := h.read(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if config := h.read("/etc/containerd/config.toml"); !strings.Contains(config, `sandbox = "registry.k8s.io/pause:3.10.1"`) {
		t.Errorf("containerd's configuration has no sandbox image:\n%s", config)
	}
	if info, err := os.Stat(filepath.Join(h.root, "/usr/local/bin/kubelet")); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("kubelet: %v, %v", info.Mode(), err)
	}
	images, err := os.ReadFile(filepath.Join(h.state, "images"))
	if err != nil || !strings.Contains(string(images), "pause:3.10.1 ") || strings.Contains(string(images), "etcd") {
		t.Errorf("images of a worker: %v\n%s", err, images)
	}
	if !strings.Contains(string(images), "io.cri-containerd.pinned=pinned") {
		t.Errorf("the kubelet would collect the images:\n%s", images)
	}
	if left, _ := filepath.Glob(filepath.Join(h.root, filesDir, "*")); left != nil {
		t.Errorf("what has been put in its place still lies in %v", left)
	}
	manifest := h.read(folder + "/installed")
	for _, entry := range []string{"file /usr/local/bin/kubelet\n", "saved /usr/local/bin/kubectl\t0\n", "dir /etc/containerd\n", "had /opt/cni/bin/firewall\n",
		"sysctl net.ipv4.ip_forward 0\n", "unit kubelet.service\n"} {
		if !strings.Contains(manifest, entry) {
			t.Errorf("the manifest has no %q:\n%s", entry, manifest)
		}
	}
}

func TestInstallAgainDoesNothingTwice(t *testing.T) {
	t.Parallel()
	h, w := installed(t, false)
	h.copied = nil
	before, restarts := h.snapshot(), len(h.calls("systemctl restart containerd"))
	var last remote.CopyProgress
	if err := Install(t.Context(), h, w, func(_ string, p remote.CopyProgress) { last = p }); err != nil {
		t.Fatal(err)
	}
	if h.copied != nil {
		t.Errorf("copied again: %v", h.copied)
	}
	if got := h.calls("systemctl restart containerd"); len(got) != restarts {
		t.Errorf("containerd has been restarted: %v", got)
	}
	if !reflect.DeepEqual(before, h.snapshot()) {
		t.Error("the host has changed")
	}
	if last.Present != last.Total || last.Total == 0 || last.Sent != 0 {
		t.Errorf("progress %+v", last)
	}
	// The control plane's images are what is missing for another role.
	w.ControlPlane = true
	if err := Install(t.Context(), h, w, nil); err != nil {
		t.Fatal(err)
	}
	if len(h.copied) != 1 {
		t.Errorf("copied for a control plane: %v", h.copied)
	}
}

func TestInstallStartsAContainerdThatHasImagesAlready(t *testing.T) {
	t.Parallel()
	h, w := installed(t, false)
	h.copied = nil
	if err := os.Remove(filepath.Join(h.root, "run/containerd/containerd.sock")); err != nil {
		t.Fatal(err)
	}
	h.write("var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db", "images")
	var last remote.CopyProgress
	if err := Install(t.Context(), h, w, func(_ string, p remote.CopyProgress) { last = p }); err != nil {
		t.Fatal(err)
	}
	if h.copied != nil {
		t.Errorf("copied again: %v", h.copied)
	}
	if last.Present != last.Total || last.Total == 0 {
		t.Errorf("progress %+v", last)
	}
}

func TestInstallGoesOnAfterAnInterruption(t *testing.T) {
	t.Parallel()
	h, w := installed(t, false)
	// An image that the host's administrator has removed, and a binary that
	// is not what it was.
	if err := os.WriteFile(filepath.Join(h.state, "images"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	h.write("usr/local/bin/kubelet", "half a binary")
	if err := Install(t.Context(), h, w, nil); err != nil {
		t.Fatal(err)
	}
	if got := h.read("usr/local/bin/kubelet"); got != "the binary kubelet" {
		t.Errorf("kubelet: %q", got)
	}
	images, _ := os.ReadFile(filepath.Join(h.state, "images"))
	if strings.Count(string(images), "\n") != 3 {
		t.Errorf("images:\n%s", images)
	}
	if strings.Contains(h.read(folder+"/installed"), "saved /usr/local/bin/kubelet") {
		t.Error("our own file counts as somebody's")
	}
}

func TestInstallFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		bundle func(*bundle.Index)
		owner  Owner
		want   string
	}{
		{"another's host", nil, Owner{"prod", "prod-1", "u"}, "the machine demo-x2k4p of cluster demo (UID uid-1) has it"},
		{"another processor", func(i *bundle.Index) { i.Arch = "arm64" }, demo, "for arm64, the host's processor is amd64"},
		{"no kubelet", func(i *bundle.Index) {
			i.Files = slices.DeleteFunc(i.Files, func(f bundle.File) bool { return f.Name == "kubelet" })
		}, demo, "has no kubelet"},
		{"an archive without the image", func(i *bundle.Index) { i.Images[0].Reference = "registry.k8s.io/pause:9" }, demo,
			"the archive of registry.k8s.io/pause:9 holds no image registry.k8s.io/pause:9"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHost(t)
			if err := Claim(t.Context(), h, demo); err != nil {
				t.Fatal(err)
			}
			err := Install(t.Context(), h, Work{Owner: test.owner, Bundle: testBundle(t, test.bundle)}, nil)
			var f *failure.Error
			if !errors.As(err, &f) || !strings.Contains(err.Error(), test.want) || f.Remedy == "" {
				t.Errorf("error %v, want %q and a remedy", err, test.want)
			}
		})
	}
}

func TestTheKubeletWaitsForItsConfiguration(t *testing.T) {
	t.Parallel()
	if !strings.Contains(kubeletUnit, "\nConditionPathExists=/var/lib/kubelet/config.yaml\n") {
		t.Error("a kubelet without its configuration would fail again and again")
	}
}
