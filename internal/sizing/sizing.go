// Package sizing computes what a cluster's address ranges allow, and where
// they collide with addresses that its machines need.
package sizing

import (
	"fmt"
	"net/netip"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

const (
	// defaultMaxPods is the kubelet's maxPods (KubeletConfiguration,
	// kubelet.config.k8s.io/v1beta1).
	defaultMaxPods = 110
	// nodeOwnAddresses are those of a node's range that no pod gets: the
	// first and the last, which Cilium leaves out (pkg/ipam, hostScope), its
	// router's and its health endpoint's.
	nodeOwnAddresses = 4
	// serviceOwnAddresses are the first and the last of the services' range.
	serviceOwnAddresses = 2
	// mostServiceBits is the largest range that kube-apiserver gives
	// addresses of: 2^20 (cmd/kube-apiserver/app/options, validation.go).
	mostServiceBits = 20
)

// Plan is what a cluster's address ranges allow.
type Plan struct {
	// Pods and Services are invalid where the configuration has none that can
	// be read.
	Pods, Services netip.Prefix
	// NodeMask is the prefix length of each node's part of Pods.
	NodeMask int
	// Machines is how many the cluster begins with, MostMachines how many it
	// can come to have at once.
	Machines, MostMachines int
	// Nodes is how many nodes Pods has room for, 0 where it is not known.
	Nodes int
	// MaxPods is the kubelets' limit, the greatest of all groups.
	MaxPods int
	// PodAddresses is how many addresses a node has for pods; 0 where it is
	// not known.
	PodAddresses int
	// ServiceAddresses is how many services can have an address.
	ServiceAddresses int
	// Overlaps are the address ranges that collide.
	Overlaps []Overlap
}

// PodsPerNode is how many pods a node can run.
func (p Plan) PodsPerNode() int { return min(p.MaxPods, p.PodAddresses) }

// Of reads the plan of a configuration, which need be neither complete nor
// valid.
func Of(config *v1alpha1.Config) Plan {
	p := Plan{NodeMask: v1alpha1.DefaultNodeCIDRMaskSize, MaxPods: defaultMaxPods}
	if config == nil || config.Cluster == nil {
		return p
	}
	spec := &config.Cluster.Spec
	network := &spec.ClusterNetwork
	p.Pods, p.Services = only(network.Pods.CidrBlocks), only(network.Services.CidrBlocks)
	if network.Nodes != nil && network.Nodes.CIDRMaskSize != nil {
		p.NodeMask = *network.Nodes.CIDRMaskSize
	}
	p.Machines, p.MostMachines = machines(spec), config.Cluster.MostMachines()
	p.MaxPods = maxPods(spec)
	p.rooms()
	p.Overlaps = overlaps(ranges(config, p))
	return p
}

// rooms computes how much fits into the ranges.
func (p *Plan) rooms() {
	if bits := p.NodeMask - p.Pods.Bits(); p.Pods.IsValid() && bits >= 0 && p.NodeMask <= p.Pods.Addr().BitLen() {
		p.Nodes = 1 << min(bits, 32)
		p.PodAddresses = max(0, 1<<min(p.Pods.Addr().BitLen()-p.NodeMask, 32)-nodeOwnAddresses)
	}
	if p.Services.IsValid() {
		bits := min(p.Services.Addr().BitLen()-p.Services.Bits(), mostServiceBits)
		p.ServiceAddresses = max(0, 1<<bits-serviceOwnAddresses)
	}
}

// only is the first range of blocks; validation reports the others.
func only(blocks []string) netip.Prefix {
	if len(blocks) == 0 {
		return netip.Prefix{}
	}
	prefix, err := netip.ParsePrefix(blocks[0])
	if err != nil {
		return netip.Prefix{}
	}
	return prefix.Masked()
}

// machines leaves etcd's own out, which are no nodes.
func machines(spec *v1alpha1.ClusterSpec) int {
	n := max(0, spec.ControlPlaneConfiguration.Count)
	for i := range spec.WorkerNodeGroupConfigurations {
		group := &spec.WorkerNodeGroupConfigurations[i]
		switch {
		case group.Count != nil:
			n += max(0, *group.Count)
		case group.AutoScalingConfiguration != nil:
			n += max(0, group.AutoScalingConfiguration.MinCount)
		default:
			n++
		}
	}
	return n
}

// maxPods is the greatest maxPods of the kubelets' configurations.
func maxPods(spec *v1alpha1.ClusterSpec) int {
	most := 0
	add := func(own int64, set bool) {
		if !set || own <= 0 {
			own = defaultMaxPods
		}
		most = max(most, int(min(own, 1<<20)))
	}
	add(number(spec.ControlPlaneConfiguration.KubeletConfiguration, "maxPods"))
	for i := range spec.WorkerNodeGroupConfigurations {
		add(number(spec.WorkerNodeGroupConfigurations[i].KubeletConfiguration, "maxPods"))
	}
	return most
}

// String says what fits, for logs.
func (p Plan) String() string {
	return fmt.Sprintf("%d nodes, %d pods each, %d services", p.Nodes, p.PodsPerNode(), p.ServiceAddresses)
}
