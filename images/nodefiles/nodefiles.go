// Package nodefiles knows the binaries that make a host a node, and where
// they come from: a folder, or where EKS Distro and EKS Anywhere publish them.
package nodefiles

import (
	"strings"

	"groundwork.dev/bootstrap/images/download"
)

// cni is before the names of CNI plugins.
const cni = "cni/"

// Required are the binaries that every node needs, by the names that they
// have in a bundle. Of the CNI plugins, loopback is for every pod; bridge,
// host-local and portmap are those that the network plugins chain to.
var Required = []string{
	"kubelet", "kubeadm", "kubectl",
	"containerd", "containerd-shim-runc-v2", "ctr", "runc", "crictl",
	cni + "loopback", cni + "bridge", cni + "host-local", cni + "portmap",
}

// Source is where a binary comes from: a file of this machine, or one that is
// fetched.
type Source struct {
	// Name is what the binary is called in a bundle.
	Name string
	// Path is its file on this machine, empty for one that is fetched.
	Path string
	// Fetched is what is fetched; Member is the binary's name in it where it
	// is a tar file compressed with gzip, and empty where it is the binary.
	Fetched download.File
	Member  string
}

// base is a binary's name without the folder.
func base(name string) string { return strings.TrimPrefix(name, cni) }
