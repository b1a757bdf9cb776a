package progress

import (
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestSnapshotReader(t *testing.T) {
	elsewhere := newMachine("a")
	elsewhere.Namespace = "elsewhere"
	w := newWorld(t, newMachine("a"), newMachine("b", worker), elsewhere)
	s := newSnapshotReader(w.api, demo.Namespace)
	key := func(name string) client.ObjectKey { return client.ObjectKey{Namespace: demo.Namespace, Name: name} }

	for _, name := range []string{"a", "b", "a"} {
		m := &clusterv1.Machine{}
		if err := s.Get(t.Context(), key(name), m); err != nil || m.Name != name || m.Namespace != demo.Namespace {
			t.Errorf("Get(%s) = %s/%s, %v", name, m.Namespace, m.Name, err)
		}
	}
	if err := s.Get(t.Context(), key("none"), &clusterv1.Machine{}); !apierrors.IsNotFound(err) {
		t.Errorf("Get of a missing one = %v", err)
	}
	workers := &clusterv1.MachineList{}
	err := s.List(t.Context(), workers, client.InNamespace(demo.Namespace), client.MatchingLabels{clusterv1.MachineDeploymentNameLabel: "md-0"})
	if err != nil || len(workers.Items) != 1 || workers.Items[0].Name != "b" {
		t.Errorf("List = %v, %v", workers.Items, err)
	}
	if w.requests != 1 {
		t.Errorf("%d requests went to the API; want 1", w.requests)
	}

	untyped := &unstructured.Unstructured{}
	untyped.SetGroupVersionKind(clusterv1.GroupVersion.WithKind("Machine"))
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(clusterv1.GroupVersion.WithKind("MachineList"))
	if err := s.Get(t.Context(), key("b"), untyped); err != nil || untyped.GetName() != "b" {
		t.Errorf("Get untyped = %v, %v", untyped, err)
	}
	if err := s.List(t.Context(), list, client.InNamespace(demo.Namespace)); err != nil || len(list.Items) != 2 {
		t.Errorf("List untyped = %d, %v", len(list.Items), err)
	}
	if w.requests != 2 {
		t.Errorf("%d requests went to the API; want 2", w.requests)
	}

	there := &clusterv1.Machine{}
	if err := s.Get(t.Context(), client.ObjectKeyFromObject(elsewhere), there); err != nil || there.Namespace != "elsewhere" {
		t.Errorf("Get elsewhere = %v", err)
	}
	everywhere := &clusterv1.MachineList{}
	if err := s.List(t.Context(), everywhere); err != nil || len(everywhere.Items) != 3 {
		t.Errorf("List everywhere = %d, %v", len(everywhere.Items), err)
	}
}
