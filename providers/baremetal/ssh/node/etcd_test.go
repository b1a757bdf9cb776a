package node

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// etcdSpec is what kubeadm writes for a member that joins host-0's.
const etcdSpec = `spec:
  containers:
  - command:
    - etcd
    - --initial-advertise-peer-urls=https://192.0.2.11:2380
    - --initial-cluster=host-0=https://192.0.2.10:2380,host-1=https://192.0.2.11:2380
    image: registry.k8s.io/etcd:3.6.6-0
`

const others = "aaaa, started, host-0, https://192.0.2.10:2380, https://192.0.2.10:2379, false\n" +
	"cccc, started, host-2, https://192.0.2.12:2380, https://192.0.2.12:2379, false\n"

func (h *testHost) members(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(h.state, "members"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAMemberLeavesEtcd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, spec, members, left, asked string }{
		{"one that learns", etcdSpec, others + "bbbb, started, host-1, https://192.0.2.11:2380, https://192.0.2.11:2379, true\n", others, "https://192.0.2.10:2379"},
		{"one that never started", etcdSpec, others + "bbbb, unstarted, , https://192.0.2.11:2380, , true\n", others, "https://192.0.2.10:2379"},
		{"removed already", etcdSpec, others, others, "https://192.0.2.10:2379"},
		{"the first of several", strings.Replace(etcdSpec, "host-0=https://192.0.2.10:2380,", "", 1),
			others + "bbbb, started, host-1, https://192.0.2.11:2380, https://192.0.2.11:2379, false\n", others, "https://127.0.0.1:2379"},
		{"the only one", strings.Replace(etcdSpec, "host-0=https://192.0.2.10:2380,", "", 1),
			"bbbb, started, host-1, https://192.0.2.11:2380, https://192.0.2.11:2379, false\n",
			"bbbb, started, host-1, https://192.0.2.11:2380, https://192.0.2.11:2379, false\n", "https://127.0.0.1:2379"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h, _ := installed(t, true)
			h.write("etc/kubernetes/manifests/etcd.yaml", test.spec)
			h.set("members", test.members)
			if err := Reset(t.Context(), h, demo); err != nil {
				t.Fatal(err)
			}
			if got := h.members(t); got != test.left {
				t.Errorf("members:\n%swant:\n%s", got, test.left)
			}
			for _, call := range h.calls("ctr run") {
				if !strings.Contains(call, " --endpoints "+test.asked+" ") {
					t.Errorf("%s, want the endpoints %s", call, test.asked)
				}
			}
			if s := h.status(t); s.Phase != PhaseNone || s.Owner != (Owner{}) {
				t.Errorf("status %+v", s)
			}
		})
	}
}

// A cluster that is gone does not keep its host.
func TestResetWithoutAnEtcdThatAnswers(t *testing.T) {
	t.Parallel()
	h, _ := installed(t, true)
	h.write("etc/kubernetes/manifests/etcd.yaml", etcdSpec)
	if err := Reset(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	if s := h.status(t); s.Phase != PhaseNone {
		t.Errorf("status %+v", s)
	}
}

func TestAJoinThatWasInterruptedLeavesEtcdFirst(t *testing.T) {
	t.Parallel()
	h, w := installed(t, true)
	h.set("lose-units", "")
	w.BootstrapData = emitted(t, "join-control-plane")
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	h.clear("lose-units")
	h.write("etc/kubernetes/manifests/etcd.yaml", etcdSpec)
	h.write("var/lib/etcd/member/snap/db", "data")
	h.command("nothing", "sleep")

	// Nothing is wiped as long as etcd counts on the member.
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	if s := h.status(t); s.Phase != PhaseFailed || !strings.Contains(s.Step, "etcd does not answer") {
		t.Errorf("status %+v", s)
	}
	if !h.exists("var/lib/etcd/member/snap/db") || h.calls("kubeadm") != nil {
		t.Error("a member that etcd knows has been wiped")
	}

	h.set("members", others+"bbbb, started, host-1, https://192.0.2.11:2380, https://192.0.2.11:2379, true\n")
	h.set("kubeadm", `[ "$1" != join ] || [ ! -e "$GROUNDWORK_ROOT/var/lib/etcd/member" ] || exit 5`)
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	if s := h.status(t); s.Phase != PhaseDone || s.Attempt != 3 {
		t.Errorf("status %+v", s)
	}
	if got := h.members(t); got != others {
		t.Errorf("members:\n%s", got)
	}
}
