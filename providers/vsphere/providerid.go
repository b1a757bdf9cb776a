package vsphere

import (
	_ "embed"

	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"

	"groundwork.dev/bootstrap/providers/kubeadm"
)

// providerIDPath is where the script is on the node.
const providerIDPath = "/usr/local/bin/groundwork-provider-id"

// providerIDScript tells the kubelet which virtual machine it is on, so that
// Cluster API finds the Node of a Machine without a cloud provider in the
// cluster, and so without the vCenter's password in it.
//
//go:embed provider-id.sh
var providerIDScript string

func providerIDFile() bootstrapv1.File {
	f := kubeadm.File(providerIDPath, providerIDScript)
	f.Permissions = "0755"
	return f
}
