package progress

import (
	"slices"

	"k8s.io/utils/ptr"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers"
)

// StageGone is the stage in which a machine leaves the table.
const StageGone event.Stage = "gone"

// stages are the stages of a machine that comes up, in order.
var stages = []event.Stage{
	event.StagePending, event.StageBootstrap, event.StageCopying, event.StageInstalled, event.StageCloning, event.StageCloned, event.StagePoweredOn,
	event.StageAddressed, event.StageJoining, event.StageNode, event.StageReady,
}

// behind compares how far stages are; a machine that is being deleted is the
// furthest behind.
func behind(a, b event.Stage) int { return slices.Index(stages, a) - slices.Index(stages, b) }

// stageOf is how far a machine has got, from the last thing that is certain.
func stageOf(m *clusterv1.Machine, p providers.Progress) event.Stage {
	switch {
	case !m.DeletionTimestamp.IsZero():
		return event.StageDeleting
	case isTrue(m, clusterv1.MachineReadyCondition):
		return event.StageReady
	case m.Status.NodeRef.IsDefined():
		return event.StageNode
	case ptr.Deref(m.Status.Initialization.InfrastructureProvisioned, false):
		return event.StageJoining
	case p.Stage != "" && p.Stage != event.StagePending:
		return p.Stage
	case ptr.Deref(m.Status.Initialization.BootstrapDataSecretCreated, false):
		return event.StageBootstrap
	}
	return event.StagePending
}

func roleOf(m *clusterv1.Machine) string {
	if _, is := m.Labels[clusterv1.MachineControlPlaneLabel]; is {
		return controlPlaneRole
	}
	return workerRole
}

// addressOf is the address by which the machine is reached from here: an
// external one where it has one.
func addressOf(m *clusterv1.Machine, p providers.Progress) string {
	for _, kind := range []clusterv1.MachineAddressType{clusterv1.MachineExternalIP, clusterv1.MachineInternalIP} {
		for _, a := range m.Status.Addresses {
			if a.Type == kind {
				return a.Address
			}
		}
	}
	return p.Address
}
