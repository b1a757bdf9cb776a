package artifacts

import (
	"fmt"

	"groundwork.dev/bootstrap/manifests/releases"
)

const (
	// kubernetesMinor is the release that the catalogue replaces.
	kubernetesMinor = "1.35"
	releaseName     = "kubernetes-1-35-lab"

	kubernetesRegistry = "registry.k8s.io/"
	ciliumRegistry     = "quay.io/cilium/"
)

// references are the release's images by component. kube-proxy has a name
// only: Cilium takes its place, and a release that lacks it is no release.
var references = map[string]string{
	"kube-apiserver":          kubernetesRegistry + "kube-apiserver:" + kubernetesVersion,
	"kube-controller-manager": kubernetesRegistry + "kube-controller-manager:" + kubernetesVersion,
	"kube-scheduler":          kubernetesRegistry + "kube-scheduler:" + kubernetesVersion,
	"kube-proxy":              kubernetesRegistry + "kube-proxy:" + kubernetesVersion,
	"etcd":                    kubernetesRegistry + "etcd:" + etcdTag,
	"coredns":                 kubernetesRegistry + "coredns/coredns:" + corednsVersion,
	"pause":                   kubernetesRegistry + "pause:" + pauseVersion,
	"kubeadm-pause":           kubernetesRegistry + "pause:" + pauseVersion,
	"kube-vip":                "ghcr.io/kube-vip/kube-vip:" + kubeVIPVersion,
	"cilium":                  ciliumRegistry + "cilium:" + ciliumVersion,
	"cilium-operator":         ciliumRegistry + "operator-generic:" + ciliumVersion,
}

// catalogue is the release catalogue with the lab's release, as a file.
func catalogue() ([]byte, error) {
	release, err := releases.New(kubernetesMinor, releaseName, references)
	if err != nil {
		return nil, err
	}
	own := releases.Catalogue{Releases: []releases.Release{release}}
	return own.YAML()
}

// reference is a component's image.
func reference(component string) string {
	r, ok := references[component]
	if !ok {
		panic(fmt.Sprintf("there is no component %q", component)) // a slip in this package
	}
	return r
}
