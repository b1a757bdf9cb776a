//go:build lab

package lab

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"groundwork.dev/bootstrap/hack/lab/supervisor"
	"groundwork.dev/bootstrap/internal/failure"
)

// testSubnet is no lab's default.
const testSubnet = "172.30.201.0/24"

// start starts a lab for a test, and removes it and looks at the machine when
// the test ends.
func start(t *testing.T, o Options) *Lab {
	t.Helper()
	if o.Name == "" {
		o.Name = "test"
	}
	if !o.Subnet.IsValid() {
		o.Subnet = netip.MustParsePrefix(testSubnet)
	}
	o.DiskBytes = 1 << 30
	o.Log = slog.New(slog.NewTextHandler(testWriter{t}, nil))
	dir := filepath.Join(defaultRoot, o.Name)
	before := machine(t, o.Name, dir)
	l, err := Up(t.Context(), o)
	if err != nil {
		t.Fatal(err, failure.Remedy(err))
	}
	t.Cleanup(func() {
		if err := l.Down(context.Background()); err != nil {
			t.Error(err)
		}
		unchanged(t, before, o.Name, dir)
	})
	return l
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// ok fails the test on an error.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// run runs a command on a host.
func run(t *testing.T, l *Lab, host, command string) string {
	t.Helper()
	out, err := l.Run(t.Context(), host, command)
	ok(t, err)
	return strings.TrimSpace(out)
}

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-time.After(retryInterval):
		}
	}
}

func hostStatus(t *testing.T, l *Lab, name string) supervisor.HostStatus {
	t.Helper()
	s, err := l.Status(t.Context())
	ok(t, err)
	i := slices.IndexFunc(s.Hosts, func(h supervisor.HostStatus) bool { return h.Name == name })
	return s.Hosts[i]
}

func TestHostsAreApartFromTheMachineAndEachOther(t *testing.T) {
	l := start(t, Options{Hosts: 2, ExtraAddresses: 1})
	for i, h := range l.Hosts {
		if got := run(t, l, h.Name, "hostname; systemctl is-system-running --wait; id -u"); got != h.Name+"\nrunning\n0" {
			t.Errorf("%s: %q", h.Name, got)
		}
		other := l.Hosts[1-i]
		for _, a := range other.Addresses {
			run(t, l, h.Name, "ping -c 1 -W 5 "+a.String())
		}
	}
	// What a host sets reaches no kernel but its own view of it.
	before, err := os.ReadFile("/proc/sys/vm/overcommit_memory")
	ok(t, err)
	if got := run(t, l, "host-1", "sysctl -qw vm.overcommit_memory=2; sysctl -n vm.overcommit_memory"); got != "2" {
		t.Errorf("a host's own setting reads as %q", got)
	}
	after, err := os.ReadFile("/proc/sys/vm/overcommit_memory")
	ok(t, err)
	if string(after) != string(before) {
		t.Errorf("the machine's vm.overcommit_memory is %q, was %q", after, before)
	}
	const limit = "/proc/sys/kernel/threads-max"
	if _, err := l.Run(t.Context(), "host-1", "now=$(cat "+limit+") && echo $now > "+limit); err == nil {
		t.Error("a host may write to the machine's kernel")
	}
	if got := run(t, l, "host-1", "su - "+l.User+" -c 'sudo id -u'"); got != "0" {
		t.Errorf("sudo gives %q", got)
	}
}

func TestUpIsRepeatableAndRefusesAnotherLabOfThatName(t *testing.T) {
	o := Options{Name: "test", Hosts: 1, Subnet: netip.MustParsePrefix(testSubnet), DiskBytes: 1 << 30}
	l := start(t, o)
	again, err := Up(t.Context(), o)
	ok(t, err)
	if again.Hosts[0].HostKeyFingerprint != l.Hosts[0].HostKeyFingerprint {
		t.Error("a second up made another lab")
	}
	o.Hosts = 2
	refused(t, o, "lab down --name test")
	refused(t, Options{Name: "second", Hosts: 1, Subnet: o.Subnet}, "another --subnet")
	// With a subnet of its own a second one is no trouble.
	second := start(t, Options{Name: "second", Hosts: 1, Subnet: netip.MustParsePrefix("172.30.202.0/24")})
	run(t, second, "host-1", "true")
	run(t, l, "host-1", "true")
}

func refused(t *testing.T, o Options, remedy string) {
	t.Helper()
	_, err := Up(t.Context(), o)
	if !strings.Contains(failure.Remedy(err), remedy) {
		t.Errorf("error %v with remedy %q, want a remedy with %q", err, failure.Remedy(err), remedy)
	}
}

