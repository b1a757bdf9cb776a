// Package v1alpha1 holds the Cluster API infrastructure kinds of hosts that
// already run Linux and are reached over SSH: SSHCluster, SSHMachine,
// SSHMachineTemplate and SSHHost. They follow contract v1beta2 of Cluster API.
//
// +kubebuilder:object:generate=true
// +groupName=infrastructure.groundwork.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

//go:generate go tool -modfile=../../../../../hack/tools/go.mod controller-gen object crd:crdVersions=v1 paths=. output:crd:dir=crds

// GroupVersion is the kinds' API group and version.
var GroupVersion = schema.GroupVersion{Group: "infrastructure.groundwork.dev", Version: "v1alpha1"}

var schemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

// AddToScheme adds the kinds to a scheme.
var AddToScheme = schemeBuilder.AddToScheme

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&SSHCluster{}, &SSHClusterList{},
		&SSHHost{}, &SSHHostList{},
		&SSHMachine{}, &SSHMachineList{},
		&SSHMachineTemplate{}, &SSHMachineTemplateList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
