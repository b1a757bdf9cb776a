package progress

import (
	"fmt"
	"slices"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/event"
)

// The conditions of a cluster without a network plugin, whose nodes join and
// stay NotReady.
var (
	// ControlPlaneJoined is met when every control-plane machine has a Node.
	ControlPlaneJoined Condition = joined{controlPlaneRole}
	// WorkersJoined is met when every machine of every MachineDeployment has.
	WorkersJoined Condition = joined{workerRole}
)

type joined struct{ role string }

func (c joined) String() string {
	if c.role == controlPlaneRole {
		return "control plane joined"
	}
	return "workers joined"
}

func (c joined) Concerns(role string) bool { return role == c.role }

func (c joined) Check(v View) Finding {
	if f, ended := v.ended(); ended {
		return f
	}
	wanted, object := c.wanted(v)
	have := 0
	for _, m := range v.Machines {
		if m.Role == c.role && slices.Contains([]event.Stage{event.StageNode, event.StageReady}, m.Stage) {
			have++
		}
	}
	if object != "" && have == wanted {
		return Finding{Met: true}
	}
	return Finding{Object: object, LastWord: fmt.Sprintf("%d of %d machines have joined", have, wanted)}
}

// wanted is how many machines there have to be, and the object that says so;
// that is "" while there is none.
func (c joined) wanted(v View) (machines int, object string) {
	if c.role == workerRole {
		for i := range v.Deployments {
			machines += int(ptr.Deref(v.Deployments[i].Spec.Replicas, 1))
		}
		return machines, objectName("Cluster", v.Key)
	}
	if v.ControlPlane == nil {
		return 0, ""
	}
	return int(ptr.Deref(v.ControlPlane.Spec.Replicas, 1)), objectName("KubeadmControlPlane", client.ObjectKeyFromObject(v.ControlPlane))
}
