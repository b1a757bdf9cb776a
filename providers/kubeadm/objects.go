package kubeadm

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/providers"
)

// The annotations that the Cluster Autoscaler reads.
const (
	autoscalerMin = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size"
	autoscalerMax = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size"
)

// Labels are on every object of the cluster.
func Labels(cluster *v1alpha1.Cluster) map[string]string {
	return map[string]string{clusterv1.ClusterNameLabel: cluster.Name}
}

// Meta is the metadata of an object of the cluster in providers.Namespace.
func Meta(cluster *v1alpha1.Cluster, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: providers.Namespace, Labels: Labels(cluster)}
}

// Namespace is where the cluster's objects are.
func Namespace() *corev1.Namespace {
	return &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: providers.Namespace},
	}
}

// Cluster joins the control plane, which has the cluster's name, to the
// provider's infrastructure.
func Cluster(cluster *v1alpha1.Cluster, infrastructure clusterv1.ContractVersionedObjectReference) *clusterv1.Cluster {
	network := cluster.Spec.ClusterNetwork
	return &clusterv1.Cluster{
		TypeMeta:   metav1.TypeMeta{APIVersion: clusterv1.GroupVersion.String(), Kind: "Cluster"},
		ObjectMeta: Meta(cluster, cluster.Name),
		Spec: clusterv1.ClusterSpec{
			ClusterNetwork: clusterv1.ClusterNetwork{
				Pods:     clusterv1.NetworkRanges{CIDRBlocks: network.Pods.CidrBlocks},
				Services: clusterv1.NetworkRanges{CIDRBlocks: network.Services.CidrBlocks},
			},
			ControlPlaneRef: clusterv1.ContractVersionedObjectReference{
				APIGroup: controlplanev1.GroupVersion.Group, Kind: "KubeadmControlPlane", Name: cluster.Name,
			},
			InfrastructureRef: infrastructure,
		},
	}
}

// KubeadmControlPlane is the control plane of machines made from the template.
func KubeadmControlPlane(cluster *v1alpha1.Cluster, release releases.Release, spec bootstrapv1.KubeadmConfigSpec, template clusterv1.ContractVersionedObjectReference) *controlplanev1.KubeadmControlPlane {
	replicas := int32(cluster.Spec.ControlPlaneConfiguration.Count)
	surge := intstr.FromInt32(1)
	if s := cluster.Spec.ControlPlaneConfiguration.UpgradeRolloutStrategy; s != nil && s.RollingUpdate != nil {
		surge = intstr.FromInt32(int32(s.RollingUpdate.MaxSurge))
	}
	return &controlplanev1.KubeadmControlPlane{
		TypeMeta:   metav1.TypeMeta{APIVersion: controlplanev1.GroupVersion.String(), Kind: "KubeadmControlPlane"},
		ObjectMeta: Meta(cluster, cluster.Name),
		Spec: controlplanev1.KubeadmControlPlaneSpec{
			Replicas: &replicas,
			Version:  release.Version,
			MachineTemplate: controlplanev1.KubeadmControlPlaneMachineTemplate{
				ObjectMeta: clusterv1.ObjectMeta{Labels: map[string]string{"node-role.kubernetes.io/control-plane": ""}},
				Spec:       controlplanev1.KubeadmControlPlaneMachineTemplateSpec{InfrastructureRef: template},
			},
			KubeadmConfigSpec: spec,
			Rollout: controlplanev1.KubeadmControlPlaneRolloutSpec{Strategy: controlplanev1.KubeadmControlPlaneRolloutStrategy{
				Type:          controlplanev1.RollingUpdateStrategyType,
				RollingUpdate: controlplanev1.KubeadmControlPlaneRolloutStrategyRollingUpdate{MaxSurge: &surge},
			}},
		},
	}
}

// GroupName is the name of a worker group's objects, unique among all
// clusters of a management cluster.
func GroupName(cluster *v1alpha1.Cluster, group v1alpha1.WorkerNodeGroupConfiguration) string {
	return cluster.Name + "-" + group.Name
}

