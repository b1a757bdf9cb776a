package progress

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers"
)

// conditioned is an object with conditions as Cluster API v1beta2 has them.
type conditioned interface {
	client.Object
	GetConditions() []metav1.Condition
}

func isTrue(o conditioned, condition string) bool {
	return meta.IsStatusConditionTrue(o.GetConditions(), condition)
}

// wordOf is what the condition says, word for word, while it is not as it
// should be: its message, or its reason where it has none.
func wordOf(o conditioned, condition string) string {
	c := meta.FindStatusCondition(o.GetConditions(), condition)
	if c == nil || c.Status == wellStatus(condition) {
		return ""
	}
	return oneOf(c.Message, c.Reason)
}

// wellStatus is True but for the conditions of negative polarity.
func wellStatus(condition string) metav1.ConditionStatus {
	switch condition {
	case clusterv1.DeletingCondition, clusterv1.RemediatingCondition:
		return metav1.ConditionFalse
	}
	return metav1.ConditionTrue
}

// controlPlaneWords are the conditions of a control-plane machine, in the
// order in which kubeadm brings the components up.
var controlPlaneWords = []string{
	controlplanev1.KubeadmControlPlaneMachineEtcdMemberHealthyCondition,
	controlplanev1.KubeadmControlPlaneMachineEtcdPodHealthyCondition,
	controlplanev1.KubeadmControlPlaneMachineAPIServerPodHealthyCondition,
	controlplanev1.KubeadmControlPlaneMachineControllerManagerPodHealthyCondition,
	controlplanev1.KubeadmControlPlaneMachineSchedulerPodHealthyCondition,
}

// lastWord is the most telling message about a machine that is in stage: what
// that stage waits for comes first. The Machine's conditions repeat those of
// its KubeadmConfig and its infrastructure.
func lastWord(m *clusterv1.Machine, stage event.Stage, p providers.Progress) string {
	word := func(condition string) string { return wordOf(m, condition) }
	switch stage {
	case event.StageReady:
		return ""
	case event.StageDeleting:
		return oneOf(p.LastWord, word(clusterv1.MachineDeletingCondition), word(clusterv1.MachineInfrastructureReadyCondition))
	case event.StagePending:
		return oneOf(word(clusterv1.MachineBootstrapConfigReadyCondition), p.LastWord, word(clusterv1.MachineInfrastructureReadyCondition))
	case event.StageJoining, event.StageNode:
		if p.LastWord != "" && !ptr.Deref(m.Status.Initialization.InfrastructureProvisioned, false) {
			return p.LastWord // of an adopted host, which kubeadm runs on before it counts as provisioned
		}
		words := []string{word(clusterv1.MachineNodeHealthyCondition)}
		for _, condition := range controlPlaneWords {
			words = append(words, word(condition))
		}
		return oneOf(append(words, word(clusterv1.MachineReadyCondition))...)
	case event.StageBootstrap, event.StageCopying, event.StageInstalled, event.StageCloning, event.StageCloned, event.StagePoweredOn, event.StageAddressed:
	}
	return oneOf(p.LastWord, word(clusterv1.MachineInfrastructureReadyCondition), word(clusterv1.MachineReadyCondition))
}
