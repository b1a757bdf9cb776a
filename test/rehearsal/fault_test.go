package rehearsal_test

import (
	"encoding/json"
	"path"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/test/cli"
)

// TestFaults lets the site fail in every way it can. Each run ends Ready after
// the fault has cleared, or with the exit code of its cause and a message that
// names the cause and the object.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		fault string
		flags []string
		// deadline is how long the machine may stay where it last moved to,
		// before it is certain that it goes no further.
		deadline time.Duration
		code     failure.Code
		says     []string // what the error names: cause, object, remedy
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
			fault: "no-address=worker:1", flags: []string{"--address-timeout", "10s"}, deadline: 10 * time.Second, code: failure.Infrastructure,
			says: []string{"address", "demo-md-0", "DHCP"},
		},
		{
			fault: "never-joins=control-plane:2", flags: []string{"--join-timeout", "15s"}, deadline: 15 * time.Second, code: failure.Bootstrap,
			says: []string{"join", "demo-", "kubeadm"},
		},
	} {
		t.Run(c.fault, func(t *testing.T) {
			r := create(t, newTool(t), append([]string{"--fault", c.fault}, c.flags...)...)
			if r.Code != c.code {
				t.Fatalf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", r.Code, c.code, cli.Tail(r.Stdout), r.Stderr)
			}
			if c.code == failure.OK {
				if vms := len(r.Report(t).VMs); vms != exampleMachines {
					t.Errorf("the site has %d VMs, want %d", vms, exampleMachines)
				}
			}
			if c.code == failure.Infrastructure || c.code == failure.Bootstrap {
				toldInTime(t, r, c.deadline)
			}
			for _, word := range c.says {
				if !strings.Contains(r.Stderr, word) {
					t.Errorf("the error does not name %q:\n%s", word, r.Stderr)
				}
			}
		})
	}
}

// toldInTime checks that the failure was told within 30 s of its being
// certain: of the last move of the machine that the error names, and deadline.
func toldInTime(t *testing.T, r cli.Result, deadline time.Duration) {
	t.Helper()
	var told struct{ Error struct{ Object string } }
	if err := json.Unmarshal([]byte(r.Stderr), &told); err != nil {
		t.Fatalf("read the error: %v", err)
	}
	var certain, failed time.Time
	for _, e := range r.Events(t) {
		switch {
		case e.Kind == event.StepFailed:
			failed = e.Time
		case e.Kind == event.MachineMoved && path.Base(told.Error.Object) == e.Machine.Name:
			certain = e.Machine.Since.Add(deadline)
		}
	}
	if certain.IsZero() || failed.IsZero() {
		t.Fatalf("the events do not show when %s moved last, and when the step failed", told.Error.Object)
	}
	if late := failed.Sub(certain); late > 30*time.Second {
		t.Errorf("the failure of %s was told %s after it was certain", told.Error.Object, late)
	}
}

// TestFailedCreateIsRepeated sees that a create which failed at the site goes
// on once the cause is gone.
func TestFailedCreateIsRepeated(t *testing.T) {
	for _, fault := range []string{"no-address=worker:1", "datastore-full=after:2"} {
		t.Run(fault, func(t *testing.T) {
			tool := newTool(t)
			if r := create(t, tool, "--fault", fault, "--address-timeout", "5s"); r.Code != failure.Infrastructure {
				t.Fatalf("exit code %d, want %d:\n%s", r.Code, failure.Infrastructure, r.Stderr)
			}
			if vms := len(create(t, tool).MustSucceed(t).Report(t).VMs); vms != exampleMachines {
				t.Errorf("the site has %d VMs, want %d", vms, exampleMachines)
			}
		})
	}
}

func TestTimeoutSaysWhatItWaitedFor(t *testing.T) {
	tool := newTool(t)
	r := create(t, tool, "--fault", "never-joins=control-plane:1", "--timeout", "20s")
	if r.Code != failure.TimedOut {
		t.Fatalf("exit code %d, want %d:\n%s", r.Code, failure.TimedOut, r.Stderr)
	}
	for _, word := range []string{"control plane", "demo", "same command"} {
		if !strings.Contains(r.Stderr, word) {
			t.Errorf("the error does not name %q:\n%s", word, r.Stderr)
		}
	}
}