// ConfigTemplate is what makes the group's machines nodes; its name changes
// with its content, so that a change makes new machines.
func ConfigTemplate(cluster *v1alpha1.Cluster, group v1alpha1.WorkerNodeGroupConfiguration, spec bootstrapv1.KubeadmConfigSpec) (*bootstrapv1.KubeadmConfigTemplate, error) {
	name, err := ContentName(GroupName(cluster, group), spec)
	if err != nil {
		return nil, err
	}
	return &bootstrapv1.KubeadmConfigTemplate{
		TypeMeta:   metav1.TypeMeta{APIVersion: bootstrapv1.GroupVersion.String(), Kind: "KubeadmConfigTemplate"},
		ObjectMeta: Meta(cluster, name),
		Spec:       bootstrapv1.KubeadmConfigTemplateSpec{Template: bootstrapv1.KubeadmConfigTemplateResource{Spec: spec}},
	}, nil
}

// MachineDeployment is a worker group. Where the Cluster Autoscaler has the
// group, the replicas are left to it.
func MachineDeployment(cluster *v1alpha1.Cluster, release releases.Release, group v1alpha1.WorkerNodeGroupConfiguration, config *bootstrapv1.KubeadmConfigTemplate, machine clusterv1.ContractVersionedObjectReference, failureDomain string) *clusterv1.MachineDeployment {
	name := GroupName(cluster, group)
	labels := Labels(cluster)
	labels[clusterv1.MachineDeploymentNameLabel] = name
	md := &clusterv1.MachineDeployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: clusterv1.GroupVersion.String(), Kind: "MachineDeployment"},
		ObjectMeta: Meta(cluster, name),
		Spec: clusterv1.MachineDeploymentSpec{
			ClusterName: cluster.Name,
			Selector:    metav1.LabelSelector{MatchLabels: labels},
			Template: clusterv1.MachineTemplateSpec{
				ObjectMeta: clusterv1.ObjectMeta{Labels: labels},
				Spec: clusterv1.MachineSpec{
					ClusterName: cluster.Name,
					Version:     release.Version,
					Bootstrap: clusterv1.Bootstrap{ConfigRef: clusterv1.ContractVersionedObjectReference{
						APIGroup: bootstrapv1.GroupVersion.Group, Kind: "KubeadmConfigTemplate", Name: config.Name,
					}},
					InfrastructureRef: machine,
					FailureDomain:     failureDomain,
				},
			},
		},
	}
	switch scaling := group.AutoScalingConfiguration; {
	case scaling != nil:
		md.Annotations = map[string]string{
			autoscalerMin: fmt.Sprint(scaling.MinCount),
			autoscalerMax: fmt.Sprint(scaling.MaxCount),
		}
	case group.Count != nil:
		replicas := int32(*group.Count)
		md.Spec.Replicas = &replicas
	}
	if s := group.UpgradeRolloutStrategy; s != nil && s.RollingUpdate != nil {
		surge := intstr.FromInt32(int32(s.RollingUpdate.MaxSurge))
		unavailable := intstr.FromInt32(int32(s.RollingUpdate.MaxUnavailable))
		md.Spec.Rollout.Strategy = clusterv1.MachineDeploymentRolloutStrategy{
			Type: clusterv1.RollingUpdateMachineDeploymentStrategyType,
			RollingUpdate: clusterv1.MachineDeploymentRolloutStrategyRollingUpdate{
				MaxSurge: &surge, MaxUnavailable: &unavailable,
			},
		}
	}
	return md
}

// Manifests puts a cluster's objects in order: those of the site, the control
// plane's, each worker group's, and the health checks of all of them.
func Manifests(
	cluster *v1alpha1.Cluster, site []client.Object,
	controlPlane func() ([]client.Object, error), workers func(v1alpha1.WorkerNodeGroupConfiguration) ([]client.Object, error),
) (providers.Manifests, error) {
	machines, err := controlPlane()
	if err != nil {
		return providers.Manifests{}, err
	}
	made := providers.Manifests{Cluster: append(site, machines...)}
	for _, group := range cluster.Spec.WorkerNodeGroupConfigurations {
		machines, err := workers(group)
		if err != nil {
			return providers.Manifests{}, err
		}
		made.Cluster = append(made.Cluster, machines...)
	}
	for _, check := range HealthChecks(cluster) {
		made.HealthChecks = append(made.HealthChecks, check)
	}
	return made, nil
}
