package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// group is machines of one kind that a create makes.
type group struct {
	name  string
	count int
	// most is how many the Cluster Autoscaler may make of it.
	most int
	// The sizes are those of one machine; 0 where they are the hosts' own.
	cpus, memoryMiB, diskGiB int
	// on says where its machines are: a pool, or the labels of hosts.
	on string
}

// groups are the machines of the cluster, the control plane's first.
func groups(config *v1alpha1.Config) []group {
	spec := &config.Cluster.Spec
	cp := &spec.ControlPlaneConfiguration
	all := []group{sized(config, cp.MachineGroupRef, group{name: "control plane", count: cp.Count, most: cp.Count})}
	for i := range spec.WorkerNodeGroupConfigurations {
		worker := &spec.WorkerNodeGroupConfigurations[i]
		g := group{name: worker.Name}
		if worker.Count != nil {
			g.count = *worker.Count
		}
		g.most = g.count
		if scaling := worker.AutoScalingConfiguration; scaling != nil {
			g.most = max(g.most, scaling.MaxCount)
		}
		g = sized(config, worker.MachineGroupRef, g)
		if len(worker.FailureDomains) > 0 {
			g.on = strings.Join(worker.FailureDomains, ", ")
		}
		all = append(all, g)
	}
	return all
}

// sized adds what the machine configuration says.
func sized(config *v1alpha1.Config, ref *v1alpha1.Ref, g group) group {
	if ref == nil {
		return g
	}
	switch ref.Kind {
	case v1alpha1.VSphereMachineConfigKind:
		if m := config.VSphereMachines[ref.Name]; m != nil {
			g.cpus, g.memoryMiB, g.diskGiB, g.on = m.Spec.NumCPUs, m.Spec.MemoryMiB, m.Spec.DiskGiB, m.Spec.ResourcePool
		}
	case v1alpha1.SSHMachineConfigKind:
		if m := config.SSHMachines[ref.Name]; m != nil {
			g.on = labels(m.Spec.HardwareSelector)
		}
	case v1alpha1.TinkerbellMachineConfigKind:
		if m := config.TinkerbellMachines[ref.Name]; m != nil {
			g.on = labels(m.Spec.HardwareSelector)
		}
	}
	return g
}

// labels is a selector as it is written for other tools.
func labels(selector v1alpha1.HardwareSelector) string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(selector)) {
		pairs = append(pairs, key+"="+selector[key])
	}
	return strings.Join(pairs, ",")
}

// total adds machines up; the count of the group it returns is of all.
func total(all []group) group {
	var sum group
	for _, g := range all {
		sum.count += g.count
		sum.most += g.most
		sum.cpus += g.count * g.cpus
		sum.memoryMiB += g.count * g.memoryMiB
		sum.diskGiB += g.count * g.diskGiB
	}
	return sum
}

// machines is what a provider's machines are called.
func machines(config *v1alpha1.Config, n int) string {
	one, many := "machine", "machines"
	switch {
	case config.VSphereDatacenter != nil:
		one, many = "virtual machine", "virtual machines"
	case config.SSHDatacenter != nil:
		one, many = "host", "hosts"
	case config.TinkerbellDatacenter != nil:
		one, many = "server", "servers"
	}
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// fact is one line of the summary.
type fact struct{ name, value string }

// site are the facts of where the cluster will be.
func site(config *v1alpha1.Config) []fact {
	spec := &config.Cluster.Spec
	var facts []fact
	if endpoint := spec.ControlPlaneConfiguration.Endpoint; endpoint != nil {
		facts = append(facts, fact{"API server", "https://" + hostPort(endpoint.Host)})
	}
	switch {
	case config.VSphereDatacenter != nil:
		d := &config.VSphereDatacenter.Spec
		facts = append(facts, fact{"vCenter", d.Server}, fact{"Datacenter", d.Datacenter}, fact{"Network", d.Network})
	case config.SSHDatacenter != nil:
		facts = append(facts, fact{"Hosts", fmt.Sprintf("%d known, over SSH", len(config.SSHDatacenter.Spec.Hosts))})
	case config.TinkerbellDatacenter != nil:
		facts = append(facts, fact{"Tinkerbell", config.TinkerbellDatacenter.Spec.TinkerbellIP})
	}
	return append(facts,
		fact{"Pods", strings.Join(spec.ClusterNetwork.Pods.CidrBlocks, ", ")},
		fact{"Services", strings.Join(spec.ClusterNetwork.Services.CidrBlocks, ", ")})
}

func hostPort(host string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":6443"
}

// gib is memory in GiB, with a decimal where it is no whole number.
func gib(mib int) string {
	if mib%1024 == 0 {
		return fmt.Sprintf("%d GiB", mib/1024)
	}
	return fmt.Sprintf("%.1f GiB", float64(mib)/1024)
}
