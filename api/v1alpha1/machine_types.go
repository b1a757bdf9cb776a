package v1alpha1

// OSFamily is a node's operating system.
type OSFamily string

// The operating systems: those of EKS Anywhere, and Debian for hosts over
// SSH. RedHat includes what is built from its sources.
const (
	Ubuntu       OSFamily = "ubuntu"
	Bottlerocket OSFamily = "bottlerocket"
	RedHat       OSFamily = "redhat"
	Debian       OSFamily = "debian"
)

// UserConfiguration is a user of the nodes.
type UserConfiguration struct {
	Name              string   `json:"name"`
	SshAuthorizedKeys []string `json:"sshAuthorizedKeys,omitempty"`
}

// HostOSConfiguration is settings of the nodes' operating system.
type HostOSConfiguration struct {
	NTPConfiguration          *NTPConfiguration          `json:"ntpConfiguration,omitempty"`
	BottlerocketConfiguration *BottlerocketConfiguration `json:"bottlerocketConfiguration,omitempty"`
	CertBundles               []CertBundle               `json:"certBundles,omitempty"`
}

// NTPConfiguration is where the nodes get their time.
type NTPConfiguration struct {
	Servers []string `json:"servers"`
}

// CertBundle is further certificates that the nodes trust.
type CertBundle struct {
	Name string `json:"name"`
	// Data is PEM.
	Data string `json:"data"`
}

// BottlerocketConfiguration is settings of Bottlerocket.
type BottlerocketConfiguration struct {
	Kubernetes *BottlerocketKubernetesSettings `json:"kubernetes,omitempty"`
	Kernel     *BottlerocketKernelSettings     `json:"kernel,omitempty"`
	Boot       *BottlerocketBootSettings       `json:"boot,omitempty"`
}

// BottlerocketKernelSettings are sysctl settings.
type BottlerocketKernelSettings struct {
	SysctlSettings map[string]string `json:"sysctlSettings,omitempty"`
}

// BottlerocketBootSettings are kernel parameters.
type BottlerocketBootSettings struct {
	BootKernelParameters map[string][]string `json:"bootKernelParameters,omitempty"`
}

// BottlerocketKubernetesSettings are Bottlerocket's settings.kubernetes, as
// far as EKS Anywhere's custom resource definition takes them.
type BottlerocketKubernetesSettings struct {
	AllowedUnsafeSysctls            []string          `json:"allowedUnsafeSysctls,omitempty"`
	ClusterDNSIPs                   []string          `json:"clusterDNSIPs,omitempty"`
	ClusterDomain                   string            `json:"clusterDomain,omitempty"`
	ContainerLogMaxFiles            int               `json:"containerLogMaxFiles,omitempty"`
	ContainerLogMaxSize             string            `json:"containerLogMaxSize,omitempty"`
	CPUCFSQuota                     *bool             `json:"cpuCFSQuota,omitempty"`
	CPUManagerPolicy                string            `json:"cpuManagerPolicy,omitempty"`
	CPUManagerPolicyOptions         map[string]string `json:"cpuManagerPolicyOptions,omitempty"`
	CPUManagerReconcilePeriod       string            `json:"cpuManagerReconcilePeriod,omitempty"`
	EventBurst                      int               `json:"eventBurst,omitempty"`
	EventRecordQPS                  int               `json:"eventRecordQPS,omitempty"`
	EvictionHard                    map[string]string `json:"evictionHard,omitempty"`
	EvictionMaxPodGracePeriod       int               `json:"evictionMaxPodGracePeriod,omitempty"`
	EvictionSoft                    map[string]string `json:"evictionSoft,omitempty"`
	EvictionSoftGracePeriod         map[string]string `json:"evictionSoftGracePeriod,omitempty"`
	ImageGCHighThresholdPercent     int               `json:"imageGCHighThresholdPercent,omitempty"`
	ImageGCLowThresholdPercent      int               `json:"imageGCLowThresholdPercent,omitempty"`
	KubeAPIBurst                    int               `json:"kubeAPIBurst,omitempty"`
	KubeAPIQPS                      int               `json:"kubeAPIQPS,omitempty"`
	KubeReserved                    map[string]string `json:"kubeReserved,omitempty"`
	MaxPods                         int               `json:"maxPods,omitempty"`
	MemoryManagerPolicy             string            `json:"memoryManagerPolicy,omitempty"`
	PodPidsLimit                    int64             `json:"podPidsLimit,omitempty"`
	ProviderID                      string            `json:"providerID,omitempty"`
	RegistryBurst                   int               `json:"registryBurst,omitempty"`
	RegistryPullQPS                 int               `json:"registryPullQPS,omitempty"`
	ShutdownGracePeriod             string            `json:"shutdownGracePeriod,omitempty"`
	ShutdownGracePeriodCriticalPods string            `json:"shutdownGracePeriodCriticalPods,omitempty"`
	SystemReserved                  map[string]string `json:"systemReserved,omitempty"`
	TopologyManagerPolicy           string            `json:"topologyManagerPolicy,omitempty"`
	TopologyManagerScope            string            `json:"topologyManagerScope,omitempty"`
}
