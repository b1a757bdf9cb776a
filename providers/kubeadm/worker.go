package kubeadm

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// Worker is what makes the group's machines join the cluster.
func Worker(n Node, group v1alpha1.WorkerNodeGroupConfiguration) (bootstrapv1.KubeadmConfigSpec, error) {
	kubelet, err := n.kubeletFile(group.KubeletConfiguration)
	if err != nil {
		return bootstrapv1.KubeadmConfigSpec{}, err
	}
	// Never nil: without taints of its own a worker has none.
	taints := append([]corev1.Taint{}, group.Taints...)

	spec := n.common()
	spec.Files = slices.Concat(kubelet, spec.Files)
	spec.JoinConfiguration = bootstrapv1.JoinConfiguration{
		NodeRegistration: n.registration(group.Labels, &taints, group.KubeletConfiguration),
		Patches:          bootstrapv1.Patches{Directory: patchesDir},
	}
	return spec, nil
}
