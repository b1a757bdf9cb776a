package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
)

// MachineFinalizer holds an SSHMachine until its host has been reset and
// released.
const MachineFinalizer = "sshmachine.infrastructure.groundwork.dev"

// ProviderIDPrefix begins the provider ID of every node; the instance ID, the
// UID of its SSHHost, follows.
const ProviderIDPrefix = "ssh://"

// SSHMachineSpec is what is wanted of a machine.
type SSHMachineSpec struct {
	// providerID is that of the node: ssh:// and the UID that the SSHHost had
	// when the machine took it. The controller sets it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	ProviderID string `json:"providerID,omitempty"`
	// hostSelector chooses among the SSHHosts of the cluster by their labels;
	// empty for any.
	// +optional
	HostSelector metav1.LabelSelector `json:"hostSelector,omitempty,omitzero"`
	// nodeFiles are the binaries and images that make a host a node.
	// +required
	NodeFiles NodeFiles `json:"nodeFiles,omitempty,omitzero"`
	// sandboxImage is the image of the pods' sandboxes, one of nodeFiles.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	SandboxImage string `json:"sandboxImage,omitempty"`
	// requirements are what a host must be beyond its labels: one that is not
	// is left for another machine.
	// +optional
	Requirements HostRequirements `json:"requirements,omitempty,omitzero"`
}

// HostRequirements are what a machine asks of its host. That a host is clean,
// large enough and runs a kernel that Kubernetes takes is always asked.
type HostRequirements struct {
	// osFamily is ubuntu, debian or redhat; empty for any.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	OSFamily string `json:"osFamily,omitempty"`
	// cilium and kubeProxy will run on the host, and need their ports.
	// +optional
	Cilium bool `json:"cilium,omitempty"`
	// +optional
	KubeProxy bool `json:"kubeProxy,omitempty"`
	// swapAllowed and cgroupV1Allowed: the kubelet is told to bear them.
	// +optional
	SwapAllowed bool `json:"swapAllowed,omitempty"`
	// +optional
	CgroupV1Allowed bool `json:"cgroupV1Allowed,omitempty"`
	// setsTheClock: the machine gets time servers, so that the host's clock
	// may be off before.
	// +optional
	SetsTheClock bool `json:"setsTheClock,omitempty"`
}

// NodeFiles name a bundle of node files.
type NodeFiles struct {
	// location is a folder or a .tar file where the controllers run, or an
	// https URL.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Location string `json:"location,omitempty"`
	// digest is that of the bundle's index, "sha256:" and 64 hexadecimal
	// digits; without one the index is taken as it is.
	// +optional
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	Digest string `json:"digest,omitempty"`
}

// MachinePhase is how far a machine is, in a word, for people: controllers go
// by the conditions.
// +kubebuilder:validation:Enum=Pending;Claiming;Installing;Bootstrapping;Provisioned;Failed;Deleting
type MachinePhase string

// The phases of a machine.
const (
	MachinePending       MachinePhase = "Pending"
	MachineClaiming      MachinePhase = "Claiming"
	MachineInstalling    MachinePhase = "Installing"
	MachineBootstrapping MachinePhase = "Bootstrapping"
	MachineProvisioned   MachinePhase = "Provisioned"
	MachineFailed        MachinePhase = "Failed"
	MachineDeleting      MachinePhase = "Deleting"
)

