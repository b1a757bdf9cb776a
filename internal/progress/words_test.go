package progress

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers"
)

// TestProvidersWordComesFirst: where the infrastructure is at work, what its
// controllers say is nearer to the cause than what Cluster API makes of it.
func TestProvidersWordComesFirst(t *testing.T) {
	machine := &clusterv1.Machine{}
	machine.Status.Conditions = []metav1.Condition{
		{Type: clusterv1.MachineDeletingCondition, Status: metav1.ConditionTrue, Message: "Waiting for the host"},
		{Type: clusterv1.MachineNodeHealthyCondition, Status: metav1.ConditionFalse, Message: "Waiting for a Node"},
	}
	host := providers.Progress{LastWord: "kubeadm init on host-1"}
	for _, stage := range []event.Stage{event.StageCopying, event.StageJoining, event.StageDeleting} {
		if word := lastWord(machine, stage, host); word != host.LastWord {
			t.Errorf("at %q the last word is %q", stage, word)
		}
	}
	machine.Status.Initialization.InfrastructureProvisioned = ptr.To(true)
	if word := lastWord(machine, event.StageJoining, host); word != "Waiting for a Node" {
		t.Errorf("with the infrastructure done the last word is %q", word)
	}
}
