package v1alpha1

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"path"
)

// Limits on address ranges: kube-controller-manager gives nodes at most 2^16
// ranges, kube-apiserver takes at most 2^20 service addresses, and kubeadm
// needs at least 10 (k8s.io/kubernetes cmd/kubeadm/app/constants).
const (
	maxNodeMaskDifference = 16
	minServicePrefix      = 12
	maxServicePrefix      = 28
	maxNodeMask           = 32
)

func (v *validator) networks() {
	network := &v.config.Cluster.Spec.ClusterNetwork
	pods := v.cidrBlock("spec.clusterNetwork.pods.cidrBlocks", "pods", network.Pods.CidrBlocks)
	services := v.cidrBlock("spec.clusterNetwork.services.cidrBlocks", "services", network.Services.CidrBlocks)
	if services.IsValid() && (services.Bits() < minServicePrefix || services.Bits() > maxServicePrefix) {
		v.cluster("spec.clusterNetwork.services.cidrBlocks[0]", fmt.Sprintf("the services' range has a /%d, and Kubernetes takes /%d to /%d", services.Bits(), minServicePrefix, maxServicePrefix),
			"use another size, such as 10.96.0.0/12")
	}
	if pods.IsValid() && services.IsValid() && pods.Overlaps(services) {
		v.cluster("spec.clusterNetwork.services.cidrBlocks[0]", fmt.Sprintf("the services' range %s overlaps the pods' %s", services, pods), "use ranges that do not overlap")
	}
	v.nodeMask(network, pods)
	v.outsideClusterNetworks(pods, services)
	if conf := network.DNS.ResolvConf; conf != nil && !path.IsAbs(conf.Path) {
		v.cluster("spec.clusterNetwork.dns.resolvConf.path", fmt.Sprintf("%s is not an absolute path", quote(conf.Path)), "write a path on the nodes, such as /run/systemd/resolve/resolv.conf")
	}
	v.cni(network)
}

// exampleRanges are those of EKS Anywhere's generated files.
var exampleRanges = map[string]string{"pods": "192.168.0.0/16", "services": "10.96.0.0/12"}

// cidrBlock returns the one range of blocks; invalid where there is a problem.
func (v *validator) cidrBlock(field, what string, blocks []string) netip.Prefix {
	switch {
	case len(blocks) == 0:
		v.cluster(field, "the "+what+"' address range is missing", "write one such as "+exampleRanges[what])
		return netip.Prefix{}
	case len(blocks) > 1:
		v.cluster(field, fmt.Sprintf("the %s have %d address ranges, and they can have one", what, len(blocks)), "keep one of them")
	}
	prefix, err := netip.ParsePrefix(blocks[0])
	switch {
	case err != nil:
		v.cluster(field+"[0]", fmt.Sprintf("%s is not an address range", quote(blocks[0])), "write an address, a slash and a number of bits, such as 10.96.0.0/12")
		return netip.Prefix{}
	case !prefix.Addr().Is4():
		v.cluster(field+"[0]", fmt.Sprintf("%s is not an IPv4 range", quote(blocks[0])), "use an IPv4 range; IPv6 clusters are not supported")
		return netip.Prefix{}
	}
	return prefix.Masked()
}

// nodeMask validates that every machine can get its part of the pods' range.
func (v *validator) nodeMask(network *ClusterNetwork, pods netip.Prefix) {
	field, mask := "spec.clusterNetwork.nodes.cidrMaskSize", DefaultNodeCIDRMaskSize
	if network.Nodes != nil && network.Nodes.CIDRMaskSize != nil {
		mask = *network.Nodes.CIDRMaskSize
	} else {
		field = "spec.clusterNetwork.pods.cidrBlocks"
	}
	if mask < 1 || mask > maxNodeMask {
		v.cluster(field, fmt.Sprintf("the size of a node's range is /%d", mask), fmt.Sprintf("write a number up to %d, such as %d", maxNodeMask, DefaultNodeCIDRMaskSize))
		return
	}
	if !pods.IsValid() {
		return
	}
	switch difference := mask - pods.Bits(); {
	case difference <= 0:
		v.cluster(field, fmt.Sprintf("a node's range /%d does not fit into the pods' range %s", mask, pods), "use a larger range for pods or a larger number for nodes.cidrMaskSize")
	case difference > maxNodeMaskDifference:
		v.cluster(field, fmt.Sprintf("a node's range /%d is more than %d bits smaller than the pods' range %s", mask, maxNodeMaskDifference, pods),
			fmt.Sprintf("write nodes.cidrMaskSize: %d or less", pods.Bits()+maxNodeMaskDifference))
	default:
		if machines, room := v.config.Cluster.MostMachines(), 1<<difference; machines > room {
			v.cluster(field, fmt.Sprintf("the pods' range %s has room for %d nodes with a /%d each, and the cluster can have %d", pods, room, mask, machines),
				"use a larger range for pods or a larger number for nodes.cidrMaskSize")
		}
	}
}

