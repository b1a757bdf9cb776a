// Package network is the lab's network: a bridge in a network namespace of its
// own, a port for each host, one cable to the machine, and what can be done to
// them: cut, lossy and slow cables, and a count of everything that asks for
// something outside.
package network

import (
	"fmt"
	"net"
	"net/netip"
)

// Offsets into the subnet. What the machine itself and virtual addresses need
// lies below the hosts, so that any number of hosts may follow.
const (
	gatewayOffset = 1
	machineOffset = 2
	vipOffset     = 10
	hostsOffset   = 11
)

// Plan says who has which address.
type Plan struct {
	Subnet netip.Prefix
	// Gateway is the bridge: the hosts' default route and name server.
	Gateway netip.Addr
	// Machine is the machine's own address in the subnet.
	Machine netip.Addr
	// VIP is an address that nobody has.
	VIP netip.Addr
	// Hosts are the addresses of each host, the first of each its main one.
	Hosts [][]netip.Addr
}

// NewPlan lays hosts with 1+extra addresses each out in an IPv4 subnet.
func NewPlan(subnet netip.Prefix, hosts, extra int) (Plan, error) {
	if !subnet.IsValid() || !subnet.Addr().Is4() {
		return Plan{}, fmt.Errorf("subnet %s: an IPv4 subnet such as 172.30.0.0/24 is needed", subnet)
	}
	subnet = subnet.Masked()
	// The last address of a subnet is its broadcast address.
	size, needed := 1<<(32-subnet.Bits()), hostsOffset+hosts*(1+extra)+1
	if needed > size {
		return Plan{}, fmt.Errorf("subnet %s has %d addresses; %d hosts with %d each need %d", subnet, size, hosts, 1+extra, needed)
	}
	p := Plan{
		Subnet:  subnet,
		Gateway: at(subnet, gatewayOffset),
		Machine: at(subnet, machineOffset),
		VIP:     at(subnet, vipOffset),
	}
	for i := range hosts {
		var addresses []netip.Addr
		for k := range 1 + extra {
			addresses = append(addresses, at(subnet, hostsOffset+k*hosts+i))
		}
		p.Hosts = append(p.Hosts, addresses)
	}
	return p, nil
}

func at(subnet netip.Prefix, offset int) netip.Addr {
	b := subnet.Addr().As4()
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	n += uint32(offset)
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// MAC is the hardware address of whoever has an IPv4 address: always the same,
// so that a host that comes back is not met by its neighbours' stale ARP
// entries. 02 marks it as locally administered.
func MAC(address netip.Addr) net.HardwareAddr {
	b := address.As4()
	return net.HardwareAddr{0x02, 0x1a, b[0], b[1], b[2], b[3]}
}
