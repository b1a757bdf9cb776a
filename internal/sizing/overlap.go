package sizing

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// Range is a run of addresses that something has.
type Range struct {
	// Name says whose: "the pods", "the control plane's endpoint".
	Name string
	// First and Last are its ends, both included.
	First, Last netip.Addr
	// cluster is true of the ranges inside the cluster.
	cluster bool
}

// String is the range as people write it.
func (r Range) String() string {
	if r.First == r.Last {
		return r.First.String()
	}
	for bits := 0; bits <= r.First.BitLen(); bits++ {
		prefix := netip.PrefixFrom(r.First, bits)
		if prefix.Masked().Addr() == r.First && lastOf(prefix) == r.Last {
			return prefix.String()
		}
	}
	return r.First.String() + "-" + r.Last.String()
}

func (r Range) overlaps(o Range) bool {
	return r.First.BitLen() == o.First.BitLen() && r.First.Compare(o.Last) <= 0 && o.First.Compare(r.Last) <= 0
}

// Overlap is two ranges that share addresses.
type Overlap struct{ A, B Range }

// String names both.
func (o Overlap) String() string {
	return fmt.Sprintf("%s (%s) and %s (%s) share addresses", o.A.Name, o.A, o.B.Name, o.B)
}

// overlaps are the pairs that collide: a range of the cluster with any other.
// Two of the site may well share addresses: an endpoint lies in a subnet.
func overlaps(all []Range) []Overlap {
	var found []Overlap
	for i, a := range all {
		for _, b := range all[i+1:] {
			if (a.cluster || b.cluster) && a.overlaps(b) {
				found = append(found, Overlap{A: a, B: b})
			}
		}
	}
	return found
}

// lastOf is a prefix's last address.
func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for i := range bytes {
		for bit := range 8 {
			if i*8+bit >= p.Bits() {
				bytes[i] |= 0x80 >> bit
			}
		}
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}

// inventory gathers the ranges of a configuration.
type inventory struct{ all []Range }

func (v *inventory) prefix(name string, p netip.Prefix, cluster bool) {
	if p.IsValid() {
		v.all = append(v.all, Range{Name: name, First: p.Masked().Addr(), Last: lastOf(p), cluster: cluster})
	}
}

// host adds what an address, a host with a port, or a URL names; a name of DNS
// says nothing.
func (v *inventory) host(name, text string) {
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		text = u.Host
	}
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		a = a.WithZone("")
		v.all = append(v.all, Range{Name: name, First: a, Last: a})
	}
}

// ranges are those of the cluster first, then those that its machines reach.
func ranges(config *v1alpha1.Config, p Plan) []Range {
	var v inventory
	v.prefix("the pods", p.Pods, true)
	v.prefix("the services", p.Services, true)
	spec := &config.Cluster.Spec
	if e := spec.ControlPlaneConfiguration.Endpoint; e != nil {
		v.host("the control plane's endpoint", e.Host)
	}
	v.surroundings(spec)
	v.site(config)
	return v.all
}

// surroundings are the services of the site that nodes use.
func (v *inventory) surroundings(spec *v1alpha1.ClusterSpec) {
	if proxy := spec.ProxyConfiguration; proxy != nil {
		v.host("the HTTP proxy", proxy.HttpProxy)
		if proxy.HttpsProxy != proxy.HttpProxy {
			v.host("the HTTPS proxy", proxy.HttpsProxy)
		}
	}
	if mirror := spec.RegistryMirrorConfiguration; mirror != nil {
		v.host("the registry mirror", mirror.Endpoint)
	}
}

// site is what the provider's objects name.
func (v *inventory) site(config *v1alpha1.Config) {
	if d := config.VSphereDatacenter; d != nil {
		v.host("the vCenter", d.Spec.Server)
	}
	if d := config.TinkerbellDatacenter; d != nil {
		v.host("Tinkerbell", d.Spec.TinkerbellIP)
	}
	if d := config.SSHDatacenter; d != nil {
		for _, h := range d.Spec.Hosts {
			v.host("the host "+h.Name, h.Address)
		}
	}
	for _, pool := range config.AddressPools {
		gateway, err := netip.ParseAddr(pool.Spec.Gateway)
		if err == nil && pool.Spec.Prefix > 0 && pool.Spec.Prefix <= gateway.BitLen() {
			v.prefix("the subnet of the address pool "+pool.Name, netip.PrefixFrom(gateway, pool.Spec.Prefix), false)
		} else {
			v.host("the gateway of the address pool "+pool.Name, pool.Spec.Gateway)
		}
		for _, server := range pool.Spec.Nameservers {
			v.host("the name server "+server, server)
		}
	}
	for _, servers := range timeServers(config) {
		for _, server := range servers {
			v.host("the time server "+server, server)
		}
	}
}