// MostMachines is how many machines the cluster can have at once: when every
// group has scaled to its maximum, and while an upgrade replaces them.
func (c *Cluster) MostMachines() int {
	spec := &c.Spec
	machines := atLeastZero(spec.ControlPlaneConfiguration.Count) + spec.ControlPlaneConfiguration.surge()
	for i := range spec.WorkerNodeGroupConfigurations {
		group := &spec.WorkerNodeGroupConfigurations[i]
		machines += group.most() + group.surge()
	}
	return machines
}

// surge is how many machines more than Count an upgrade has at a time.
func (cp *ControlPlaneConfiguration) surge() int {
	if s := cp.UpgradeRolloutStrategy; s != nil {
		return rollingSurge(s.Type, s.RollingUpdate != nil, func() int { return s.RollingUpdate.MaxSurge })
	}
	return 1
}

func (w *WorkerNodeGroupConfiguration) surge() int {
	if s := w.UpgradeRolloutStrategy; s != nil {
		return rollingSurge(s.Type, s.RollingUpdate != nil, func() int { return s.RollingUpdate.MaxSurge })
	}
	return 1
}

// rollingSurge is Cluster API's surge of 1 unless a strategy says otherwise.
func rollingSurge(strategy UpgradeRolloutStrategyType, has bool, maxSurge func() int) int {
	switch {
	case strategy == InPlaceStrategyType:
		return 0
	case has:
		return atLeastZero(maxSurge())
	}
	return 1
}

// most is the greatest number of machines that the group can scale to.
func (w *WorkerNodeGroupConfiguration) most() int {
	count := 0
	if w.Count != nil {
		count = atLeastZero(*w.Count)
	}
	if w.AutoScalingConfiguration != nil {
		count = max(count, w.AutoScalingConfiguration.MaxCount)
	}
	return count
}

// atLeastZero keeps a count that is a problem of its own out of sums, and
// sums from overflowing.
func atLeastZero(n int) int { return min(max(n, 0), 1<<20) }

// outsideClusterNetworks validates that what machines must reach from outside
// is not routed into the cluster.
func (v *validator) outsideClusterNetworks(pods, services netip.Prefix) {
	checkAt := func(address string, add func(message, remedy string)) {
		a, err := netip.ParseAddr(address)
		if err != nil {
			return
		}
		for _, network := range []struct {
			name string
			cidr netip.Prefix
		}{{"pods", pods}, {"services", services}} {
			if network.cidr.IsValid() && network.cidr.Contains(a) {
				add(fmt.Sprintf("the address %s is inside the %s' range %s, so that nodes would not reach it", address, network.name, network.cidr),
					"use another address, or another range for "+network.name)
			}
		}
	}
	check := func(object any, field, address string) {
		checkAt(address, func(message, remedy string) { v.add(object, field, message, remedy) })
	}
	if e := v.config.Cluster.Spec.ControlPlaneConfiguration.Endpoint; e != nil {
		check(v.config.Cluster, "spec.controlPlaneConfiguration.endpoint.host", e.Host)
	}
	if d := v.config.VSphereDatacenter; d != nil {
		check(d, "spec.server", d.Spec.Server)
	}
	if d := v.config.TinkerbellDatacenter; d != nil {
		check(d, "spec.tinkerbellIP", d.Spec.TinkerbellIP)
	}
	if d := v.config.SSHDatacenter; d != nil {
		for i := range d.Spec.Hosts {
			checkAt(d.Spec.Hosts[i].Address, func(message, remedy string) { v.host(i, "address", message, remedy) })
		}
	}
	for _, pool := range v.config.AddressPools {
		check(pool, "spec.gateway", pool.Spec.Gateway)
		for i, server := range pool.Spec.Nameservers {
			check(pool, fmt.Sprintf("spec.nameservers[%d]", i), server)
		}
	}
}

