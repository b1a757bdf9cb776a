package v1alpha1

import (
	"fmt"
	"slices"
)

// noteHosts says what will be short later, though there is a host for every
// machine now.
func (v *validator) noteHosts() {
	d := v.config.SSHDatacenter
	if d == nil || v.config.Cluster.Spec.DatacenterRef.Kind != SSHDatacenterKind || d.Spec.HardwareFile != "" {
		return
	}
	const field = "spec.hardwareSelector"
	demands := v.config.hostDemands()
	for _, demand := range demands {
		spare := len(demand.hosts) - demand.count
		switch {
		case spare < 0:
			// A problem, not a note.
		case demand.most > len(demand.hosts):
			v.add(demand.machine, field, fmt.Sprintf("%s the labels, and the groups can scale to %d machines", hostsHave(len(demand.hosts)), demand.most), "add hosts, or lower maxCount")
		case spare < demand.surge:
			v.add(demand.machine, field, fmt.Sprintf("%s the labels, and %d are needed while an upgrade replaces machines, for %s", hostsHave(len(demand.hosts)), demand.count+demand.surge, demand.needed()),
				"add the labels to a spare host before an upgrade, or write maxSurge: 0 in upgradeRolloutStrategy")
		}
	}
	for i, demand := range demands {
		for _, other := range demands[:i] {
			shared := slices.IndexFunc(demand.hosts, func(host int) bool {
				_, found := slices.BinarySearch(other.hosts, host)
				return found
			})
			if shared >= 0 {
				v.add(demand.machine, field, fmt.Sprintf("the host %s can be used for %s and for %s: which gets it is settled when the machines are made", quote(d.Spec.Hosts[demand.hosts[shared]].Name), other.needed(), demand.needed()),
					"give the hosts labels that tell them apart")
				break
			}
		}
	}
}
