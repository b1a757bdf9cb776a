package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Cluster is the cluster to make.
type Cluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ClusterSpec `json:"spec,omitempty"`
}

// IsSelfManaged reports whether the cluster manages itself: managementCluster
// is absent or names the cluster.
func (c *Cluster) IsSelfManaged() bool {
	return c.Spec.ManagementCluster.Name == "" || c.Spec.ManagementCluster.Name == c.Name
}

// ClusterSpec is the desired state of a Cluster.
type ClusterSpec struct {
	// KubernetesVersion is a minor, such as "1.35"; one of
	// SupportedKubernetesVersions.
	KubernetesVersion             KubernetesVersion              `json:"kubernetesVersion,omitempty"`
	ControlPlaneConfiguration     ControlPlaneConfiguration      `json:"controlPlaneConfiguration,omitzero"`
	WorkerNodeGroupConfigurations []WorkerNodeGroupConfiguration `json:"workerNodeGroupConfigurations,omitempty"`
	DatacenterRef                 Ref                            `json:"datacenterRef,omitzero"`
	IdentityProviderRefs          []Ref                          `json:"identityProviderRefs,omitempty"`
	GitOpsRef                     *Ref                           `json:"gitOpsRef,omitempty"`
	ClusterNetwork                ClusterNetwork                 `json:"clusterNetwork,omitzero"`
	ExternalEtcdConfiguration     *ExternalEtcdConfiguration     `json:"externalEtcdConfiguration,omitempty"`
	ProxyConfiguration            *ProxyConfiguration            `json:"proxyConfiguration,omitempty"`
	RegistryMirrorConfiguration   *RegistryMirrorConfiguration   `json:"registryMirrorConfiguration,omitempty"`
	ManagementCluster             ManagementCluster              `json:"managementCluster,omitzero"`
	PodIAMConfig                  *PodIAMConfig                  `json:"podIamConfig,omitempty"`
	Packages                      *PackageConfiguration          `json:"packages,omitempty"`
	// BundlesRef and EksaVersion choose a release of EKS Anywhere; they have
	// no effect here.
	BundlesRef         *BundlesRef         `json:"bundlesRef,omitempty"`
	EksaVersion        *EksaVersion        `json:"eksaVersion,omitempty"`
	MachineHealthCheck *MachineHealthCheck `json:"machineHealthCheck,omitempty"`
	// EtcdEncryption holds at most one configuration.
	EtcdEncryption []EtcdEncryption `json:"etcdEncryption,omitempty"`
	LicenseToken   Token            `json:"licenseToken,omitzero"`
}

// KubernetesVersion is a Kubernetes minor: "1.35".
type KubernetesVersion string

// EksaVersion is a release of EKS Anywhere: "v0.26.1".
type EksaVersion string

// Ref names another object of the configuration file.
type Ref struct {
	Kind string `json:"kind,omitempty"`
	Name string `json:"name,omitempty"`
}

// ControlPlaneConfiguration is the control plane's machines and settings.
type ControlPlaneConfiguration struct {
	// Count is odd: etcd is stacked on the control plane's machines.
	Count           int               `json:"count,omitempty"`
	Endpoint        *Endpoint         `json:"endpoint,omitempty"`
	MachineGroupRef *Ref              `json:"machineGroupRef,omitempty"`
	Taints          []corev1.Taint    `json:"taints,omitempty"`
	Labels          map[string]string `json:"labels,omitempty"`

	UpgradeRolloutStrategy *ControlPlaneUpgradeRolloutStrategy `json:"upgradeRolloutStrategy,omitempty"`
	// SkipLoadBalancerDeployment leaves kube-vip out: the endpoint is a load
	// balancer of the site's own.
	SkipLoadBalancerDeployment bool `json:"skipLoadBalancerDeployment,omitempty"`
	// CertSANs are further addresses and domain names in the API server's
	// certificate.
	CertSANs           []string            `json:"certSans,omitempty"`
	MachineHealthCheck *MachineHealthCheck `json:"machineHealthCheck,omitempty"`
	APIServerExtraArgs map[string]string   `json:"apiServerExtraArgs,omitempty"`
	// KubeletConfiguration is a kubelet.config.k8s.io/v1beta1
	// KubeletConfiguration; kind and apiVersion are filled where missing.
	KubeletConfiguration *unstructured.Unstructured `json:"kubeletConfiguration,omitempty"`
	// AuditPolicyContent is an audit.k8s.io/v1 Policy as YAML; empty means
	// the default policy.
	AuditPolicyContent string `json:"auditPolicyContent,omitempty"`
	// SkipAdmissionForSystemResources exempts kube-system's resources from
	// webhooks.
	SkipAdmissionForSystemResources *bool `json:"skipAdmissionForSystemResources,omitempty"`
}

