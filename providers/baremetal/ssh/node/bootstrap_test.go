package node

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// emitted is testdata/name.yaml with the commands' paths below the test's root.
func emitted(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	files, commands, found := strings.Cut(string(data), "\nruncmd:\n")
	if !found {
		t.Fatal("no runcmd")
	}
	commands = strings.NewReplacer("> /run/", "> $GROUNDWORK_ROOT/run/", "/etc/hosts", "$GROUNDWORK_ROOT/etc/hosts").Replace(commands)
	return []byte(files + "\nruncmd:\n" + commands)
}

func (h *testHost) status(t *testing.T) Status {
	t.Helper()
	s, err := JobStatus(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBootstrap(t *testing.T) {
	t.Parallel()
	h, w := installed(t, true)
	h.set("has-systemd-timesyncd.service", "")
	h.set("kubeadm", `ls -l "$GROUNDWORK_ROOT/var/lib/groundwork/job/payload" >/dev/null || exit 9; [ -n "$HOME" ] && [ "$(umask)" = 0022 ] || exit 8`)
	w.BootstrapData = emitted(t, "init")
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	s := h.status(t)
	if s.Phase != PhaseDone || s.Job != "bootstrap" || s.Owner != demo || s.BootID != "boot-1/77" || s.Attempt != 1 || s.Step != "" {
		t.Fatalf("status %+v\n%s", s, h.read(folder+"/job/log"))
	}
	for path, want := range map[string]string{
		"/etc/kubernetes/pki/ca.key":                                   "-rw------- a private key\n",
		"/etc/kubernetes/pki/ca.crt":                                   "-rw-r----- a certificate\n",
		"/etc/kubernetes/patches/kubeletconfiguration0+strategic.yaml": "-rw-r--r-- a: {{ b }}\n",
		"/etc/profile.d/packed.sh":                                     "-rwxr-xr-x export A=1\n",
		"/etc/motd":                                                    "-rw-r--r-- welcome\na node\n",
		"/etc/hostname":                                                "-rw-r--r-- host-1\n",
		"/etc/hosts":                                                   "-rw-r--r-- 127.0.0.1 localhost\n192.0.2.1 other\n127.0.0.1 host-1\n",
		sentinel:                                                       "-rw-r--r-- success\n",
		"/etc/sudoers.d/90-groundwork-ops":                             "-r--r----- ops ALL=(ALL) NOPASSWD:ALL\n",
		"/home/ops/.ssh/authorized_keys":                               "-rw-r--r-- ssh-ed25519 OLD ops\nssh-ed25519 AAAA ops@example\n",
		"/etc/systemd/timesyncd.conf.d/groundwork.conf":                "-rw-r--r-- [Time]\nNTP=ntp1.example 192.0.2.7\n",
	} {
		if got := h.snapshot()[path]; got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if got := h.calls("useradd"); !reflect.DeepEqual(got, []string{"useradd -m -p * -s /bin/sh -c Old Hand -g users -G adm,users -d /srv/old -f 0 old"}) {
		t.Errorf("users: %q", got)
	}
	if got := h.calls("chpasswd"); !reflect.DeepEqual(got, []string{"chpasswd -e <old:$6$salt$hash"}) {
		t.Errorf("passwords: %q", got)
	}
	if h.exists(folder + "/job/payload") {
		t.Error("the bootstrap data is still on the host")
	}
	if calls := strings.Join(h.calls(""), "\n"); strings.Contains(calls, "abcdef.0123456789abcdef") {
		t.Error("a secret was in a process's arguments")
	}

	// Started again it stays as it is, after a restart of the host too.
	h.write("proc/sys/kernel/random/boot_id", "boot-2\n")
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	if got := h.calls("kubeadm"); len(got) != 1 {
		t.Errorf("kubeadm ran %d times: %v", len(got), got)
	}
	if s := h.status(t); s.Phase != PhaseDone || s.BootID != "boot-2/77" || s.Attempt != 1 {
		t.Errorf("status %+v", s)
	}
}

func TestBootstrapWhileItRuns(t *testing.T) {
	t.Parallel()
	h, w := installed(t, false)
	h.set("background", "")
	gate := filepath.Join(h.state, "gate")
	if err := syscall.Mkfifo(gate, 0o600); err != nil {
		t.Fatal(err)
	}
	h.set("kubeadm", `echo "[preflight] Running pre-flight checks"; echo noise; read -r _ <"$GROUNDWORK_STATE/gate"`)
	w.BootstrapData = emitted(t, "join")
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	const step = "kubeadm join: [preflight] Running pre-flight checks"
	waitFor(t, "kubeadm runs", func() bool { return h.status(t).Step == step })
	// A second start finds it running.
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	if s := h.status(t); s.Phase != PhaseRunning || s.Step != step || s.Attempt != 1 {
		t.Errorf("status %+v", s)
	}
	if err := os.WriteFile(gate, []byte("go\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the job ends", func() bool { return h.status(t).Phase == PhaseDone })
	if got := h.calls("kubeadm"); len(got) != 1 {
		t.Errorf("kubeadm ran %d times", len(got))
	}
}

func TestBootstrapFails(t *testing.T) {
	t.Parallel()
	h, w := installed(t, false)
	h.set("has-systemd-timesyncd.service", "")
	h.command("failing", "update-ca-certificates")
	h.set("kubeadm", `for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do echo "line $i"; done
		echo "kubeadm join --token abcdef.0123456789abcdef"; echo "error execution phase preflight" >&2; exit 3`)
	w.BootstrapData = emitted(t, "join")
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	s := h.status(t)
	if s.Phase != PhaseFailed || s.Interrupted || !strings.HasPrefix(s.Step, "kubeadm join: exit code 3 (before it: ") ||
		!strings.Contains(s.Step, "update-ca-certificates: exit code 1") {
		t.Errorf("status %+v", s)
	}
	if strings.Count(s.Log, "\n") != logLines-1 || !strings.Contains(s.Log, "error execution phase preflight") || strings.Contains(s.Log, "0123456789abcdef") {
		t.Errorf("log:\n%s", s.Log)
	}
	if h.exists(folder + "/job/payload") {
		t.Error("the bootstrap data is still on the host")
	}

	// Started again, what was left is taken away before.
	h.clear("kubeadm")
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	if s := h.status(t); s.Phase != PhaseDone || s.Attempt != 2 {
		t.Errorf("status %+v\n%s", s, h.read(folder+"/job/log"))
	}
	want := []string{"kubeadm join", "kubeadm reset", "kubeadm join"}
	for i, call := range h.calls("kubeadm") {
		if i >= len(want) || !strings.HasPrefix(call, want[i]) {
			t.Errorf("call %d: %s, want %v", i, call, want)
		}
	}
	if log := h.read(folder + "/job/log.before"); strings.Contains(log, "0123456789abcdef") || !strings.Contains(log, "--token [redacted]") {
		t.Errorf("the log on the host keeps secrets:\n%s", log)
	}
	if got := h.read("etc/motd"); got != "welcome\na node\n" {
		t.Errorf("appended twice: %q", got)
	}
}

func TestBootstrapInterrupted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		interrupt func(*testHost)
		why       string
	}{
		"the host restarts": {func(h *testHost) { h.write("proc/sys/kernel/random/boot_id", "boot-2\n") }, "the host was restarted"},
		"a container restarts": {func(h *testHost) {
			h.write("proc/1/stat", "1 (sys temd) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 99 1 1\n")
		}, "the host was restarted"},
		"the unit is lost": {func(h *testHost) {}, "it was stopped"},
	} {
		t.Run(name, func(t *testing.T) {
			h, w := installed(t, true)
			h.set("lose-units", "")
			w.BootstrapData = emitted(t, "join-control-plane")
			if err := Bootstrap(t.Context(), h, w); err != nil {
				t.Fatal(err)
			}
			test.interrupt(h)
			s := h.status(t)
			if s.Phase != PhaseFailed || !s.Interrupted || !strings.HasSuffix(s.Step, " was interrupted: "+test.why) {
				t.Errorf("status %+v", s)
			}
			h.clear("lose-units")
			if err := Bootstrap(t.Context(), h, w); err != nil {
				t.Fatal(err)
			}
			if s := h.status(t); s.Phase != PhaseDone || s.Attempt != 2 {
				t.Errorf("status %+v", s)
			}
		})
	}
}

func TestKubeadmIsNotRunTwiceWhenItWasThrough(t *testing.T) {
	t.Parallel()
	h, w := installed(t, true)
	w.BootstrapData = emitted(t, "init")
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	// The host went down before the job could say that it was done.
	h.write(folder+"/job/status", strings.Replace(h.read(folder+"/job/status"), "phase=Done", "phase=Running", 1))
	h.write("proc/sys/kernel/random/boot_id", "boot-2\n")
	if err := os.Remove(filepath.Join(h.root, sentinel)); err != nil {
		t.Fatal(err)
	}
	if err := Bootstrap(t.Context(), h, w); err != nil {
		t.Fatal(err)
	}
	if s := h.status(t); s.Phase != PhaseDone || s.Attempt != 2 {
		t.Errorf("status %+v", s)
	}
	if got := h.calls("kubeadm"); len(got) != 1 {
		t.Errorf("a cluster that was there was made again: %v", got)
	}
	if !h.exists(sentinel) {
		t.Error("no sentinel")
	}
}

func TestBootstrapRefused(t *testing.T) {
	t.Parallel()
	h, w := installed(t, false)
	w.BootstrapData = emitted(t, "join")
	other := w
	other.Owner = Owner{"prod", "prod-1", "u"}
	var f *failure.Error
	if err := Bootstrap(t.Context(), h, other); !errors.As(err, &f) || !strings.Contains(f.Summary, demo.Machine) {
		t.Errorf("another's host: %v", err)
	}
	h.set("refuse-units", "")
	if err := Bootstrap(t.Context(), h, w); err == nil || !strings.Contains(err.Error(), "Failed to start transient service unit") {
		t.Errorf("a host without units: %v", err)
	}
	if s := h.status(t); s.Phase != PhaseFailed || s.Interrupted {
		t.Errorf("status %+v", s)
	}
}

func TestTheDataTravelsOnStandardInput(t *testing.T) {
	t.Parallel()
	w := Work{Owner: demo, Hostname: "host-1", InstanceID: "i", Address: "192.0.2.1", BootstrapData: emitted(t, "join")}
	r := &recorder{}
	if err := Bootstrap(t.Context(), r, w); err != nil {
		t.Fatal(err)
	}
	for _, word := range append(r.args, r.script) {
		if strings.Contains(word, "abcdef.0123456789abcdef") || strings.Contains(word, "a private key") {
			t.Error("a secret is in a script or its arguments")
		}
	}
}

// recorder keeps what it is asked to run.
type recorder struct {
	Remote
	script string
	args   []string
}

// Run implements Remote.
func (r *recorder) Run(_ context.Context, c remote.Command) (remote.Result, error) {
	r.script, r.args = c.Script, c.Args
	return remote.Result{}, nil
}
