package node

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote/remotetest"
)

// difference is what two snapshots do not have in common.
func difference(before, after map[string]string) []string {
	var lines []string
	for path, entry := range before {
		if after[path] != entry {
			lines = append(lines, "- "+path+" "+entry)
		}
	}
	for path, entry := range after {
		if before[path] != entry {
			lines = append(lines, "+ "+path+" "+entry)
		}
	}
	slices.Sort(lines)
	return lines
}

// bootstrapped is a host that is a node, and how it was before.
func bootstrapped(t *testing.T) (*testHost, map[string]string) {
	t.Helper()
	h := newHost(t)
	h.set("has-systemd-timesyncd.service", "")
	// Some of the cluster's folders are there before; one holds something.
	for _, d := range []string{"var/lib/etcd/lost+found", "etc/kubernetes", "var/log/pods"} {
		if err := os.MkdirAll(filepath.Join(h.root, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	h.write("etc/containerd/conf.d/site.toml", "version = 3\n")
	h.write("etc/crictl.yaml", "theirs\n")
	// What runs in the way of commands leaves no trace of its own.
	h.write("etc/cni/net.d/.keep", "")
	if err := os.MkdirAll(filepath.Join(h.root, "run/containerd"), 0o755); err != nil {
		t.Fatal(err)
	}
	before := h.snapshot()

	w := Work{Owner: demo, Hostname: "host-1", InstanceID: "i", Address: "192.0.2.1", ControlPlane: true,
		Bundle: testBundle(t, nil), BootstrapData: emitted(t, "init")}
	if err := Claim(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	if err := Install(t.Context(), h, w, nil); err != nil {
		t.Fatal(err)
	}
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	if s := h.status(t); s.Phase != PhaseDone {
		t.Fatalf("status %+v", s)
	}
	// What the cluster leaves.
	for path, content := range map[string]string{
		"etc/kubernetes/manifests/kube-vip.yaml": "    env:\n    - name: vip_arp\n      value: \"true\"\n    - name: address\n      value: 192.0.2.100\n",
		"etc/kubernetes/admin.conf":              "", "etc/cni/net.d/05-cilium.conflist": "", "opt/cni/bin/cilium-cni": "",
		"var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db": "", "var/lib/kubelet/pods/a/b": "",
		"var/log/pods/kube-system_a/0.log": "", "run/cilium/state": "", "sys/fs/bpf/cilium/devices/eth0": "",
		"etc/sysctl.d/99-zzz-override_cilium.conf": "", "run/netns/cni-1234": "",
	} {
		h.write(path, content)
	}
	return h, before
}

func TestResetLeavesTheHostAsItWas(t *testing.T) {
	t.Parallel()
	h, before := bootstrapped(t)
	// The folder of programs is the kernel's.
	before["/sys/fs"], before["/sys/fs/bpf"] = h.snapshot()["/sys/fs"], h.snapshot()["/sys/fs/bpf"]
	if err := Reset(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	if lines := difference(before, h.snapshot()); lines != nil {
		t.Errorf("the host is not as it was:\n%s", strings.Join(lines, "\n"))
	}
	if s := h.status(t); s.Phase != PhaseNone || s.Owner != (Owner{}) || s.Job != "" {
		t.Errorf("status %+v", s)
	}
	if got := h.calls("ip -o addr show to 192.0.2.100"); len(got) != 1 {
		t.Error("nobody has looked for kube-vip's address")
	}
	if got := h.calls("kubeadm reset"); len(got) != 1 {
		t.Errorf("kubeadm reset: %v", got)
	}
	// Again: nothing to do.
	if err := Reset(t.Context(), h, demo); err != nil {
		t.Error(err)
	}
	if lines := difference(before, h.snapshot()); lines != nil {
		t.Errorf("a second reset changes the host:\n%s", strings.Join(lines, "\n"))
	}
}

func TestResetOfAHostThatWasOnlyClaimed(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.write("etc/kubernetes/admin.conf", "another cluster's")
	before := h.snapshot()
	if err := Claim(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	if err := Reset(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	if lines := difference(before, h.snapshot()); lines != nil {
		t.Errorf("the host is not as it was:\n%s", strings.Join(lines, "\n"))
	}
	if got := h.calls("systemctl stop kubelet"); got != nil {
		t.Errorf("a kubelet that is not ours was stopped: %v", got)
	}
}

func TestResetRefusesAnothersHost(t *testing.T) {
	t.Parallel()
	h, _ := bootstrapped(t)
	before := h.snapshot()
	var f *failure.Error
	if err := Reset(t.Context(), h, Owner{"prod", "prod-1", "u"}); !errors.As(err, &f) || !strings.Contains(f.Summary, demo.Machine) {
		t.Errorf("error %v", err)
	}
	if lines := difference(before, h.snapshot()); lines != nil {
		t.Errorf("the host has changed:\n%s", strings.Join(lines, "\n"))
	}
}

func TestResetGoesOnAfterAnInterruption(t *testing.T) {
	t.Parallel()
	h, before := bootstrapped(t)
	before["/sys/fs"], before["/sys/fs/bpf"] = h.snapshot()["/sys/fs"], h.snapshot()["/sys/fs/bpf"]
	h.set("lose-units", "")
	if err := Reset(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	if s := h.status(t); s.Job != "reset" || s.Phase != PhaseFailed || !s.Interrupted || s.Owner != demo {
		t.Errorf("status %+v", s)
	}
	// Nobody can make a node of it meanwhile.
	var f *failure.Error
	w := Work{Owner: demo, Hostname: "host-1", InstanceID: "i", Address: "192.0.2.1", BootstrapData: emitted(t, "join")}
	if err := Bootstrap(t.Context(), h, w); !errors.As(err, &f) || !strings.Contains(f.Summary, "being reset") {
		t.Errorf("bootstrap in the middle of a reset: %v", err)
	}
	// Half of it is gone.
	if err := os.RemoveAll(filepath.Join(h.root, "etc/kubernetes")); err != nil {
		t.Fatal(err)
	}
	h.clear("lose-units")
	if err := Reset(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	delete(before, "/etc/kubernetes")
	if lines := difference(before, h.snapshot()); lines != nil {
		t.Errorf("the host is not as it was:\n%s", strings.Join(lines, "\n"))
	}
}

// A volume that cannot be unmounted is not emptied through the mount.
func TestResetSparesWhatIsMounted(t *testing.T) {
	t.Parallel()
	h, _ := bootstrapped(t)
	volume := "/var/lib/kubelet/pods/a/volumes/data set"
	h.write(volume+"/precious", "data")
	h.write("proc/self/mountinfo", "36 35 98:0 / "+h.root+strings.ReplaceAll(volume, " ", `\040`)+" rw - ext4 /dev/sdb rw\n")
	// Mount points are absolute; the test's have its root before them.
	h.patchMounts(t)
	if err := Reset(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	s := h.status(t)
	if s.Phase != PhaseFailed || s.Interrupted || !strings.Contains(s.Step, "/var/lib/kubelet is not") {
		t.Errorf("status %+v", s)
	}
	if got := h.read(volume + "/precious"); got != "data" {
		t.Errorf("a volume's data: %q", got)
	}
	if s.Owner != demo || !h.exists(folder+"/installed") {
		t.Error("what is left to do has been forgotten")
	}
	// Unmounted by somebody, the reset gets through.
	h.write("proc/self/mountinfo", "")
	if err := Reset(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	if s := h.status(t); s.Phase != PhaseNone {
		t.Errorf("status %+v", s)
	}
}

// patchMounts takes the root off the mount points.
func (h *testHost) patchMounts(t *testing.T) {
	t.Helper()
	h.write("proc/self/mountinfo", strings.ReplaceAll(h.read("proc/self/mountinfo"), h.root, ""))
}

func TestResetByHand(t *testing.T) {
	t.Parallel()
	h, before := bootstrapped(t)
	before["/sys/fs"], before["/sys/fs/bpf"] = h.snapshot()["/sys/fs"], h.snapshot()["/sys/fs/bpf"]
	cmd := exec.CommandContext(context.Background(), "sh", filepath.Join(h.root, resetFile))
	cmd.Env = []string{"PATH=" + h.commands + ":" + os.Getenv("PATH"), "GROUNDWORK_ROOT=" + h.root, "GROUNDWORK_STATE=" + h.state}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "this host is as it was\n") {
		t.Errorf("%v:\n%s", err, out)
	}
	if lines := difference(before, h.snapshot()); lines != nil {
		t.Errorf("the host is not as it was:\n%s", strings.Join(lines, "\n"))
	}
}

func TestChainsOfTheClusterGo(t *testing.T) {
	t.Parallel()
	h, _ := bootstrapped(t)
	rules := "*filter\n:INPUT ACCEPT [0:0]\n:KUBE-FIREWALL - [0:0]\n:CILIUM_INPUT - [0:0]\n-A INPUT -j CILIUM_INPUT\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A KUBE-FIREWALL -j DROP\nCOMMIT\n"
	for name, text := range map[string]string{
		"iptables-save":    "#!/bin/sh\ncat <<'END'\n" + rules + "END\n",
		"iptables-restore": "#!/bin/sh\ncat >$GROUNDWORK_STATE/restored\n",
	} {
		remotetest.WriteScript(t, filepath.Join(h.commands, name), text)
	}
	if err := Reset(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(h.state, "restored"))
	want := "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"
	if err != nil || string(got) != want {
		t.Errorf("%v:\n%s", err, got)
	}
}

func TestJobStatusOfAHostThatKnowsNothing(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	if s := h.status(t); !reflect.DeepEqual(s, Status{BootID: "boot-1/77"}) {
		t.Errorf("status %+v", s)
	}
}

func TestPodsOfAnotherRuntimeStay(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	// Process identifiers beyond what the kernel gives out.
	for process, files := range map[string]map[string]string{
		"5000001": {"comm": "containerd-shim\n", "cmdline": "/usr/local/bin/containerd-shim-runc-v2\x00-namespace\x00k8s.io\x00-id\x00a\x00"},
		"5000002": {"comm": "containerd-shim\n", "cmdline": "/usr/bin/containerd-shim-runc-v2\x00-namespace\x00moby\x00-id\x00b\x00"},
		"5000003": {"comm": "sh\n", "cmdline": "sh\x00-c\x00containerd-shim k8s.io\x00", "cgroup": "0::/system.slice/a.service\n"},
		"5000004": {"comm": "pause\n", "cgroup": "4:memory:/kubepods.slice/kubepods-pod1.slice/cri-containerd-a.scope\n"},
	} {
		for name, content := range files {
			h.write("proc/"+process+"/"+name, content)
		}
	}
	result, err := h.Run(t.Context(), remote.Command{Script: script("pods") + "say shims $(shim_processes)\nsay pods $(pod_processes)\n"})
	if err != nil || result.Stdout != "shims=5000001\npods=5000004\n" {
		t.Errorf("%q, %v", result.Stdout, err)
	}
}
