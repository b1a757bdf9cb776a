package vsphere

import (
	"slices"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

func TestRenamed(t *testing.T) {
	for _, test := range []struct {
		before, after string
		want          []int
	}{
		{"", "a", []int{-1}},
		{"a b", "a b c", []int{0, 1, -1}},
		{"a b c", "a c", []int{0, 2}},
		{"a b c", "a x c", []int{0, 1, 2}},
		{"a b", "b a", []int{1, 0}},
		{"a b", "x y", []int{-1, -1}},
		{"a", "b", []int{0}},
		{"a b", "x", []int{-1}},
	} {
		if got := renamed(strings.Fields(test.before), strings.Fields(test.after)); !slices.Equal(got, test.want) {
			t.Errorf("%q to %q: %v, want %v", test.before, test.after, got, test.want)
		}
	}
}

func TestFailureDomains(t *testing.T) {
	d := newDraft()
	a := newAnswers(t, d, newBackend())
	a.set("network", "/dc1/network/nodes")
	a.set("datastore", "ssd")
	if a.asked("spread0") {
		t.Error("there is nothing to spread over")
	}
	a.set("domains", "east\n\nwest\n")
	a.set("domain0.computeCluster", "/dc1/host/east")
	a.set("spread0", "west\neast")
	if got := d.Group(0).FailureDomains; !slices.Equal(got, []string{"east", "west"}) {
		t.Errorf("spread over %v", got)
	}
	first := d.Config.VSphereDatacenter.Spec.FailureDomains[0]
	if first.Network != "/dc1/network/nodes" || first.Datastore != "ssd" || first.ComputeCluster != "/dc1/host/east" {
		t.Errorf("%+v", first)
	}
	a.set("domains", "zone-1\nwest")
	if got := d.Config.VSphereDatacenter.Spec.FailureDomains[0]; got.Name != "zone-1" || got.ComputeCluster != "/dc1/host/east" {
		t.Errorf("renamed: %+v", got)
	}
	if got := d.Group(0).FailureDomains; !slices.Equal(got, []string{"zone-1", "west"}) {
		t.Errorf("renamed: spread over %v", got)
	}
	a.set("domains", "west")
	if got := d.Group(0).FailureDomains; !slices.Equal(got, []string{"west"}) {
		t.Errorf("removed: spread over %v", got)
	}
	a.set("domains", "")
	if d.Group(0).FailureDomains != nil || d.Config.VSphereDatacenter.Spec.FailureDomains != nil {
		t.Error("a domain is left")
	}
}

// TestPools makes a pool that needs nothing more.
func TestPools(t *testing.T) {
	d := newDraft()
	a := newAnswers(t, d, newBackend())
	a.set("pools", "rack")
	a.set("pool0.addresses", "10.0.0.10-10.0.0.60\n10.0.0.64/27")
	a.set("pool0.gateway", "10.0.0.1")
	a.set("pool0.nameservers", "10.0.0.2")
	a.set("pool0.prefix", "24")
	for _, p := range d.Problems() {
		if strings.HasPrefix(p.Object, v1alpha1.VSphereAddressPoolKind) {
			t.Error(p)
		}
	}
	if got := a.field("pool0.machineConfigRefs").Get(); got != "prod-cp\nprod" {
		t.Errorf("it serves %q", got)
	}
	a.set("pool0.machineConfigRefs", "prod")
	if !strings.Contains(a.notes(), "From DHCP: control plane.") {
		t.Errorf("notes:\n%s", a.notes())
	}
	a.set("pools", "rack\nspare")
	if got := d.Config.AddressPools[1].Spec.MachineConfigRefs; len(got) != 1 || got[0].Name != "prod-cp" {
		t.Errorf("the second serves %v", got)
	}
	a.set("pools", "shelf\nspare")
	if got := d.Config.AddressPools[0]; got.Name != "shelf" || got.Spec.Gateway != "10.0.0.1" {
		t.Errorf("renamed: %+v", got)
	}
	a.set("pools", "")
	if len(d.Config.AddressPools) != 0 || !strings.Contains(a.notes(), "All machines get their addresses from DHCP") {
		t.Errorf("notes:\n%s", a.notes())
	}
}
