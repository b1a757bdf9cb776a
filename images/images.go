// Package images says which container images a cluster pulls, and where from.
package images

import (
	"cmp"
	"slices"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/manifests/releases"
)

// For returns every image that a cluster of the configuration needs, from
// the registry that its machines pull it from, sorted by reference. Not among
// them is what a configuration brings of its own: encryption plugins, and
// what Cilium's helmValues switch on.
func For(cfg *v1alpha1.Config, r releases.Release) []releases.Image {
	spec := &cfg.Cluster.Spec
	list := []releases.Image{
		r.KubeAPIServer, r.KubeControllerManager, r.KubeScheduler, r.KubeProxy,
		r.Etcd, r.CoreDNS, r.Pause, r.KubeadmPause,
	}
	if !spec.ControlPlaneConfiguration.SkipLoadBalancerDeployment {
		list = append(list, r.KubeVIP)
	}
	if cni := spec.ClusterNetwork.CNIConfig; cni == nil || cni.Kindnetd == nil {
		list = append(list, r.Cilium, r.CiliumOperator)
	}
	for i := range list {
		list[i].Repository = Mirrored(cfg, list[i].Repository)
	}
	slices.SortFunc(list, func(a, b releases.Image) int { return cmp.Compare(a.String(), b.String()) })
	return slices.CompactFunc(list, func(a, b releases.Image) bool { return a.String() == b.String() })
}
