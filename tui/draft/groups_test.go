package draft_test

import (
	"reflect"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
)

func TestGroupsHaveMachineConfigurations(t *testing.T) {
	d := draft.New(v1alpha1.VSphereDatacenterKind, "prod")
	d.Config.VSphereMachines["prod"].Spec.NumCPUs = 8
	d.Config.AddressPools = []*v1alpha1.VSphereAddressPool{{Spec: v1alpha1.VSphereAddressPoolSpec{
		MachineConfigRefs: []v1alpha1.Ref{{Kind: v1alpha1.VSphereMachineConfigKind, Name: "prod"}}}}}
	pooled := func() (names []string) {
		for _, ref := range d.Config.AddressPools[0].Spec.MachineConfigRefs {
			names = append(names, ref.Name)
		}
		return names
	}
	expect := func(step string, machines []string, pool []string) {
		t.Helper()
		if got := machineNames(d); !reflect.DeepEqual(got, machines) {
			t.Errorf("%s: the machine configurations are %q, want %q", step, got, machines)
		}
		if got := pooled(); !reflect.DeepEqual(got, pool) {
			t.Errorf("%s: the pool is for %q, want %q", step, got, pool)
		}
		if len(d.Config.VSphereMachines) != len(machines) {
			t.Errorf("%s: there are %d machine configurations", step, len(d.Config.VSphereMachines))
		}
	}
	index := d.AddGroup()
	expect("added", []string{"prod-cp", "prod", "prod-md-1"}, []string{"prod", "prod-md-1"})
	if got := d.Config.VSphereMachines["prod-md-1"].Spec.NumCPUs; got != 8 {
		t.Errorf("the new group's machines have %d CPUs, not those of the group before", got)
	}
	d.RenameGroup(index, "gpu")
	expect("renamed", []string{"prod-cp", "prod", "prod-gpu"}, []string{"prod", "prod-gpu"})
	d.ShareMachine(index, "prod")
	expect("shared", []string{"prod-cp", "prod"}, []string{"prod"})
	d.RenameGroup(index, "other")
	expect("renamed while it shares", []string{"prod-cp", "prod"}, []string{"prod"})
	d.OwnMachine(index)
	expect("its own again", []string{"prod-cp", "prod", "prod-other"}, []string{"prod", "prod-other"})
	d.RemoveGroup(0)
	expect("removed", []string{"prod-cp", "prod-other"}, []string{"prod-other"})
	d.AddEtcd()
	expect("with etcd", []string{"prod-cp", "prod-other", "prod-etcd"}, []string{"prod-other"})
	d.Rename("stage")
	expect("another name", []string{"stage-cp", "stage-other", "stage-etcd"}, []string{"stage-other"})
	d.RemoveEtcd()
	expect("without etcd", []string{"stage-cp", "stage-other"}, []string{"stage-other"})
}

// A group called cp would take the control plane's machine configuration.
func TestNamesDoNotCollide(t *testing.T) {
	d := draft.New(v1alpha1.SSHDatacenterKind, "prod")
	index := d.AddGroup()
	d.RenameGroup(index, "cp")
	if got, want := machineNames(d), []string{"prod-cp", "prod", "prod-md-1"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if len(d.Config.SSHMachines["prod-md-1"].Spec.HardwareSelector) > 0 {
		t.Error("two groups choose the same hosts")
	}
}

func TestSharedMachineConfigurationsStay(t *testing.T) {
	d := read(t, "vsphere", strings.NewReplacer("      name: demo-worker\n", "      name: demo-cp\n"))
	// What nothing refers to goes on being in the file.
	if got, want := machineNames(d), []string{"demo-cp"}; !reflect.DeepEqual(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
	if got, want := d.Machines()[0].Groups, []string{draft.ControlPlaneGroup, "md-0"}; !reflect.DeepEqual(got, want) {
		t.Errorf("it is of %q, want %q", got, want)
	}
}
