package preflight

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// demand is what one group of machines needs.
type demand struct {
	group    string // for messages
	count    int
	selector v1alpha1.HardwareSelector
	needs    Requirement
}

// demands are the cluster's groups, the control plane first.
func demands(cfg *v1alpha1.Config) []demand {
	spec := &cfg.Cluster.Spec
	var all []demand
	add := func(group string, ref *v1alpha1.Ref, count int, kubelet *unstructured.Unstructured, controlPlane bool) {
		if ref == nil || cfg.SSHMachines[ref.Name] == nil {
			return // the provider refuses such a configuration
		}
		machine := &cfg.SSHMachines[ref.Name].Spec
		host := machine.HostOSConfiguration
		all = append(all, demand{group: group, count: count, selector: machine.HardwareSelector, needs: Requirement{
			Cluster: cfg.Cluster.Name, ControlPlane: controlPlane, OSFamily: machine.OSFamily,
			Cilium:       spec.ClusterNetwork.CNIConfig == nil || spec.ClusterNetwork.CNIConfig.Kindnetd == nil,
			KubeProxy:    !cfg.Cluster.ReplacesKubeProxy(),
			SwapAllowed:  isFalse(kubelet, "failSwapOn"),
			CgroupV1:     isFalse(kubelet, "failCgroupV1"),
			SetsTheClock: host != nil && host.NTPConfiguration != nil && len(host.NTPConfiguration.Servers) > 0,
		}})
	}
	cp := &spec.ControlPlaneConfiguration
	add("the control plane", cp.MachineGroupRef, cp.Count, cp.KubeletConfiguration, true)
	for i := range spec.WorkerNodeGroupConfigurations {
		group := &spec.WorkerNodeGroupConfigurations[i]
		count := 1
		if group.Count != nil {
			count = *group.Count
		}
		add(group.Name, group.MachineGroupRef, count, group.KubeletConfiguration, false)
	}
	return all
}

// isFalse reports whether the kubelet's configuration says no to what is yes
// by default.
func isFalse(kubelet *unstructured.Unstructured, field string) bool {
	if kubelet == nil {
		return false
	}
	value, set, err := unstructured.NestedBool(kubelet.Object, field)
	return err == nil && set && !value
}

// shortfall is a group that cannot have its machines.
type shortfall struct {
	demand
	gets int
}

// allot gives every machine of every group a host of its own, where that can
// be, and returns the groups that get too few. usable says whether a host can
// be a machine of a group. A group that comes late takes a host from one that
// has another to turn to (augmenting paths).
func allot(groups []demand, hosts int, usable func(host, group int) bool) []shortfall {
	taken := make([]int, hosts) // by which group, -1 for none
	for h := range taken {
		taken[h] = -1
	}
	var give func(group int, asked []bool) bool
	give = func(group int, asked []bool) bool {
		for h := range hosts {
			if asked[h] || !usable(h, group) {
				continue
			}
			asked[h] = true
			if taken[h] < 0 || give(taken[h], asked) {
				taken[h] = group
				return true
			}
		}
		return false
	}
	var short []shortfall
	for g, d := range groups {
		gets := 0
		for gets < d.count && give(g, make([]bool, hosts)) {
			gets++
		}
		if gets < d.count {
			short = append(short, shortfall{d, gets})
		}
	}
	return short
}

// selected are the hosts that any group may take.
func selected(hosts []v1alpha1.SSHHost, groups []demand) []v1alpha1.SSHHost {
	var list []v1alpha1.SSHHost
	for _, h := range hosts {
		if slices.ContainsFunc(groups, func(d demand) bool { return d.selector.Matches(h.Labels) }) {
			list = append(list, h)
		}
	}
	return list
}
