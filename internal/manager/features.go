package manager

import (
	"fmt"

	capifeature "sigs.k8s.io/cluster-api/feature"
)

// setFeatures sets Cluster API's feature gates, which are global to the
// process: hence one manager a process.
func setFeatures() error {
	gates := map[string]bool{
		// On, every object waits a second between two reconciles, which is made
		// for thousands of clusters; a create of 3+2 takes 58 s instead of 8.
		string(capifeature.ReconcilerRateLimiting): false,
		// Nothing here makes machine pools, and each controller would watch them.
		string(capifeature.MachinePool): false,
	}
	if err := capifeature.MutableGates.SetFromMap(gates); err != nil {
		return fmt.Errorf("set Cluster API's feature gates: %w", err)
	}
	return nil
}

// SetMachineSetPreflightChecks switches, at any time, whether a MachineSet
// waits with new machines until the control plane is stable and of a fitting
// version. The checks are tried every 15 s only, so that a create goes faster
// without them; an upgrade wants them.
func SetMachineSetPreflightChecks(on bool) error {
	gates := map[string]bool{string(capifeature.MachineSetPreflightChecks): on}
	if err := capifeature.MutableGates.SetFromMap(gates); err != nil {
		return fmt.Errorf("set Cluster API's feature gates: %w", err)
	}
	return nil
}
