package rehearsal

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// subnetBits is the size of a simulated network: room for large clusters.
const subnetBits = 16

// firstHost is where leases begin: sites keep the first addresses of a
// network for what has fixed ones.
const firstHost = 100

// dhcp leases addresses, one network for each card of a machine.
type dhcp struct {
	mu       sync.Mutex
	networks []netip.Addr // the first lease of each
	reserved []span
	leased   map[netip.Addr]bool
}

// span is a range of addresses, both ends included.
type span struct{ first, last netip.Addr }

// newDHCP leases from the network that the cluster's endpoint is in, without
// the endpoint and the addresses of pools.
func newDHCP(cfg *v1alpha1.Config) *dhcp {
	d := &dhcp{leased: map[netip.Addr]bool{}}
	first := netip.AddrFrom4([4]byte{10, 20, 30, firstHost})
	if endpoint := cfg.Cluster.Spec.ControlPlaneConfiguration.Endpoint; endpoint != nil {
		if at, err := netip.ParseAddr(endpoint.Host); err == nil {
			d.reserved = append(d.reserved, span{at, at})
			if at.Is4() {
				parts := at.As4()
				parts[3] = firstHost
				first = netip.AddrFrom4(parts)
			}
		}
	}
	// A second card is in a network that no configuration names an address of.
	d.networks = []netip.Addr{first, netip.AddrFrom4([4]byte{172, 17, 0, firstHost})}
	for _, pool := range cfg.AddressPools {
		for _, text := range pool.Spec.Addresses {
			if s, err := parseSpan(text); err == nil {
				d.reserved = append(d.reserved, s)
			}
		}
	}
	return d
}

// parseSpan reads an address, "first-last" or a CIDR block.
func parseSpan(text string) (span, error) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		last := prefix.Masked().Addr().AsSlice()
		for i := range last {
			for bit := range 8 {
				if i*8+bit >= prefix.Bits() {
					last[i] |= 1 << (7 - bit)
				}
			}
		}
		end, _ := netip.AddrFromSlice(last)
		return span{prefix.Masked().Addr(), end}, nil
	}
	first, last, ranged := strings.Cut(text, "-")
	if !ranged {
		last = first
	}
	from, err := netip.ParseAddr(strings.TrimSpace(first))
	if err != nil {
		return span{}, fmt.Errorf("reading the address range %q: %w", text, err)
	}
	to, err := netip.ParseAddr(strings.TrimSpace(last))
	if err != nil {
		return span{}, fmt.Errorf("reading the address range %q: %w", text, err)
	}
	return span{from, to}, nil
}

// lease gives out a free address for the card with an index.
func (d *dhcp) lease(card int) netip.Prefix {
	d.mu.Lock()
	defer d.mu.Unlock()
	first := d.networks[min(card, len(d.networks)-1)]
	network := netip.PrefixFrom(first, subnetBits).Masked()
	for at := first; network.Contains(at); at = at.Next() {
		if end := at.As4()[3]; end == 0 || end == 255 || d.leased[at] || d.isReserved(at) {
			continue
		}
		d.leased[at] = true
		return netip.PrefixFrom(at, subnetBits)
	}
	return netip.Prefix{} // as DHCP servers do when they have run out
}

func (d *dhcp) isReserved(at netip.Addr) bool {
	for _, s := range d.reserved {
		if s.first.Compare(at) <= 0 && at.Compare(s.last) <= 0 {
			return true
		}
	}
	return false
}

// hold marks an address as given out, release as free.
func (d *dhcp) hold(at netip.Prefix) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.leased[at.Addr()] = true
}

func (d *dhcp) release(at netip.Prefix) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.leased, at.Addr())
}
