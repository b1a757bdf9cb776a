package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// TinkerbellDatacenterConfig is how bare-metal servers are provisioned.
type TinkerbellDatacenterConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec TinkerbellDatacenterConfigSpec `json:"spec,omitempty"`
}

// TinkerbellDatacenterConfigSpec is the desired state of a
// TinkerbellDatacenterConfig.
type TinkerbellDatacenterConfigSpec struct {
	// TinkerbellIP is where the cluster serves DHCP, metadata and files.
	TinkerbellIP string `json:"tinkerbellIP"`
	// OSImageURL is the image of every machine; the alternative is one in
	// each TinkerbellMachineConfig.
	OSImageURL string `json:"osImageURL"`
	// HookImagesURLPath is a URL that holds the installation environment.
	HookImagesURLPath          string `json:"hookImagesURLPath,omitempty"`
	SkipLoadBalancerDeployment bool   `json:"skipLoadBalancerDeployment,omitempty"`
	LoadBalancerInterface      string `json:"loadBalancerInterface,omitempty"`
	// IsoBoot boots from virtual media instead of the network.
	IsoBoot bool `json:"isoBoot,omitempty"`
	// HookIsoURL is the ISO image to boot; its last element is hook.iso.
	HookIsoURL string `json:"hookIsoURL,omitempty"`
}

// TinkerbellMachineConfig is one kind of server.
type TinkerbellMachineConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec TinkerbellMachineConfigSpec `json:"spec,omitempty"`
}

// TinkerbellMachineConfigSpec is the desired state of a
// TinkerbellMachineConfig: exactly one of HardwareSelector and
// HardwareAffinity chooses its servers.
type TinkerbellMachineConfigSpec struct {
	// HardwareSelector is exactly one label.
	HardwareSelector    HardwareSelector     `json:"hardwareSelector,omitempty"`
	HardwareAffinity    *HardwareAffinity    `json:"hardwareAffinity,omitempty"`
	TemplateRef         Ref                  `json:"templateRef,omitzero"`
	OSFamily            OSFamily             `json:"osFamily"`
	OSImageURL          string               `json:"osImageURL"`
	Users               []UserConfiguration  `json:"users,omitempty"`
	HostOSConfiguration *HostOSConfiguration `json:"hostOSConfiguration,omitempty"`
}

// HardwareSelector is labels of the hardware file.
type HardwareSelector map[string]string

// HardwareAffinity chooses servers by required and preferred labels.
type HardwareAffinity struct {
	// Required terms are alternatives; at least one.
	Required  []HardwareAffinityTerm         `json:"required"`
	Preferred []WeightedHardwareAffinityTerm `json:"preferred,omitempty"`
}

// HardwareAffinityTerm selects servers by label.
type HardwareAffinityTerm struct {
	LabelSelector metav1.LabelSelector `json:"labelSelector"`
}

// WeightedHardwareAffinityTerm is a preference; Weight is 1 to 100.
type WeightedHardwareAffinityTerm struct {
	Weight               int32                `json:"weight"`
	HardwareAffinityTerm HardwareAffinityTerm `json:"hardwareAffinityTerm"`
}

// TinkerbellTemplateConfig is the actions that install a server.
type TinkerbellTemplateConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec TinkerbellTemplateConfigSpec `json:"spec,omitempty"`
}

// TinkerbellTemplateConfigSpec is the desired state of a
// TinkerbellTemplateConfig.
type TinkerbellTemplateConfigSpec struct {
	Template TinkerbellWorkflow `json:"template"`
}

// TinkerbellWorkflow is a Tinkerbell template, version 0.1
// (github.com/tinkerbell/tink v0.8.0, workflow).
type TinkerbellWorkflow struct {
	Version string `json:"version"`
	Name    string `json:"name"`
	ID      string `json:"id"`
	// GlobalTimeout is in seconds.
	GlobalTimeout int              `json:"global_timeout"`
	Tasks         []TinkerbellTask `json:"tasks"`
}

// TinkerbellTask is the actions of one worker.
type TinkerbellTask struct {
	Name        string             `json:"name"`
	WorkerAddr  string             `json:"worker"`
	Actions     []TinkerbellAction `json:"actions"`
	Volumes     []string           `json:"volumes,omitempty"`
	Environment map[string]string  `json:"environment,omitempty"`
}

// TinkerbellAction is one container to run.
type TinkerbellAction struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	// Timeout is in seconds.
	Timeout     int64             `json:"timeout"`
	Command     []string          `json:"command,omitempty"`
	OnTimeout   []string          `json:"on-timeout,omitempty"`
	OnFailure   []string          `json:"on-failure,omitempty"`
	Volumes     []string          `json:"volumes,omitempty"`
	Environment map[string]string `json:"environment,omitempty"`
	Pid         string            `json:"pid,omitempty"`
}
