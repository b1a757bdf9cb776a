package network

import (
	"net/netip"
	"testing"
)

func TestNewPlan(t *testing.T) {
	p, err := NewPlan(netip.MustParsePrefix("10.1.2.64/27"), 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]netip.Addr{
		"10.1.2.65": p.Gateway, "10.1.2.66": p.Machine, "10.1.2.74": p.VIP,
		"10.1.2.75": p.Hosts[0][0], "10.1.2.77": p.Hosts[2][0], "10.1.2.78": p.Hosts[0][1], "10.1.2.80": p.Hosts[2][1],
	} {
		if got.String() != what {
			t.Errorf("%s, want %s", got, what)
		}
	}
	seen := map[netip.Addr]bool{p.Gateway: true, p.Machine: true, p.VIP: true}
	for _, addresses := range p.Hosts {
		for _, a := range addresses {
			if seen[a] || !p.Subnet.Contains(a) {
				t.Errorf("%s is given twice or not in %s", a, p.Subnet)
			}
			seen[a] = true
		}
	}
	if got := MAC(netip.MustParseAddr("172.30.0.11")).String(); got != "02:1a:ac:1e:00:0b" {
		t.Errorf("MAC %s", got)
	}
}

func TestNewPlanRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		subnet       string
		hosts, extra int
		fits         bool
	}{
		"last address is broadcast": {"10.0.0.0/28", 5, 0, false},
		"just fits":                 {"10.0.0.0/28", 4, 0, true},
		"extra addresses":           {"10.0.0.0/28", 3, 1, false},
		"IPv6":                      {"fd00::/64", 1, 0, false},
	} {
		if _, err := NewPlan(netip.MustParsePrefix(c.subnet), c.hosts, c.extra); (err == nil) != c.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
}
