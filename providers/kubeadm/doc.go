// Package kubeadm makes the parts of a cluster that no provider changes: the
// Cluster API objects around a provider's machines, and what kubeadm and
// cloud-init do on them. What each field of the configuration becomes follows
// EKS Anywhere; docs/eks-anywhere-compatibility.md lists where it does not,
// and why.
package kubeadm
