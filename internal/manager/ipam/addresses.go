// Package ipam hands out static node addresses from InClusterIPPools. It
// keeps the contract and the names of Cluster API's in-cluster IPAM provider,
// whose own controllers no other module can import, so that either can take
// over the other's objects.
package ipam

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"

	"go4.org/netipx"
	poolv1 "sigs.k8s.io/cluster-api-ipam-provider-in-cluster/api/v1alpha2"
)

// errExhausted says that every address of a pool is in use.
var errExhausted = errors.New("no address is free")

// assignable is what a pool has to give: its addresses without the excluded
// ones, the gateway, and the network's own two addresses unless the pool says
// that they are ordinary.
func assignable(spec poolv1.InClusterIPPoolSpec) (*netipx.IPSet, error) {
	addresses, err := parseAll(spec.Addresses)
	if err != nil {
		return nil, fmt.Errorf("spec.addresses: %w", err)
	}
	ranges := addresses.Ranges()
	if len(ranges) == 0 {
		return nil, errors.New("spec.addresses is empty")
	}
	excluded, err := parseAll(spec.ExcludedAddresses)
	if err != nil {
		return nil, fmt.Errorf("spec.excludedAddresses: %w", err)
	}
	var set netipx.IPSetBuilder
	set.AddSet(addresses)
	set.RemoveSet(excluded)
	if spec.Gateway != "" {
		gateway, err := netip.ParseAddr(spec.Gateway)
		if err != nil {
			return nil, fmt.Errorf("spec.gateway: %w", err)
		}
		set.Remove(gateway)
	}
	network, err := ranges[0].From().Prefix(spec.Prefix)
	if err != nil {
		return nil, fmt.Errorf("spec.prefix: %w", err)
	}
	if !spec.AllocateReservedIPAddresses {
		whole := netipx.RangeOfPrefix(network)
		set.Remove(whole.From()) // IPv4: the network, IPv6: the routers' anycast address
		if network.Addr().Is4() {
			set.Remove(whole.To()) // broadcast
		}
	}
	return set.IPSet()
}

// parseAll reads addresses, CIDRs and ranges ("10.0.0.10-10.0.0.60").
func parseAll(texts []string) (*netipx.IPSet, error) {
	var set netipx.IPSetBuilder
	for _, text := range texts {
		switch {
		case strings.Contains(text, "-"):
			r, err := netipx.ParseIPRange(text)
			if err != nil {
				return nil, err
			}
			set.AddRange(r)
		case strings.Contains(text, "/"):
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				return nil, err
			}
			set.AddPrefix(prefix)
		default:
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, err
			}
			set.Add(address)
		}
	}
	return set.IPSet()
}

// firstFree is the lowest assignable address that is not used, or
// errExhausted.
func firstFree(pool *netipx.IPSet, used []netip.Addr) (netip.Addr, error) {
	var free netipx.IPSetBuilder
	free.AddSet(pool)
	for _, address := range used {
		free.Remove(address)
	}
	set, err := free.IPSet()
	if err != nil {
		return netip.Addr{}, err
	}
	if ranges := set.Ranges(); len(ranges) > 0 {
		return ranges[0].From(), nil
	}
	return netip.Addr{}, errExhausted
}

// count is the number of addresses of a set, at most math.MaxInt.
func count(set *netipx.IPSet) int {
	total := 0
	for _, prefix := range set.Prefixes() {
		bits := prefix.Addr().BitLen() - prefix.Bits()
		if bits >= 62 || total > math.MaxInt-(1<<bits) {
			return math.MaxInt
		}
		total += 1 << bits
	}
	return total
}
