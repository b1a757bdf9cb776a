package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
)

// SSHMachineTemplateSpec is what is wanted of the machines made from a
// template. Another wish needs another template: Cluster API replaces the
// machines when the reference to it changes.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="an SSHMachineTemplate cannot be changed; make another one and refer to it"
type SSHMachineTemplateSpec struct {
	// template is what each SSHMachine becomes.
	// +required
	Template SSHMachineTemplateResource `json:"template,omitempty,omitzero"`
}

// SSHMachineTemplateResource is an SSHMachine to be.
type SSHMachineTemplateResource struct {
	// metadata is copied to each SSHMachine.
	// +optional
	ObjectMeta clusterv1.ObjectMeta `json:"metadata,omitempty,omitzero"`
	// spec is that of each SSHMachine.
	// +required
	Spec SSHMachineSpec `json:"spec,omitempty,omitzero"`
}

// SSHMachineTemplate is what SSHMachines are made from.
//
// +kubebuilder:object:root=true
// +kubebuilder:metadata:labels="cluster.x-k8s.io/v1beta2=v1alpha1"
// +kubebuilder:resource:path=sshmachinetemplates,scope=Namespaced,categories=cluster-api
// +kubebuilder:storageversion
// +kubebuilder:printcolumn:name="Cluster",type="string",JSONPath=".metadata.labels['cluster\\.x-k8s\\.io/cluster-name']",description="Cluster"
// +kubebuilder:printcolumn:name="Age",type="date",JSONPath=".metadata.creationTimestamp",description="Time since creation"
type SSHMachineTemplate struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`
	// +required
	Spec SSHMachineTemplateSpec `json:"spec,omitempty,omitzero"`
}

// SSHMachineTemplateList is a list of SSHMachineTemplates.
//
// +kubebuilder:object:root=true
type SSHMachineTemplateList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []SSHMachineTemplate `json:"items"`
}
