package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
)

// ClusterFinalizer holds an SSHCluster until its SSHMachines are gone and the
// hosts that answer are clean.
const ClusterFinalizer = "sshcluster.infrastructure.groundwork.dev"

// SSHClusterSpec is what is wanted of the infrastructure of a cluster.
type SSHClusterSpec struct {
	// controlPlaneEndpoint is where the cluster's API server is reached:
	// a virtual IP or a load balancer that somebody else provides.
	// +optional
	ControlPlaneEndpoint clusterv1.APIEndpoint `json:"controlPlaneEndpoint,omitempty,omitzero"`
}

// SSHClusterStatus is what has been observed of it.
// +kubebuilder:validation:MinProperties=1
type SSHClusterStatus struct {
	// conditions are Ready and Paused.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=32
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// initialization says whether machines can be made.
	// +optional
	Initialization Initialization `json:"initialization,omitempty,omitzero"`
}

// Initialization is Cluster API's contract about when infrastructure is there.
// +kubebuilder:validation:MinProperties=1
type Initialization struct {
	// provisioned is true once the infrastructure is there; it never becomes
	// false again.
	// +optional
	Provisioned *bool `json:"provisioned,omitempty"`
}

// SSHCluster is the infrastructure of a cluster on hosts reached over SSH.
//
// +kubebuilder:object:root=true
// +kubebuilder:metadata:labels="cluster.x-k8s.io/v1beta2=v1alpha1"
// +kubebuilder:resource:path=sshclusters,scope=Namespaced,categories=cluster-api
// +kubebuilder:storageversion
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Cluster",type="string",JSONPath=".metadata.labels['cluster\\.x-k8s\\.io/cluster-name']",description="Cluster"
// +kubebuilder:printcolumn:name="Endpoint",type="string",JSONPath=".spec.controlPlaneEndpoint.host",description="API server"
// +kubebuilder:printcolumn:name="Provisioned",type="boolean",JSONPath=".status.initialization.provisioned",description="Infrastructure is there"
// +kubebuilder:printcolumn:name="Age",type="date",JSONPath=".metadata.creationTimestamp",description="Time since creation"
type SSHCluster struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`
	// +optional
	Spec SSHClusterSpec `json:"spec,omitempty,omitzero"`
	// +optional
	Status SSHClusterStatus `json:"status,omitempty,omitzero"`
}

// GetConditions returns the conditions.
func (c *SSHCluster) GetConditions() []metav1.Condition { return c.Status.Conditions }

// SetConditions sets the conditions.
func (c *SSHCluster) SetConditions(conditions []metav1.Condition) { c.Status.Conditions = conditions }

// SSHClusterList is a list of SSHClusters.
//
// +kubebuilder:object:root=true
type SSHClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []SSHCluster `json:"items"`
}
