package rehearsal_test

import (
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

// TestFaults lets the site fail in every way it can. Each run ends Ready after
// the fault has cleared, or with the exit code of its cause and a message that
// names the cause and the object.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		fault string
		flags []string
		code  failure.Code
		says  []string // what the error names: cause, object, remedy
	}{
		{fault: "vcenter-down=8s"},
		{fault: "vcenter-slow=100ms"},
		{fault: "login-refused", code: failure.Preflight, says: []string{"login", "administrator@vsphere.local"}},
		{fault: "template-missing", code: failure.Preflight, says: []string{"template", "/Frankfurt/vm/templates/ubuntu-kube-v1.35"}},
		{fault: "datastore-full", code: failure.Preflight, says: []string{"/Frankfurt/datastore/vsan"}},
		{
			fault: "datastore-full=after:2", code: failure.Infrastructure,
			says: []string{"space", "VSphereVM", "datastore"},
		},
		{
			fault: "no-address=worker:1", flags: []string{"--address-timeout", "10s"}, code: failure.Infrastructure,
			says: []string{"address", "demo-md-0", "DHCP"},
		},
		{
			fault: "never-joins=control-plane:2", flags: []string{"--join-timeout", "15s"}, code: failure.Bootstrap,
			says: []string{"join", "demo-", "kubeadm"},
		},
	} {
		t.Run(c.fault, func(t *testing.T) {
			r := newTool(t).create(t, append([]string{"--fault", c.fault}, c.flags...)...)
			if r.code != c.code {
				t.Fatalf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", r.code, c.code, tail(r.stdout), r.stderr)
			}
			if c.code == failure.OK {
				if vms := len(r.report(t).VMs); vms != exampleMachines {
					t.Errorf("the site has %d VMs, want %d", vms, exampleMachines)
				}
			}
			for _, word := range c.says {
				if !strings.Contains(r.stderr, word) {
					t.Errorf("the error does not name %q:\n%s", word, r.stderr)
				}
			}
		})
	}
}

// TestFailedCreateIsRepeated sees that a create which failed at the site goes
// on once the cause is gone.
func TestFailedCreateIsRepeated(t *testing.T) {
	for _, fault := range []string{"no-address=worker:1", "datastore-full=after:2"} {
		t.Run(fault, func(t *testing.T) {
			tool := newTool(t)
			if r := tool.create(t, "--fault", fault, "--address-timeout", "5s"); r.code != failure.Infrastructure {
				t.Fatalf("exit code %d, want %d:\n%s", r.code, failure.Infrastructure, r.stderr)
			}
			if vms := len(tool.create(t).mustSucceed(t).report(t).VMs); vms != exampleMachines {
				t.Errorf("the site has %d VMs, want %d", vms, exampleMachines)
			}
		})
	}
}

func TestTimeoutSaysWhatItWaitedFor(t *testing.T) {
	tool := newTool(t)
	r := tool.create(t, "--fault", "never-joins=control-plane:1", "--timeout", "20s")
	if r.code != failure.TimedOut {
		t.Fatalf("exit code %d, want %d:\n%s", r.code, failure.TimedOut, r.stderr)
	}
	for _, word := range []string{"control plane", "demo", "same command"} {
		if !strings.Contains(r.stderr, word) {
			t.Errorf("the error does not name %q:\n%s", word, r.stderr)
		}
	}
}
