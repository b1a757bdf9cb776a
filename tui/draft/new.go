package draft

import (
	"slices"

	"k8s.io/utils/ptr"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// version is the Kubernetes minor that a new cluster begins with: that of
// `bootstrap generate config`.
const version v1alpha1.KubernetesVersion = "1.35"

// New begins a configuration for a provider, which is the kind of its
// datacenter: 3 control-plane machines, 2 workers and Cilium. What depends on
// the site is empty. name may be "".
func New(provider, name string) *Draft {
	cluster := &v1alpha1.Cluster{}
	cluster.Name = name
	cluster.Spec = v1alpha1.ClusterSpec{
		KubernetesVersion:             version,
		ControlPlaneConfiguration:     v1alpha1.ControlPlaneConfiguration{Count: 3, Endpoint: &v1alpha1.Endpoint{}},
		WorkerNodeGroupConfigurations: []v1alpha1.WorkerNodeGroupConfiguration{{Name: firstGroup, Count: ptr.To(2)}},
		ClusterNetwork: v1alpha1.ClusterNetwork{
			Pods:      v1alpha1.Pods{CidrBlocks: []string{"192.168.0.0/16"}},
			Services:  v1alpha1.Services{CidrBlocks: []string{"10.96.0.0/12"}},
			CNIConfig: &v1alpha1.CNIConfig{Cilium: &v1alpha1.CiliumConfig{}},
		},
		DatacenterRef: v1alpha1.Ref{Kind: provider},
	}
	if !slices.Contains(v1alpha1.SupportedKubernetesVersions, version) {
		cluster.Spec.KubernetesVersion = v1alpha1.SupportedKubernetesVersions[len(v1alpha1.SupportedKubernetesVersions)-1]
	}
	if provider != v1alpha1.VSphereDatacenterKind {
		withoutSurge(cluster)
	}
	d := &Draft{Config: &v1alpha1.Config{Cluster: cluster}}
	cluster.Spec.DatacenterRef.Name = d.baseName()
	d.addDatacenter()
	for _, ref := range d.refs() {
		*ref.ref = &v1alpha1.Ref{Kind: d.MachineKind(), Name: machineName(d.baseName(), ref.suffix)}
		d.addMachine((*ref.ref).Name)
	}
	d.label()
	return d
}

// withoutSurge replaces machines without a spare one: servers are not made on
// demand.
func withoutSurge(cluster *v1alpha1.Cluster) {
	cluster.Spec.ControlPlaneConfiguration.UpgradeRolloutStrategy = &v1alpha1.ControlPlaneUpgradeRolloutStrategy{
		Type: v1alpha1.RollingUpdateStrategyType, RollingUpdate: &v1alpha1.ControlPlaneRollingUpdateParams{MaxSurge: 0}}
	for i := range cluster.Spec.WorkerNodeGroupConfigurations {
		cluster.Spec.WorkerNodeGroupConfigurations[i].UpgradeRolloutStrategy = &v1alpha1.WorkerNodesUpgradeRolloutStrategy{
			Type: v1alpha1.RollingUpdateStrategyType, RollingUpdate: &v1alpha1.WorkerNodesRollingUpdateParams{MaxUnavailable: 1}}
	}
}

// label chooses the servers of a new cluster by a label that says their role.
func (d *Draft) label() {
	for _, m := range d.Machines() {
		role := "worker"
		if m.Groups[0] == ControlPlaneGroup {
			role = "cp"
		}
		selector := v1alpha1.HardwareSelector{"type": role}
		switch {
		case m.SSH != nil:
			m.SSH.Spec.HardwareSelector = selector
		case m.Tinkerbell != nil:
			m.Tinkerbell.Spec.HardwareSelector = selector
		}
	}
}
