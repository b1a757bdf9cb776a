package kubeadm

import (
	"strings"

	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// certBundles are the further authorities that the node trusts, and the
// command that makes its operating system do so.
func (n Node) certBundles() ([]bootstrapv1.File, []string) {
	if n.HostOS == nil || len(n.HostOS.CertBundles) == 0 {
		return nil, nil
	}
	dir, command := "/usr/local/share/ca-certificates", "update-ca-certificates"
	if n.OSFamily == v1alpha1.RedHat {
		dir, command = "/etc/pki/ca-trust/source/anchors", "update-ca-trust extract"
	}
	var files []bootstrapv1.File
	for _, bundle := range n.HostOS.CertBundles {
		files = append(files, File(dir+"/"+bundle.Name+".crt", strings.TrimSpace(bundle.Data)+"\n"))
	}
	return files, []string{command}
}