// SSHMachineStatus is what has been observed of a machine.
// +kubebuilder:validation:MinProperties=1
type SSHMachineStatus struct {
	// conditions are Ready, HostClaimed, NodeFilesInstalled, Bootstrapped,
	// Deleting and Paused.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=32
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// initialization says whether the machine is a node.
	// +optional
	Initialization Initialization `json:"initialization,omitempty,omitzero"`
	// addresses are those of the host.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=128
	Addresses []clusterv1.MachineAddress `json:"addresses,omitempty"`
	// hostRef is the SSHHost that the machine has claimed. The claim itself
	// is the SSHHost's consumerRef.
	// +optional
	HostRef HostReference `json:"hostRef,omitempty,omitzero"`
	// phase sums the conditions up.
	// +optional
	Phase MachinePhase `json:"phase,omitempty"`
	// copied is how many bytes of the node files are on the host.
	// +optional
	Copied Copied `json:"copied,omitempty,omitzero"`
	// failure is what keeps the machine from coming up: it has gone wrong at
	// every attempt since. Empty while nothing does.
	// +optional
	Failure MachineFailure `json:"failure,omitempty,omitzero"`
	// bootstrapFailures is how many times in a row the bootstrap data has
	// failed on this host.
	// +optional
	// +kubebuilder:validation:Minimum=0
	BootstrapFailures int32 `json:"bootstrapFailures,omitempty"`
	// failedAttempt is the last attempt, as the host counts them, that is
	// among bootstrapFailures.
	// +optional
	// +kubebuilder:validation:Minimum=0
	FailedAttempt int32 `json:"failedAttempt,omitempty"`
	// lastBootstrapFailure is when the last of them was seen.
	// +optional
	LastBootstrapFailure *metav1.Time `json:"lastBootstrapFailure,omitempty"`
}

// MachineFailure is a failure that has not been overcome yet.
type MachineFailure struct {
	// reason is that of the condition.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Reason string `json:"reason,omitempty"`
	// message is that of the last attempt.
	// +optional
	// +kubebuilder:validation:MaxLength=16384
	Message string `json:"message,omitempty"`
	// since is when it first happened.
	// +required
	Since metav1.Time `json:"since,omitempty,omitzero"`
}

// HostReference names an SSHHost of the same namespace.
type HostReference struct {
	// name is the SSHHost's.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// Copied counts bytes.
type Copied struct {
	// total is what has to be on the host.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Total int64 `json:"total,omitempty"`
	// present is what was there before.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Present int64 `json:"present,omitempty"`
	// sent is what has been sent.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Sent int64 `json:"sent,omitempty"`
}

// SSHMachine is a machine on a host reached over SSH.
//
// +kubebuilder:object:root=true
// +kubebuilder:metadata:labels="cluster.x-k8s.io/v1beta2=v1alpha1"
// +kubebuilder:resource:path=sshmachines,scope=Namespaced,categories=cluster-api
// +kubebuilder:storageversion
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Cluster",type="string",JSONPath=".metadata.labels['cluster\\.x-k8s\\.io/cluster-name']",description="Cluster"
// +kubebuilder:printcolumn:name="Host",type="string",JSONPath=".status.hostRef.name",description="Host"
// +kubebuilder:printcolumn:name="Phase",type="string",JSONPath=".status.phase",description="How far the machine is"
// +kubebuilder:printcolumn:name="Message",type="string",JSONPath=".status.conditions[?(@.type==\"Ready\")].message",description="What is being done",priority=10
// +kubebuilder:printcolumn:name="Provider ID",type="string",JSONPath=".spec.providerID",description="Provider ID",priority=10
// +kubebuilder:printcolumn:name="Age",type="date",JSONPath=".metadata.creationTimestamp",description="Time since creation"
type SSHMachine struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`
	// +required
	Spec SSHMachineSpec `json:"spec,omitempty,omitzero"`
	// +optional
	Status SSHMachineStatus `json:"status,omitempty,omitzero"`
}

// GetConditions returns the conditions.
func (m *SSHMachine) GetConditions() []metav1.Condition { return m.Status.Conditions }

// SetConditions sets the conditions.
func (m *SSHMachine) SetConditions(conditions []metav1.Condition) { m.Status.Conditions = conditions }

// SSHMachineList is a list of SSHMachines.
//
// +kubebuilder:object:root=true
type SSHMachineList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []SSHMachine `json:"items"`
}
