package sizing

import (
	"maps"
	"slices"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// timeServers are the NTP servers of the machine configurations, in the order
// of their names; each set once.
func timeServers(config *v1alpha1.Config) [][]string {
	var found [][]string
	add := func(host *v1alpha1.HostOSConfiguration) {
		if host == nil || host.NTPConfiguration == nil {
			return
		}
		servers := host.NTPConfiguration.Servers
		if !slices.ContainsFunc(found, func(known []string) bool { return slices.Equal(known, servers) }) {
			found = append(found, servers)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(config.VSphereMachines)) {
		add(config.VSphereMachines[name].Spec.HostOSConfiguration)
	}
	for _, name := range slices.Sorted(maps.Keys(config.TinkerbellMachines)) {
		add(config.TinkerbellMachines[name].Spec.HostOSConfiguration)
	}
	for _, name := range slices.Sorted(maps.Keys(config.SSHMachines)) {
		add(config.SSHMachines[name].Spec.HostOSConfiguration)
	}
	return found
}
