// Package images says which container images a cluster needs, and where they
// are pulled from.
package images

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/manifests/releases"
)

// Needed is an image that the nodes of a cluster run.
type Needed struct {
	// Image is it under the name that the nodes ask for: the release's.
	releases.Image
	// Source is where it is pulled from: the same, or the registry mirror's
	// copy. Charts may ask for it under this name too.
	Source releases.Image
	// ControlPlane is true where only control planes run it.
	ControlPlane bool
}

// Nodes returns every image that the nodes of a cluster of the configuration
// need, sorted by reference, each once. Not among them is what a
// configuration brings of its own: encryption plugins, and what Cilium's
// helmValues switch on.
func Nodes(cfg *v1alpha1.Config, r releases.Release) []Needed {
	spec := &cfg.Cluster.Spec
	everywhere := []releases.Image{r.CoreDNS, r.Pause, r.KubeadmPause}
	controlPlane := []releases.Image{r.KubeAPIServer, r.KubeControllerManager, r.KubeScheduler, r.Etcd}
	if !cfg.Cluster.ReplacesKubeProxy() || pullsSkipped(r) {
		everywhere = append(everywhere, r.KubeProxy)
	}
	if !spec.ControlPlaneConfiguration.SkipLoadBalancerDeployment {
		controlPlane = append(controlPlane, r.KubeVIP)
	}
	if cni := spec.ClusterNetwork.CNIConfig; cni == nil || cni.Kindnetd == nil {
		everywhere = append(everywhere, r.Cilium, r.CiliumOperator)
	}
	var list []Needed
	add := func(images []releases.Image, controlPlane bool) {
		for _, image := range images {
			source := image
			source.Repository = Mirrored(cfg, image.Repository)
			list = append(list, Needed{image, source, controlPlane})
		}
	}
	// Those of every node come first: an image that is both is theirs.
	add(everywhere, false)
	add(controlPlane, true)
	slices.SortStableFunc(list, func(a, b Needed) int { return cmp.Compare(a.String(), b.String()) })
	return slices.CompactFunc(list, func(a, b Needed) bool { return a.String() == b.String() })
}

// pullsSkipped reports whether kubeadm may pull kube-proxy, before it begins,
// although it is told to skip it. That it does not was seen in the source of
// 1.35 (cmd/init.go, manageSkippedAddons).
func pullsSkipped(r releases.Release) bool {
	_, minor, _ := strings.Cut(r.Kubernetes, ".")
	n, err := strconv.Atoi(minor)
	return err != nil || n < 35
}

// For returns the images of Nodes as they are pulled: from the registry
// mirror, where there is one. They are sorted by reference.
func For(cfg *v1alpha1.Config, r releases.Release) []releases.Image {
	var list []releases.Image
	for _, n := range Nodes(cfg, r) {
		list = append(list, n.Source)
	}
	slices.SortFunc(list, func(a, b releases.Image) int { return cmp.Compare(a.String(), b.String()) })
	return list
}