func (v *validator) cni(network *ClusterNetwork) {
	const field = "spec.clusterNetwork.cniConfig"
	if network.CNI != "" {
		switch {
		case network.CNIConfig != nil:
			v.cluster("spec.clusterNetwork.cni", "the network plugin is given twice, here and in cniConfig", "remove cni, the deprecated one")
		case network.CNI == Kindnetd:
			v.kindnetd("spec.clusterNetwork.cni")
		default:
			v.cluster("spec.clusterNetwork.cni", fmt.Sprintf("there is no network plugin %s", quote(string(network.CNI))), "remove the line, and write cniConfig: {cilium: {}}")
		}
	}
	config := network.CNIConfig
	switch {
	case config == nil && network.CNI != "":
	case config == nil, config.Cilium == nil && config.Kindnetd == nil:
		v.cluster(field, "no network plugin is chosen", "write cniConfig: {cilium: {}}")
	case config.Cilium != nil && config.Kindnetd != nil:
		v.cluster(field, "two network plugins are chosen", "keep cilium")
	case config.Kindnetd != nil:
		v.kindnetd(field + ".kindnetd")
	default:
		v.cilium(field+".cilium", config.Cilium)
	}
}

func (v *validator) kindnetd(field string) {
	v.cluster(field, "kindnetd is for clusters in Docker only", "use cilium")
}

func (v *validator) cilium(field string, cilium *CiliumConfig) {
	if mode := cilium.PolicyEnforcementMode; mode != "" {
		modes := []string{string(CiliumPolicyModeDefault), string(CiliumPolicyModeAlways), string(CiliumPolicyModeNever)}
		v.oneOf(v.config.Cluster, field+".policyEnforcementMode", string(mode), modes)
		if cilium.SkipUpgrade != nil && *cilium.SkipUpgrade {
			v.cluster(field+".skipUpgrade", "with skipUpgrade Cilium is the user's, and policyEnforcementMode would have no effect", "remove one of them")
		}
	}
	if mode := cilium.RoutingMode; mode != "" {
		v.oneOf(v.config.Cluster, field+".routingMode", string(mode), []string{string(CiliumRoutingModeOverlay), string(CiliumRoutingModeDirect)})
	}
	if cilium.RoutingMode == CiliumRoutingModeDirect && cilium.IPv4NativeRoutingCIDR == "" {
		v.cluster(field+".ipv4NativeRoutingCIDR", "the field is missing, and routingMode direct needs it", "write the range that the network routes to the nodes by itself")
	}
	for _, cidr := range []struct {
		name, value string
		is4         bool
	}{{"ipv4NativeRoutingCIDR", cilium.IPv4NativeRoutingCIDR, true}, {"ipv6NativeRoutingCIDR", cilium.IPv6NativeRoutingCIDR, false}} {
		if prefix, err := netip.ParsePrefix(cidr.value); cidr.value != "" && (err != nil || prefix.Addr().Is4() != cidr.is4) {
			v.cluster(field+"."+cidr.name, fmt.Sprintf("%s is not an address range of this family", quote(cidr.value)), "write an address, a slash and a number of bits")
		}
	}
	if values := cilium.HelmValues; values != nil {
		if object := map[string]any{}; json.Unmarshal(values.Raw, &object) != nil {
			v.cluster(field+".helmValues", "the values of a chart are fields, and this is something else", "write the values as fields below helmValues")
		}
	}
}

// oneOf adds a problem where value is none of allowed.
func (v *validator) oneOf(object any, field, value string, allowed []string) {
	for _, one := range allowed {
		if value == one {
			return
		}
	}
	v.add(object, field, fmt.Sprintf("%s is not a value of this field", quote(value)), choose(value, allowed))
}
