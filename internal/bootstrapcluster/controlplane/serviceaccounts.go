package controlplane

import (
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/informers"
	"k8s.io/kubernetes/pkg/serviceaccount"
)

// noServiceAccounts finds nothing that a service account's token could be
// bound to. Upstream's would watch Pods and Nodes, which are not served.
func noServiceAccounts(informers.SharedInformerFactory) serviceaccount.ServiceAccountTokenGetter {
	return noAccounts{}
}

type noAccounts struct{}

func (noAccounts) GetServiceAccount(_, name string) (*corev1.ServiceAccount, error) {
	return nil, apierrors.NewNotFound(corev1.Resource("serviceaccounts"), name)
}

func (noAccounts) GetPod(_, name string) (*corev1.Pod, error) {
	return nil, apierrors.NewNotFound(corev1.Resource("pods"), name)
}

func (noAccounts) GetSecret(_, name string) (*corev1.Secret, error) {
	return nil, apierrors.NewNotFound(corev1.Resource("secrets"), name)
}

func (noAccounts) GetNode(name string) (*corev1.Node, error) {
	return nil, apierrors.NewNotFound(corev1.Resource("nodes"), name)
}