func TestPower(t *testing.T) {
	l := start(t, Options{Hosts: 2})
	run(t, l, "host-1", "echo kept > /root/file; echo kept > /var/lib/file; echo lost > /run/file; sync")
	run(t, l, "host-2", "ping -c 1 -W 5 "+l.Hosts[0].Address.String())
	ok(t, l.PowerOff(t.Context(), "host-1"))
	if s := hostStatus(t, l, "host-1"); s.Power != supervisor.PowerOff || s.PID != 0 {
		t.Errorf("after power off: %+v", s)
	}
	if _, err := l.Dial(t.Context(), "host-1"); err == nil {
		t.Error("a host that is off answers")
	}
	ok(t, l.PowerOff(t.Context(), "host-1"))
	ok(t, l.PowerOn(t.Context(), "host-1"))
	ok(t, l.WaitSSH(t.Context(), "host-1"))
	if got := run(t, l, "host-1", "cat /root/file /var/lib/file; ls /run/file 2>/dev/null || echo gone"); got != "kept\nkept\ngone" {
		t.Errorf("after power on: %q", got)
	}
	// It has the same hardware address: nobody has to learn a new one.
	run(t, l, "host-2", "ping -c 1 -W 5 "+l.Hosts[0].Address.String())
	ok(t, l.Reboot(t.Context(), "host-1"))
	ok(t, l.WaitSSH(t.Context(), "host-1"))

	// What the host does itself.
	_, _ = l.Run(t.Context(), "host-1", "systemctl reboot")
	until(t, "the fourth boot", func() bool { return hostStatus(t, l, "host-1").Boots == 4 })
	ok(t, l.WaitSSH(t.Context(), "host-1"))
	_, _ = l.Run(t.Context(), "host-1", "systemctl poweroff")
	until(t, "power off", func() bool { return hostStatus(t, l, "host-1").Power == supervisor.PowerOff })
	if s := hostStatus(t, l, "host-1"); s.Reason != "it switched itself off" {
		t.Errorf("reason %q", s.Reason)
	}
	if s := hostStatus(t, l, "host-2"); s.Boots != 1 || s.Power != supervisor.PowerOn {
		t.Errorf("the other host: %+v", s)
	}
}

func TestDownAfterTheSupervisorWasKilled(t *testing.T) {
	l := start(t, Options{Hosts: 2})
	s, err := l.Status(t.Context())
	ok(t, err)
	ok(t, syscall.Kill(s.PID, syscall.SIGKILL))
	until(t, "the hosts' end", func() bool { return errors.Is(syscall.Kill(s.Hosts[0].PID, 0), syscall.ESRCH) })
	refused(t, Options{Name: l.Name, Hosts: 2, Subnet: l.Subnet}, "lab down")
	ok(t, l.Down(t.Context()))
	ok(t, l.Down(t.Context()))
}

func TestChangesAndFingerprint(t *testing.T) {
	l := start(t, Options{Hosts: 1})
	before, err := l.Fingerprint(t.Context(), "host-1")
	ok(t, err)
	changes := func() string {
		t.Helper()
		found, err := l.Changes(t.Context(), "host-1")
		ok(t, err)
		return strings.Join(found, "\n")
	}
	if got := changes(); got != "" {
		t.Errorf("an untouched host has changes:\n%s", got)
	}
	run(t, l, "host-1", `set -e
mkdir /etc/new; echo x > /etc/new/file; mkdir -p /var/lib/groundwork; rm /etc/issue; chmod 600 /etc/hosts; rm -r /var/lib/dpkg/info
cp -p /etc/passwd /root/; echo x >> /etc/passwd; cat /root/passwd > /etc/passwd; rm /root/passwd
ip link add dummy0 type bridge; mount -t tmpfs none /mnt; iptables -N LEFT; sysctl -qw net.ipv4.ip_forward=1
systemd-run -q --unit left nc -l 4711 || systemd-run -q --unit left sleep 1000`)
	found := changes()
	for _, want := range []string{"A /etc/new", "A /etc/new/file", "A /var/lib/groundwork", "D /etc/issue", "C /etc/hosts", "D /var/lib/dpkg/info"} {
		if !slices.Contains(strings.Split(found, "\n"), want) {
			t.Errorf("no %q in\n%s", want, found)
		}
	}
	if strings.Contains(found, "/etc/passwd") {
		t.Errorf("a file that was put back counts as changed:\n%s", found)
	}
	after, err := l.Fingerprint(t.Context(), "host-1")
	ok(t, err)
	differences := strings.Join(before.Differences(after), "\n")
	for _, want := range []string{"+ interface: dummy0", "+ mount: /mnt tmpfs none", "+ rule: iptables-save :LEFT -", "+ unit: left.service", "+ setting: net.ipv4.ip_forward = 1"} {
		if !strings.Contains(differences, want) {
			t.Errorf("no %q in\n%s", want, differences)
		}
	}
	ok(t, l.Reboot(t.Context(), "host-1"))
	ok(t, l.WaitSSH(t.Context(), "host-1"))
	run(t, l, "host-1", "systemctl is-system-running --wait")
	after, err = l.Fingerprint(t.Context(), "host-1")
	ok(t, err)
	if d := before.Differences(after); len(d) > 0 {
		t.Errorf("after a reboot:\n%s", strings.Join(d, "\n"))
	}
}

func TestManyHosts(t *testing.T) {
	const hosts = 6
	l := start(t, Options{Hosts: hosts})
	// The machine's limit is raised meanwhile, and put back; see unchanged.
	text, err := os.ReadFile("/proc/sys/fs/inotify/max_user_instances")
	ok(t, err)
	if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err != nil || n < hosts*25 {
		t.Errorf("inotify instances: %q", text)
	}
	for _, h := range l.Hosts {
		run(t, l, h.Name, "true")
	}
}
