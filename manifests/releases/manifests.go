package releases

import (
	"fmt"
	"net/url"

	"go.yaml.in/yaml/v3"
)

// Manifests are the URLs of the documents in which the publishers of a
// release list its binaries, each with where it is and its digest. A field is
// empty where nobody publishes one.
type Manifests struct {
	// EKSDistro is EKS Distro's release manifest (kind Release of
	// distro.eks.amazonaws.com/v1alpha1), which each of its release pages
	// links: kubelet, kubeadm, kubectl and the CNI plugins.
	EKSDistro string `yaml:"eks-distro,omitempty"`
	// EKSAnywhere is EKS Anywhere's bundle manifest (kind Bundles of
	// anywhere.eks.amazonaws.com/v1alpha1): containerd with runc, and crictl,
	// by Kubernetes minor.
	EKSAnywhere string `yaml:"eks-anywhere,omitempty"`
}

// manifests reads the optional field of that name.
func (p *parser) manifests(node *yaml.Node) Manifests {
	var m Manifests
	if node == nil {
		return m
	}
	fields := p.fields(node, "manifests", "eks-distro", "eks-anywhere")
	for _, f := range []struct {
		name   string
		target *string
	}{{"eks-distro", &m.EKSDistro}, {"eks-anywhere", &m.EKSAnywhere}} {
		value := fields[f.name]
		if value == nil {
			continue
		}
		path := join("manifests", f.name)
		text := p.text(value, path)
		if u, err := url.Parse(text); text != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil) {
			p.report(value, path, fmt.Sprintf("%q is not an https URL", text), "name the manifest that the publisher's release page links, or leave the field out")
			continue
		}
		*f.target = text
	}
	return m
}
