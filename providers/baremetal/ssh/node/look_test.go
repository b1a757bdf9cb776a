package node

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestScriptsAreShell(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"look": script("look"), "claim": script("claim"), "stock": script("stock"), "import": script("import"),
		"setup": script("folders", "installed", "setup"), "start": script("status", "start"),
		"job": jobScript(), "status": script("status", "jobstatus"), "startreset": script("status", "startreset"),
		"reset": resetScript(),
	} {
		for _, shell := range [][]string{{"sh", "-n"}, {"dash", "-n"}, {"busybox", "sh", "-n"}, {"bash", "--posix", "-n"}} {
			if _, err := exec.LookPath(shell[0]); err != nil {
				continue
			}
			cmd := exec.Command(shell[0], shell[1:]...)
			cmd.Stdin = strings.NewReader(text)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %v\n%s", name, shell, err, out)
			}
		}
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	for path, content := range map[string]string{
		"etc/os-release": "NAME=x\nID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian \\\"12\\\"\"\n",
		"proc/meminfo":   "MemTotal:        2048 kB\nMemFree: 1 kB\n",
		"proc/swaps":     "Filename Type Size Used Priority\n/dev/sda2 partition 1024 0 -2\n/swap\\040file file 512 0 -3\n",
		"proc/net/tcp": "  sl  local_address rem_address   st tx_queue\n" +
			"   0: 00000000:192B 00000000:0000 0A 0\n   1: 0100007F:0016 00000000:0000 01 0\n",
		"proc/net/tcp6":                    "  sl  local_address\n   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0\n",
		"proc/mounts":                      "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n",
		"sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory pids\n",
		"etc/kubernetes/pki/ca.crt":        "",
		"etc/kubernetes/admin.conf":        "",
		"etc/cni/net.d/05-cilium.conflist": "",
		"var/lib/etcd/member/snap/db":      "",
		"sys/class/net/cilium_host/mtu":    "",
		"proc/4194999/comm":                "dockerd\n",
		"var/lib/groundwork/owner":         "cluster=demo\nmachine=demo-1\nuid=u-1\n",
		"var/lib/groundwork/installed":     "file /usr/local/bin/kubelet\nsaved /usr/local/bin/containerd\t3\n",
	} {
		h.write(path, content)
	}
	for _, path := range []string{"usr/local/bin/kubelet", "usr/local/bin/containerd", "usr/bin/containerd"} {
		h.write(path, "")
		if err := os.Chmod(filepath.Join(h.root, path), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	before := h.snapshot()

	got, err := Look(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, h.snapshot()) {
		t.Error("looking has changed the host")
	}
	if got.CPUs < 1 || got.DiskFree <= 0 || got.DiskFreeRoot <= 0 {
		t.Errorf("CPUs %d, disk %d, %d", got.CPUs, got.DiskFree, got.DiskFreeRoot)
	}
	if since := time.Since(got.Time); since < 0 || since > time.Minute || got.Skew.Abs() > 5*time.Second || got.Uncertainty > 5*time.Second {
		t.Errorf("time %v, skew %v, uncertainty %v", got.Time, got.Skew, got.Uncertainty)
	}
	got.CPUs, got.DiskFree, got.DiskFreeRoot, got.Time, got.Skew, got.Uncertainty = 0, 0, 0, time.Time{}, 0, 0
	// What this machine has is not the host's.
	got.MissingCommands, got.Addresses = nil, nil
	want := Facts{
		Hostname: "before", MachineID: "0123456789abcdef", OS: "debian", OSVersion: "12", OSName: `Debian "12"`,
		Kernel: "6.1.0-test", Arch: "amd64", Memory: 2 << 20, Swap: 1536 << 10, Systemd: true, CgroupV2: true,
		ListeningPorts: []int{22, 6443},
		Leftovers: []string{"/etc/kubernetes/admin.conf", "/etc/kubernetes/pki/ca.crt", "/var/lib/etcd/member",
			"/etc/cni/net.d/05-cilium.conflist", "/sys/class/net/cilium_host"},
		Runtimes: []string{"containerd installed as /usr/bin/containerd", "dockerd running as process 4194999"},
		Owner:    Owner{"demo", "demo-1", "u-1"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLookAtABareHost(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	if err := os.RemoveAll(filepath.Join(h.root, "proc")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(h.root, "sys")); err != nil {
		t.Fatal(err)
	}
	h.command("failing", "modprobe")
	got, err := Look(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"overlay", "br_netfilter"}; !reflect.DeepEqual(got.MissingModules, want) {
		t.Errorf("missing modules %v, want %v", got.MissingModules, want)
	}
	if got.CgroupV2 || got.Memory != 0 || got.Swap != 0 || got.Leftovers != nil {
		t.Errorf("facts out of nothing: %+v", got)
	}
}
