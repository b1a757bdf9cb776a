package rehearsal

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
	"groundwork.dev/bootstrap/internal/rehearsal/machine/machinetest"
)

// alive asks the vCenter for something.
func alive(ctx context.Context, a *admin) error {
	_, err := methods.GetCurrentTime(ctx, a.Client)
	return err
}

func TestVCenterDown(t *testing.T) {
	s, k := open(t, t.TempDir(), "vcenter-down=1h"), machinetest.NewKeys(t)
	a := login(t, s)
	vm, err := a.clone(t.Context(), "lab-1", uuid.NewString(), k.Userdata(machine.Init))
	if err != nil {
		t.Fatal("before the first machine has power:", err)
	}
	if err := a.provide(t.Context(), vm, "lab-1", ""); err == nil || !strings.Contains(err.Error(), "EOF") && !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "refused") {
		t.Error("the call that gives it power ends with", err)
	}
	eventually(t, s, "lab-1", "joined although the vCenter is down", joined)
	if err := alive(t.Context(), a); err == nil || !strings.Contains(err.Error(), "dial tcp vcenter.example.com:443: connect: connection refused") {
		t.Error("while it is down:", err)
	}
	s.Clear()
	if err := alive(t.Context(), a); err != nil {
		t.Error("afterwards:", err)
	}
}

