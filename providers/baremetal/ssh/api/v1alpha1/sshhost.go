package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// HostFinalizer holds an SSHHost until no machine has it and nothing of ours
// is left on it, or until that cannot be had.
const HostFinalizer = "sshhost.infrastructure.groundwork.dev"

// NeedsCleaningAnnotation is on an SSHHost whose machine is gone while its
// remains are still on the host, which did not answer or would not be reset.
// Its value is the UID of the owner that the host itself has recorded. The
// host is not used before it has been cleaned; whoever has cleaned it by hand
// takes the annotation away.
const NeedsCleaningAnnotation = "infrastructure.groundwork.dev/needs-cleaning"

// SSHHostSpec says how a host is reached, and whose it is.
type SSHHostSpec struct {
	// hostname is the host's name as a node.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Hostname string `json:"hostname,omitempty"`
	// address is an IP address or a DNS name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Address string `json:"address,omitempty"`
	// port is that of the SSH server.
	// +optional
	// +kubebuilder:default=22
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port,omitempty"`
	// user is who logs in: root, or somebody who may use sudo.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	User string `json:"user,omitempty"`
	// hostKeyFingerprint is the SHA-256 of the host's key as ssh-keygen -lf
	// prints it. A host with another key is refused.
	// +required
	// +kubebuilder:validation:Pattern=`^SHA256:[A-Za-z0-9+/]{43}$`
	HostKeyFingerprint string `json:"hostKeyFingerprint,omitempty"`
	// credentialsRef is where the private key is.
	// +required
	CredentialsRef CredentialsReference `json:"credentialsRef,omitempty,omitzero"`
	// consumerRef is the SSHMachine that has claimed the host. The controller
	// sets it, here and not in the status so that it survives clusterctl move.
	// +optional
	ConsumerRef ConsumerReference `json:"consumerRef,omitempty,omitzero"`
}

// CredentialsReference names a Secret of the same namespace.
type CredentialsReference struct {
	// name is the Secret's.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
	// key is where in it the private key is, in PEM or OpenSSH format and
	// without a passphrase.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
	// sudoPasswordKey is where in it the password for sudo is; none where
	// sudo asks for none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	SudoPasswordKey string `json:"sudoPasswordKey,omitempty"`
}

// ConsumerReference names an SSHMachine of the same namespace.
type ConsumerReference struct {
	// name is the SSHMachine's.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
	// uid is the one that the SSHMachine had when it claimed the host. The
	// host itself records it; after a clusterctl move the SSHMachine has
	// another one.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	UID string `json:"uid,omitempty"`
}

// SSHHostStatus is what has been observed of a host.
// +kubebuilder:validation:MinProperties=1
type SSHHostStatus struct {
	// conditions are Reachable, Clean, Available and Paused.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=32
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// facts are what the host has said about itself.
	// +optional
	Facts HostFacts `json:"facts,omitempty,omitzero"`
	// lastSeen is when the host last answered.
	// +optional
	LastSeen *metav1.Time `json:"lastSeen,omitempty"`
}

// HostFacts are what a host says about itself.
// +kubebuilder:validation:MinProperties=1
type HostFacts struct {
	// hostname is the host's own.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Hostname string `json:"hostname,omitempty"`
	// os is the operating system's name and version: "Ubuntu 24.04.2 LTS".
	// +optional
	// +kubebuilder:validation:MaxLength=256
	OS string `json:"os,omitempty"`
	// kernel is its release, as uname -r prints it.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Kernel string `json:"kernel,omitempty"`
	// arch is the processor architecture: amd64, arm64.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Arch string `json:"arch,omitempty"`
	// cpus is how many processors it has.
	// +optional
	// +kubebuilder:validation:Minimum=0
	CPUs int32 `json:"cpus,omitempty"`
	// memory is how much it has, in bytes.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Memory int64 `json:"memory,omitempty"`
}

// SSHHost is a host that already runs Linux.
//
// +kubebuilder:object:root=true
// +kubebuilder:metadata:labels="cluster.x-k8s.io/v1beta2=v1alpha1"
// +kubebuilder:resource:path=sshhosts,scope=Namespaced,categories=cluster-api
// +kubebuilder:storageversion
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Cluster",type="string",JSONPath=".metadata.labels['cluster\\.x-k8s\\.io/cluster-name']",description="Cluster"
// +kubebuilder:printcolumn:name="Address",type="string",JSONPath=".spec.address",description="Address"
// +kubebuilder:printcolumn:name="Machine",type="string",JSONPath=".spec.consumerRef.name",description="Machine that has claimed the host"
// +kubebuilder:printcolumn:name="Reachable",type="string",JSONPath=".status.conditions[?(@.type==\"Reachable\")].status",description="Host answers"
// +kubebuilder:printcolumn:name="Clean",type="string",JSONPath=".status.conditions[?(@.type==\"Clean\")].status",description="Nothing of a cluster is on the host"
// +kubebuilder:printcolumn:name="Available",type="string",JSONPath=".status.conditions[?(@.type==\"Available\")].status",description="Host can be claimed"
// +kubebuilder:printcolumn:name="OS",type="string",JSONPath=".status.facts.os",description="Operating system",priority=10
// +kubebuilder:printcolumn:name="Last seen",type="date",JSONPath=".status.lastSeen",description="Time since the host last answered",priority=10
// +kubebuilder:printcolumn:name="Age",type="date",JSONPath=".metadata.creationTimestamp",description="Time since creation"
type SSHHost struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`
	// +required
	Spec SSHHostSpec `json:"spec,omitempty,omitzero"`
	// +optional
	Status SSHHostStatus `json:"status,omitempty,omitzero"`
}

// GetConditions returns the conditions.
func (h *SSHHost) GetConditions() []metav1.Condition { return h.Status.Conditions }

// SetConditions sets the conditions.
func (h *SSHHost) SetConditions(conditions []metav1.Condition) { h.Status.Conditions = conditions }

// SSHHostList is a list of SSHHosts.
//
// +kubebuilder:object:root=true
type SSHHostList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []SSHHost `json:"items"`
}