// Endpoint is where the API server is reached.
type Endpoint struct {
	// Host is an IP address; a host name only where kube-vip is left out.
	Host string `json:"host"`
}

// WorkerNodeGroupConfiguration is one group of equal workers.
type WorkerNodeGroupConfiguration struct {
	// Name is unique in the cluster; the first group defaults to md-0.
	Name string `json:"name,omitempty"`
	// Count defaults to autoscaling's minimum, or 1.
	Count                    *int                      `json:"count,omitempty"`
	AutoScalingConfiguration *AutoScalingConfiguration `json:"autoscalingConfiguration,omitempty"`
	MachineGroupRef          *Ref                      `json:"machineGroupRef,omitempty"`
	Taints                   []corev1.Taint            `json:"taints,omitempty"`
	Labels                   map[string]string         `json:"labels,omitempty"`

	UpgradeRolloutStrategy *WorkerNodesUpgradeRolloutStrategy `json:"upgradeRolloutStrategy,omitempty"`
	// KubernetesVersion overrides the cluster's; at most two minors behind.
	KubernetesVersion    *KubernetesVersion         `json:"kubernetesVersion,omitempty"`
	MachineHealthCheck   *MachineHealthCheck        `json:"machineHealthCheck,omitempty"`
	KubeletConfiguration *unstructured.Unstructured `json:"kubeletConfiguration,omitempty"`
	// FailureDomains are names of the datacenter's failure domains.
	FailureDomains []string `json:"failureDomains,omitempty"`
}

// AutoScalingConfiguration bounds what the Cluster Autoscaler may do.
type AutoScalingConfiguration struct {
	MinCount int `json:"minCount,omitempty"`
	MaxCount int `json:"maxCount,omitempty"`
}

// UpgradeRolloutStrategyType is how machines are replaced.
type UpgradeRolloutStrategyType string

// The rollout strategies.
const (
	RollingUpdateStrategyType UpgradeRolloutStrategyType = "RollingUpdate"
	InPlaceStrategyType       UpgradeRolloutStrategyType = "InPlace"
)

// ControlPlaneUpgradeRolloutStrategy is how the control plane is replaced.
type ControlPlaneUpgradeRolloutStrategy struct {
	Type          UpgradeRolloutStrategyType       `json:"type,omitempty"`
	RollingUpdate *ControlPlaneRollingUpdateParams `json:"rollingUpdate,omitempty"`
}

// ControlPlaneRollingUpdateParams tune a rolling update.
type ControlPlaneRollingUpdateParams struct {
	// MaxSurge is 0 or 1.
	MaxSurge int `json:"maxSurge"`
}

// WorkerNodesUpgradeRolloutStrategy is how a worker group is replaced.
type WorkerNodesUpgradeRolloutStrategy struct {
	Type          UpgradeRolloutStrategyType      `json:"type,omitempty"`
	RollingUpdate *WorkerNodesRollingUpdateParams `json:"rollingUpdate,omitempty"`
}

// WorkerNodesRollingUpdateParams tune a rolling update; not both are 0.
type WorkerNodesRollingUpdateParams struct {
	MaxSurge       int `json:"maxSurge"`
	MaxUnavailable int `json:"maxUnavailable"`
}

// MachineHealthCheck says when a machine is replaced.
type MachineHealthCheck struct {
	// NodeStartupTimeout is how long a node may take to appear.
	NodeStartupTimeout *metav1.Duration `json:"nodeStartupTimeout,omitempty"`
	// UnhealthyMachineTimeout is how long a node may be not Ready.
	UnhealthyMachineTimeout *metav1.Duration `json:"unhealthyMachineTimeout,omitempty"`
	// MaxUnhealthy is a number or percentage of machines above which none
	// is replaced.
	MaxUnhealthy *intstr.IntOrString `json:"maxUnhealthy,omitempty"`
}

// ExternalEtcdConfiguration puts etcd on machines of its own.
type ExternalEtcdConfiguration struct {
	Count           int  `json:"count,omitempty"`
	MachineGroupRef *Ref `json:"machineGroupRef,omitempty"`
}

// ManagementCluster names the cluster that manages this one.
type ManagementCluster struct {
	Name string `json:"name,omitempty"`
}

// BundlesRef names an EKS Anywhere Bundles object.
type BundlesRef struct {
	APIVersion string `json:"apiVersion"`
	Name       string `json:"name"`
	Namespace  string `json:"namespace"`
}
