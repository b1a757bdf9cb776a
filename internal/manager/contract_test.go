package manager

import (
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	capifeature "sigs.k8s.io/cluster-api/feature"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

func TestAPIVersionFollowsTheNewestContract(t *testing.T) {
	kind := schema.GroupKind{Group: "infrastructure.cluster.x-k8s.io", Kind: "VSphereCluster"}
	for name, test := range map[string]struct {
		labels map[string]string
		want   string
	}{
		"newest contract": {map[string]string{"cluster.x-k8s.io/v1beta1": "v1beta1", "cluster.x-k8s.io/v1beta2": "v1beta2"}, "infrastructure.cluster.x-k8s.io/v1beta2"},
		"newest version":  {map[string]string{"cluster.x-k8s.io/v1beta2": "v1_v1beta9_v1alpha12"}, "infrastructure.cluster.x-k8s.io/v1"},
		"old contract":    {map[string]string{"cluster.x-k8s.io/v1beta1": "v1beta1"}, "infrastructure.cluster.x-k8s.io/v1beta1"},
		"none":            {nil, ""},
	} {
		crd := &apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "vsphereclusters.infrastructure.cluster.x-k8s.io", Labels: test.labels}}
		c := fake.NewClientBuilder().WithScheme(Scheme()).WithObjects(crd).Build()
		got, err := apiVersion(t.Context(), c, kind)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := apiVersion(t.Context(), fake.NewClientBuilder().WithScheme(Scheme()).Build(), kind); err == nil {
		t.Error("a kind without a CRD has a version")
	}
}

func TestPreflightChecksCanBeSwitched(t *testing.T) {
	for _, on := range []bool{false, true, false} {
		if err := SetMachineSetPreflightChecks(on); err != nil {
			t.Fatal(err)
		}
		if got := capifeature.Gates.Enabled(capifeature.MachineSetPreflightChecks); got != on {
			t.Errorf("set to %t, it is %t", on, got)
		}
	}
}
