package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SSHDatacenterConfig is hosts that already run Linux and are reached over
// SSH.
type SSHDatacenterConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec SSHDatacenterConfigSpec `json:"spec,omitempty"`
}

// SSHDatacenterConfigSpec is the desired state of an SSHDatacenterConfig.
//
// Load replaces HardwareFile and KnownHostsFile by what they say: it adds
// their machines to Hosts and their keys to hosts without one, and empties
// the fields. It makes paths absolute that are relative to the configuration
// file's folder, or begin with "~/".
type SSHDatacenterConfigSpec struct {
	// HardwareFile is the path of a CSV of hosts, in EKS Anywhere's format.
	HardwareFile string `json:"hardwareFile,omitempty"`
	// User, Port and KeyFile are the defaults of every host.
	User string `json:"user,omitempty"`
	// Port is 1 to 65535; it defaults to DefaultSSHPort.
	Port int `json:"port,omitempty"`
	// KeyFile is the path of a private key. It is not read here.
	KeyFile string `json:"keyFile,omitempty"`
	// KnownHostsFile is the path of a known_hosts file, which pins the keys of
	// hosts without a HostKeyFingerprint.
	KnownHostsFile string    `json:"knownHostsFile,omitempty"`
	NodeFiles      NodeFiles `json:"nodeFiles,omitzero"`
	// Hosts have unique names and addresses.
	Hosts []SSHHost `json:"hosts,omitempty"`
}

// NodeFiles is the bundle of binaries and container images that makes a host
// a node.
type NodeFiles struct {
	// Location is the path of a directory or a .tar file, or an https URL.
	Location string `json:"location"`
	// Digest is that of the bundle's index: "sha256:" and 64 hexadecimal
	// digits. A URL must have one.
	Digest string `json:"digest,omitempty"`
}

// SSHHost is one host.
type SSHHost struct {
	// Name becomes the node's name.
	Name string `json:"name"`
	// Address is an IP address; it becomes the node's address.
	Address string `json:"address"`
	// Port, User and KeyFile default to the datacenter's.
	Port    int    `json:"port,omitempty"`
	User    string `json:"user,omitempty"`
	KeyFile string `json:"keyFile,omitempty"`
	// HostKeyFingerprint is the SHA-256 of the host's key as ssh-keygen -lf
	// prints it: "SHA256:" and 43 characters of base64.
	HostKeyFingerprint string `json:"hostKeyFingerprint,omitempty"`
	// Labels choose the host's role in the cluster.
	Labels map[string]string `json:"labels,omitempty"`
}

// SSHMachineConfig is one kind of host.
type SSHMachineConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec SSHMachineConfigSpec `json:"spec,omitempty"`
}

// SSHMachineConfigSpec is the desired state of an SSHMachineConfig.
type SSHMachineConfigSpec struct {
	// HardwareSelector is one or more labels, all of which a host has.
	HardwareSelector HardwareSelector `json:"hardwareSelector,omitempty"`
	// OSFamily is what the hosts run. It may be empty, except with
	// CertBundles, whose place depends on it.
	OSFamily OSFamily `json:"osFamily,omitempty"`
	// Users are made on the hosts in addition to those that they have.
	Users               []UserConfiguration  `json:"users,omitempty"`
	HostOSConfiguration *HostOSConfiguration `json:"hostOSConfiguration,omitempty"`
}

// Matches reports whether a host with these labels is selected; an empty
// selector selects none.
func (s HardwareSelector) Matches(labels map[string]string) bool {
	for key, value := range s {
		if own, ok := labels[key]; !ok || own != value {
			return false
		}
	}
	return len(s) > 0
}