func TestVCenterSlow(t *testing.T) {
	s := open(t, t.TempDir())
	a := login(t, s)
	const delay = 300 * time.Millisecond
	s.Inject(Fault{Kind: VCenterSlow, Delay: delay})
	start := time.Now()
	if err := alive(t.Context(), a); err != nil || time.Since(start) < delay {
		t.Errorf("a call took %v: %v", time.Since(start), err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := alive(ctx, a); err == nil {
		t.Error("a call took no time")
	}
}

func TestLoginRefused(t *testing.T) {
	s := open(t, t.TempDir(), "login-refused")
	if _, err := tryLogin(t.Context(), s); err == nil || !strings.Contains(err.Error(), "InvalidLogin") && !fault.Is(err, &types.InvalidLogin{}) {
		t.Error("a login is answered with", err)
	}
	s.Clear()
	a := login(t, s)
	s.Inject(Fault{Kind: LoginRefused})
	if err := alive(t.Context(), a); err != nil {
		t.Error("a session from before:", err)
	}
	if err := rest.NewClient(a.Client).Login(t.Context(), url.UserPassword(user, password)); err == nil || !strings.Contains(err.Error(), "401") {
		t.Error("the REST API answers a login with", err)
	}
}

func TestTemplateMissing(t *testing.T) {
	const path = "/Frankfurt/vm/templates/ubuntu-kube-v1.35"
	s := open(t, t.TempDir(), "template-missing")
	a := login(t, s)
	if _, err := a.finder.VirtualMachine(t.Context(), path); err == nil {
		t.Error("the template is there")
	}
	s.Clear()
	vm, err := a.finder.VirtualMachine(t.Context(), path)
	if err != nil {
		t.Fatal("afterwards:", err)
	}
	api := rest.NewClient(a.Client)
	if err := api.Login(t.Context(), url.UserPassword(user, password)); err != nil {
		t.Fatal(err)
	}
	if names := tagNames(t, api, vm.Reference()); len(names) != 2 {
		t.Errorf("its tags are %v", names)
	}
	s.Inject(Fault{Kind: TemplateMissing})
	if _, err := a.finder.VirtualMachine(t.Context(), path); err == nil {
		t.Error("the template is still there")
	}
	s.Clear()
	if _, err := a.finder.VirtualMachine(t.Context(), path); err != nil {
		t.Error("the second time:", err)
	}
}

func TestDatastoreFull(t *testing.T) {
	s, k := open(t, t.TempDir(), "datastore-full=after:1"), machinetest.NewKeys(t)
	a := login(t, s)
	free := func() int64 {
		t.Helper()
		ds, err := a.finder.Datastore(t.Context(), "/Frankfurt/datastore/fast/vsan")
		if err != nil {
			t.Fatal(err)
		}
		var props mo.Datastore
		if err := ds.Properties(t.Context(), ds.Reference(), []string{"summary"}, &props); err != nil {
			t.Fatal(err)
		}
		return props.Summary.FreeSpace
	}
	if free() < 1<<40 {
		t.Error("there is no space for the first clone")
	}
	if _, err := a.clone(t.Context(), "lab-1", uuid.NewString(), k.Userdata(machine.Init)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lab-2", "lab-3"} {
		if _, err := a.clone(t.Context(), name, uuid.NewString(), k.Userdata(machine.Worker)); !fault.Is(err, &types.NoDiskSpace{}) {
			t.Errorf("the clone of %s ends with %v", name, err)
		}
	}
	if free() > 1<<30 {
		t.Error("there is space on a full datastore")
	}
	tasks := newestError(t, a)
	if tasks != "Insufficient disk space on datastore 'vsan'." {
		t.Errorf("the task says %q", tasks)
	}
	if len(s.Machines()) != 1 {
		t.Errorf("the machines are %+v", s.Machines())
	}
	s.Clear()
	if _, err := a.clone(t.Context(), "lab-2", uuid.NewString(), k.Userdata(machine.Worker)); err != nil {
		t.Error("afterwards:", err)
	}
}

func TestNoAddress(t *testing.T) {
	s, k := open(t, t.TempDir(), "no-address=control-plane:1"), machinetest.NewKeys(t)
	a := login(t, s)
	vm := a.launch(t, k, "lab-1", machine.Init)
	m := eventually(t, s, "lab-1", "waited", func(m Machine) bool { return m.Problem != "" })
	if m.Address != "" || joined(m) || !strings.Contains(m.Problem, "no DHCP server answers") {
		t.Errorf("the machine is %+v", m)
	}
	if got := ipOf(t, vm); got != "" {
		t.Errorf("the vCenter shows the address %s", got)
	}
	s.Clear()
	m = eventually(t, s, "lab-1", "joined", joined)
	if got := ipOf(t, vm); got == "" || got != m.Address {
		t.Errorf("afterwards the vCenter shows %q, the machine has %q", got, m.Address)
	}
}

func TestNeverJoins(t *testing.T) {
	s, k := open(t, t.TempDir(), "never-joins=lab-md-*"), machinetest.NewKeys(t)
	a := login(t, s)
	a.launch(t, k, "lab-1", machine.Init)
	eventually(t, s, "lab-1", "joined", joined)
	allow(t, api(t, s, k))
	a.launch(t, k, "lab-md-0-1", machine.Worker)
	m := eventually(t, s, "lab-md-0-1", "hung", func(m Machine) bool { return m.Problem != "" })
	if m.Address == "" || joined(m) {
		t.Errorf("the machine is %+v", m)
	}
	s.Clear()
	eventually(t, s, "lab-md-0-1", "joined", joined)
}

func TestFaultsPass(t *testing.T) {
	s, k := open(t, t.TempDir(), "never-joins=control-plane:1,for:50ms"), machinetest.NewKeys(t)
	login(t, s).launch(t, k, "lab-1", machine.Init)
	eventually(t, s, "lab-1", "joined", joined)
	var began, ended, joinedAt int
	for i, action := range s.Actions() {
		switch action.Kind {
		case FaultBegan:
			began = i
		case FaultEnded:
			ended = i
		case Joined:
			joinedAt = i
		}
	}
	if began == 0 || ended < began || joinedAt < ended {
		t.Errorf("the order is %+v", s.Actions())
	}
}

// A machine that has no token yet waits for one, without a clock.
func TestJoinWaitsForItsToken(t *testing.T) {
	s, k := open(t, t.TempDir()), machinetest.NewKeys(t)
	a := login(t, s)
	a.launch(t, k, "lab-md-0-1", machine.Worker)
	m := eventually(t, s, "lab-md-0-1", "waited", func(m Machine) bool { return m.Problem != "" })
	if !strings.Contains(m.Problem, "nothing answers at 10.20.30.10:6443") {
		t.Errorf("before there is a cluster: %s", m.Problem)
	}
	a.launch(t, k, "lab-1", machine.Init)
	eventually(t, s, "lab-md-0-1", "waited for its token", func(m Machine) bool { return strings.Contains(m.Problem, "does not know the bootstrap token") })
	allow(t, api(t, s, k))
	eventually(t, s, "lab-md-0-1", "joined", joined)
}

func ipOf(t *testing.T, vm *object.VirtualMachine) string {
	t.Helper()
	var props mo.VirtualMachine
	if err := vm.Properties(t.Context(), vm.Reference(), []string{"guest"}, &props); err != nil {
		t.Fatal(err)
	}
	return props.Guest.IpAddress
}
