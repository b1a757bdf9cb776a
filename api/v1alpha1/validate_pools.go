package v1alpha1

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// addressRange is first to last, both included.
type addressRange struct{ first, last netip.Addr }

func (r addressRange) contains(a netip.Addr) bool {
	return r.first.Compare(a) <= 0 && a.Compare(r.last) <= 0
}

func (r addressRange) overlaps(o addressRange) bool {
	return r.first.Compare(o.last) <= 0 && o.first.Compare(r.last) <= 0
}

// size is the number of addresses.
func (r addressRange) size() int { return int(number(r.last)) - int(number(r.first)) + 1 }

func number(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// parseRange reads an address, "first-last" or a CIDR block of IPv4.
func parseRange(text string) (addressRange, bool) {
	var r addressRange
	text = strings.TrimSpace(text)
	if prefix, err := netip.ParsePrefix(text); err == nil && prefix.Addr().Is4() {
		prefix = prefix.Masked()
		hosts := uint32(1)<<(32-prefix.Bits()) - 1
		last := number(prefix.Addr()) | hosts
		return addressRange{prefix.Addr(), netip.AddrFrom4([4]byte{byte(last >> 24), byte(last >> 16), byte(last >> 8), byte(last)})}, true
	}
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	var err error
	if r.first, err = netip.ParseAddr(strings.TrimSpace(first)); err != nil || !r.first.Is4() {
		return addressRange{}, false
	}
	if r.last, err = netip.ParseAddr(strings.TrimSpace(last)); err != nil || !r.last.Is4() {
		return addressRange{}, false
	}
	return r, r.first.Compare(r.last) <= 0
}

// poolRange is one entry of a pool's addresses.
type poolRange struct {
	addressRange
	pool *VSphereAddressPool
	path string
	// order is the range's place in the file.
	order int
}

func (v *validator) addressPools() {
	var all []poolRange
	names, users := map[string]bool{}, map[string]*VSphereAddressPool{}
	for _, pool := range v.config.AddressPools {
		if names[pool.Name] && pool.Name != "" {
			v.add(pool, "metadata.name", fmt.Sprintf("there is another %s of this name", VSphereAddressPoolKind), "give one of them another name")
		}
		names[pool.Name] = true
		ranges := v.poolRanges(pool)
		all = append(all, ranges...)
		v.poolRefs(pool, users)
		v.poolSize(pool, ranges)
	}
	v.poolOverlaps(all)
}

// poolOverlaps reports ranges that overlap, at the later one in the file.
func (v *validator) poolOverlaps(all []poolRange) {
	for i := range all {
		all[i].order = i
	}
	slices.SortStableFunc(all, func(a, b poolRange) int { return a.first.Compare(b.first) })
	for i := 1; i < len(all); i++ {
		// The range that reaches furthest of those that begin before.
		before, this := all[i-1], all[i]
		if before.overlaps(this.addressRange) {
			earlier, later := before, this
			if earlier.order > later.order {
				earlier, later = later, earlier
			}
			v.add(later.pool, later.path, fmt.Sprintf("the addresses overlap %s of %s", earlier.path, describe(earlier.pool)), "use ranges that do not overlap")
		}
		if before.last.Compare(this.last) > 0 {
			all[i] = before
		}
	}
}

// poolRanges validates a pool's subnet and addresses and returns the ranges
// that can be read.
func (v *validator) poolRanges(pool *VSphereAddressPool) []poolRange {
	spec := &pool.Spec
	const leastPrefix, mostPrefix = 1, 30
	validPrefix := spec.Prefix >= leastPrefix && spec.Prefix <= mostPrefix
	if !validPrefix {
		v.add(pool, "spec.prefix", fmt.Sprintf("%d is not the prefix length of a subnet", spec.Prefix), "write a number of bits such as 24")
	}
	gateway, err := netip.ParseAddr(spec.Gateway)
	validGateway := err == nil && gateway.Is4()
	if v.required(pool, "spec.gateway", spec.Gateway, "write the address of the subnet's gateway") && !validGateway {
		v.add(pool, "spec.gateway", fmt.Sprintf("%s is not an IPv4 address", quote(spec.Gateway)), "write the address of the subnet's gateway")
	}
	var subnet netip.Prefix
	if validPrefix && validGateway {
		subnet = netip.PrefixFrom(gateway, spec.Prefix).Masked()
	}
	for i, server := range spec.Nameservers {
		if !isIP(server) {
			v.add(pool, fmt.Sprintf("spec.nameservers[%d]", i), fmt.Sprintf("%s is not an IP address", quote(server)), "write the server's IP address")
		}
	}
	if len(spec.Addresses) == 0 {
		v.add(pool, "spec.addresses", "the pool has no addresses", "write ranges such as 10.0.0.10-10.0.0.60")
	}
	var ranges []poolRange
	for i, text := range spec.Addresses {
		path := fmt.Sprintf("spec.addresses[%d]", i)
		r, ok := parseRange(text)
		if !ok {
			v.add(pool, path, fmt.Sprintf("%s is not a range of addresses", quote(text)), "write an address, a range such as 10.0.0.10-10.0.0.60, or a block such as 10.0.0.64/27")
			continue
		}
		v.poolRange(pool, path, r, subnet, gateway)
		ranges = append(ranges, poolRange{addressRange: r, pool: pool, path: path})
	}
	return ranges
}

// poolRange validates one range against its subnet and the cluster.
func (v *validator) poolRange(pool *VSphereAddressPool, path string, r addressRange, subnet netip.Prefix, gateway netip.Addr) {
	if subnet.IsValid() {
		whole, _ := parseRange(subnet.String())
		switch {
		case !subnet.Contains(r.first) || !subnet.Contains(r.last):
			v.add(pool, path, fmt.Sprintf("the addresses %s to %s are not all in the gateway's subnet %s", r.first, r.last, subnet), "correct the addresses, the gateway or the prefix")
		case r.contains(whole.first) || r.contains(whole.last):
			v.add(pool, path, fmt.Sprintf("the addresses include the subnet's own %s or its broadcast address %s", whole.first, whole.last), "leave them out")
		}
		if r.contains(gateway) {
			v.add(pool, path, fmt.Sprintf("the addresses include the gateway %s", gateway), "leave it out")
		}
	}
	if e := v.config.Cluster.Spec.ControlPlaneConfiguration.Endpoint; e != nil {
		if host, err := netip.ParseAddr(e.Host); err == nil && r.contains(host) {
			v.add(pool, path, fmt.Sprintf("the addresses include the control plane's endpoint %s, which a machine must not get", host), "leave it out")
		}
	}
	for i, server := range pool.Spec.Nameservers {
		if a, err := netip.ParseAddr(server); err == nil && r.contains(a) {
			v.add(pool, path, fmt.Sprintf("the addresses include the name server %s (nameservers[%d])", a, i), "leave it out")
		}
	}
}

// poolRefs validates what a pool gives addresses to; users are the pools so
// far, by machine configuration.
func (v *validator) poolRefs(pool *VSphereAddressPool, users map[string]*VSphereAddressPool) {
	if len(pool.Spec.MachineConfigRefs) == 0 {
		v.add(pool, "spec.machineConfigRefs", "the pool serves no machines", "name the machine configurations whose machines take addresses here")
	}
	for i := range pool.Spec.MachineConfigRefs {
		path := fmt.Sprintf("spec.machineConfigRefs[%d]", i)
		ref := &pool.Spec.MachineConfigRefs[i]
		v.ref(pool, path, ref, []string{VSphereMachineConfigKind}, func(string) []string { return keys(v.config.VSphereMachines) })
		if other := users[ref.Name]; other != nil && ref.Name != "" {
			v.add(pool, path, fmt.Sprintf("the machines of %s have their addresses from %s already", quote(ref.Name), describe(other)), "keep one of the references")
			continue
		}
		users[ref.Name] = pool
	}
}

// poolSize validates that there is an address for every machine, and for
// those more that an upgrade has at a time.
func (v *validator) poolSize(pool *VSphereAddressPool, ranges []poolRange) {
	served := map[string]bool{}
	for _, ref := range pool.Spec.MachineConfigRefs {
		served[ref.Name] = true
	}
	serves := func(ref *Ref) bool {
		return ref != nil && ref.Kind == VSphereMachineConfigKind && served[ref.Name]
	}
	spec := &v.config.Cluster.Spec
	machines, surge := 0, 0
	if cp := &spec.ControlPlaneConfiguration; serves(cp.MachineGroupRef) {
		machines, surge = atLeastZero(cp.Count), cp.surge()
	}
	for i := range spec.WorkerNodeGroupConfigurations {
		if group := &spec.WorkerNodeGroupConfigurations[i]; serves(group.MachineGroupRef) {
			machines, surge = machines+group.most(), surge+group.surge()
		}
	}
	addresses := 0
	for _, r := range ranges {
		addresses += r.size()
	}
	if need := machines + surge; len(ranges) == len(pool.Spec.Addresses) && len(ranges) > 0 && addresses < need {
		v.add(pool, "spec.addresses", fmt.Sprintf("the pool has %d addresses, and its machines need %d: %d, and %d more while they are replaced", addresses, need, machines, surge),
			fmt.Sprintf("add %d addresses", need-addresses))
	}
}

func isIP(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}
