package v1alpha1

import (
	"encoding/json"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// DefaultNodeCIDRMaskSize is the size of each node's part of the pod CIDR.
const DefaultNodeCIDRMaskSize = 24

// ClusterNetwork is the cluster's networks and its network plugin.
type ClusterNetwork struct {
	Pods     Pods     `json:"pods,omitempty"`
	Services Services `json:"services,omitempty"`
	// CNI is EKS Anywhere's deprecated way to name the plugin; defaults turn
	// it into CNIConfig.
	CNI       CNI        `json:"cni,omitempty"`
	CNIConfig *CNIConfig `json:"cniConfig,omitempty"`
	DNS       DNS        `json:"dns,omitzero"`
	Nodes     *Nodes     `json:"nodes,omitempty"`
}

// Pods are the pods' addresses: exactly one CIDR block.
type Pods struct {
	CidrBlocks []string `json:"cidrBlocks,omitempty"`
}

// Services are the services' addresses: exactly one CIDR block.
type Services struct {
	CidrBlocks []string `json:"cidrBlocks,omitempty"`
}

// DNS is the nodes' name resolution.
type DNS struct {
	ResolvConf *ResolvConf `json:"resolvConf,omitempty"`
}

// ResolvConf is the file that pods' name resolution starts from.
type ResolvConf struct {
	// Path is absolute, on the nodes.
	Path string `json:"path,omitempty"`
}

// Nodes are the nodes' parts of the pod CIDR.
type Nodes struct {
	// CIDRMaskSize defaults to DefaultNodeCIDRMaskSize.
	CIDRMaskSize *int `json:"cidrMaskSize,omitempty"`
}

// CNI names a network plugin in the deprecated field.
type CNI string

// The values of the deprecated field.
const (
	Cilium           CNI = "cilium"
	CiliumEnterprise CNI = "cilium-enterprise"
	Kindnetd         CNI = "kindnetd"
)

// CNIConfig configures exactly one network plugin.
type CNIConfig struct {
	Cilium   *CiliumConfig   `json:"cilium,omitempty"`
	Kindnetd *KindnetdConfig `json:"kindnetd,omitempty"`
}

// CiliumPolicyEnforcementMode is Cilium's policyEnforcementMode.
type CiliumPolicyEnforcementMode string

// The policy enforcement modes.
const (
	CiliumPolicyModeDefault CiliumPolicyEnforcementMode = "default"
	CiliumPolicyModeAlways  CiliumPolicyEnforcementMode = "always"
	CiliumPolicyModeNever   CiliumPolicyEnforcementMode = "never"
)

// CiliumRoutingMode is how Cilium carries packets between nodes.
type CiliumRoutingMode string

// The routing modes.
const (
	CiliumRoutingModeOverlay CiliumRoutingMode = "overlay"
	CiliumRoutingModeDirect  CiliumRoutingMode = "direct"
)

// CiliumConfig configures Cilium.
type CiliumConfig struct {
	PolicyEnforcementMode CiliumPolicyEnforcementMode `json:"policyEnforcementMode,omitempty"`
	// EgressMasqueradeInterfaces is an interface name or prefix.
	EgressMasqueradeInterfaces string `json:"egressMasqueradeInterfaces,omitempty"`
	// SkipUpgrade leaves Cilium to the user after the first installation.
	SkipUpgrade *bool `json:"skipUpgrade,omitempty"`
	// RoutingMode defaults to overlay.
	RoutingMode CiliumRoutingMode `json:"routingMode,omitempty"`
	// IPv4NativeRoutingCIDR is what RoutingMode direct routes natively.
	IPv4NativeRoutingCIDR string `json:"ipv4NativeRoutingCIDR,omitempty"`
	IPv6NativeRoutingCIDR string `json:"ipv6NativeRoutingCIDR,omitempty"`
	// CNIExclusive removes other plugins' configuration files; the default.
	CNIExclusive *bool `json:"cniExclusive,omitempty"`
	// HelmValues are values of Cilium's chart.
	HelmValues *apiextensionsv1.JSON `json:"helmValues,omitempty"`
}

// KindnetdConfig chooses kindnetd, which is for EKS Anywhere's Docker
// provider only.
type KindnetdConfig struct{}

// ReplacesKubeProxy reports whether Cilium does the work of kube-proxy, so
// that the nodes have none: always with Cilium, unless helmValues sets
// kubeProxyReplacement to false. Cilium's chart takes the value as a boolean
// and as text.
func (c *Cluster) ReplacesKubeProxy() bool {
	cni := c.Spec.ClusterNetwork.CNIConfig
	if cni == nil || cni.Cilium == nil {
		return false
	}
	if cni.Cilium.HelmValues == nil {
		return true
	}
	var values struct {
		KubeProxyReplacement any `json:"kubeProxyReplacement"`
	}
	if json.Unmarshal(cni.Cilium.HelmValues.Raw, &values) != nil {
		return true
	}
	return values.KubeProxyReplacement != false && values.KubeProxyReplacement != "false"
}
