package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// AWSRegistrationConfig asks for the cluster to be registered with Amazon EKS
// through EKS Connector, so that it appears in the AWS console. A file has at
// most one, and nothing refers to it.
type AWSRegistrationConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec AWSRegistrationConfigSpec `json:"spec,omitempty"`
}

// AWSRegistrationConfigSpec is the desired state of an AWSRegistrationConfig.
type AWSRegistrationConfigSpec struct {
	// Region is the AWS region, such as "eu-central-1".
	Region string `json:"region"`
	// ClusterName is what EKS calls the cluster, 1 to 100 characters; it
	// defaults to the Cluster's name.
	ClusterName string `json:"clusterName,omitempty"`
	// ConnectorRoleARN is the IAM role of the connector's agent. It is left
	// out where CreateRole makes one.
	ConnectorRoleARN string `json:"connectorRoleARN,omitempty"`
	CreateRole       bool   `json:"createRole,omitempty"`
	// Tags are set on the cluster in EKS, at most 50.
	Tags map[string]string `json:"tags,omitempty"`
	// Viewers are the ARNs of the IAM users and roles who may look at
	// everything in the cluster from the console.
	Viewers []string `json:"viewers,omitempty"`
	// ConnectorImage replaces the connector's image.
	ConnectorImage string `json:"connectorImage,omitempty"`
	// ProxyConfiguration is the connector's proxy; without one it uses the
	// Cluster's.
	ProxyConfiguration *ProxyConfiguration `json:"proxyConfiguration,omitempty"`
}
