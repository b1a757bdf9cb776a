package rehearsal

import (
	"net/netip"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

func TestLeases(t *testing.T) {
	cfg := config(t)
	cfg.AddressPools = []*v1alpha1.VSphereAddressPool{{Spec: v1alpha1.VSphereAddressPoolSpec{
		Addresses: []string{"10.20.30.100-10.20.30.110", "10.20.30.112/31", "10.20.30.115"}}}}
	d := newDHCP(cfg)
	var first []string
	seen := map[netip.Prefix]bool{}
	for i := range 600 {
		at := d.lease(0)
		if !at.IsValid() || seen[at] {
			t.Fatalf("lease %d is %v", i, at)
		}
		seen[at] = true
		if i < 4 {
			first = append(first, at.Addr().String())
		}
		if end := at.Addr().As4()[3]; end == 0 || end == 255 {
			t.Errorf("%v is no host's address", at)
		}
	}
	if want := [4]string{"10.20.30.111", "10.20.30.114", "10.20.30.116", "10.20.30.117"}; [4]string(first) != want {
		t.Errorf("the first leases are %v", first)
	}
	if seen[netip.MustParsePrefix("10.20.30.10/16")] {
		t.Error("the endpoint was given away")
	}
	second := d.lease(1)
	if netip.MustParsePrefix("10.20.0.0/16").Contains(second.Addr()) {
		t.Errorf("the second card is in the network of the first: %v", second)
	}
	back := netip.MustParsePrefix("10.20.30.116/16")
	d.release(back)
	if again := d.lease(0); again != back {
		t.Errorf("the address that was given back is not used again: %v", again)
	}
	d.release(back)
	d.hold(back)
	if again := d.lease(0); again == back {
		t.Error("an address in use was given away")
	}
}
