// Package v1alpha1 is the configuration file: its kinds, strict decoding with
// positions, defaults and validation.
//
// The kinds, field names, defaults and limits of anywhere.eks.amazonaws.com
// are those of EKS Anywhere (github.com/aws/eks-anywhere,
// pkg/api/v1alpha1, after v0.26.1), so that its files run unchanged;
// groundwork.dev holds what EKS Anywhere lacks.
package v1alpha1

// The API groups and versions that a configuration file may name.
const (
	EKSAAPIVersion       = "anywhere.eks.amazonaws.com/v1alpha1"
	GroundworkAPIVersion = "groundwork.dev/v1alpha1"
)

// The kinds of a configuration file.
const (
	ClusterKind                  = "Cluster"
	VSphereDatacenterKind        = "VSphereDatacenterConfig"
	VSphereMachineConfigKind     = "VSphereMachineConfig"
	TinkerbellDatacenterKind     = "TinkerbellDatacenterConfig"
	TinkerbellMachineConfigKind  = "TinkerbellMachineConfig"
	TinkerbellTemplateConfigKind = "TinkerbellTemplateConfig"
	OIDCConfigKind               = "OIDCConfig"
	AWSIamConfigKind             = "AWSIamConfig"
	FluxConfigKind               = "FluxConfig"
	GitOpsConfigKind             = "GitOpsConfig"
	VSphereAddressPoolKind       = "VSphereAddressPool"
	SSHDatacenterKind            = "SSHDatacenterConfig"
	SSHMachineConfigKind         = "SSHMachineConfig"
	AWSRegistrationKind          = "AWSRegistrationConfig"
)
