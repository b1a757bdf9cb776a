package manager

import (
	"context"
	"fmt"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	controlplanev1beta1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta1"
	clusterv1beta1 "sigs.k8s.io/cluster-api/api/core/v1beta1"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util/contract"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// contractVersions are the labels by which a provider's CRD says which of its
// versions keep Cluster API's contract, newest contract first.
var contractVersions = []string{
	clusterv1.GroupVersion.Group + "/v1beta2",
	clusterv1.GroupVersion.Group + "/v1beta1",
}

// setAPIVersionGetters tells the conversion from v1beta1, which refers to
// objects without a version, how to find the version to fill in. The getters
// are global to the process.
func setAPIVersionGetters(ctx context.Context, crds client.Reader) {
	get := func(kind schema.GroupKind) (string, error) { return apiVersion(ctx, crds, kind) }
	clusterv1beta1.SetAPIVersionGetter(get)
	controlplanev1beta1.SetAPIVersionGetter(get)
}

func apiVersion(ctx context.Context, crds client.Reader, kind schema.GroupKind) (string, error) {
	crd := &metav1.PartialObjectMetadata{}
	crd.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
	key := client.ObjectKey{Name: contract.CalculateCRDName(kind.Group, kind.Kind)}
	if err := crds.Get(ctx, key, crd); err != nil {
		return "", fmt.Errorf("find the version of %s: %w", kind, err)
	}
	for _, label := range contractVersions {
		if versions := crd.Labels[label]; versions != "" {
			return schema.GroupVersion{Group: kind.Group, Version: newest(strings.Split(versions, "_"))}.String(), nil
		}
	}
	return "", fmt.Errorf("find the version of %s: %s has none of the labels %v", kind, key.Name, contractVersions)
}

func newest(versions []string) string {
	best := versions[0]
	for _, v := range versions[1:] {
		if version.CompareKubeAwareVersionStrings(best, v) < 0 {
			best = v
		}
	}
	return best
}
