package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// VSphereDatacenterConfig is the vCenter and the place in it.
type VSphereDatacenterConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec VSphereDatacenterConfigSpec `json:"spec,omitempty"`
}

// VSphereDatacenterConfigSpec is the desired state of a
// VSphereDatacenterConfig.
type VSphereDatacenterConfigSpec struct {
	Datacenter string `json:"datacenter"`
	// Network is a name or inventory path; defaults make it a full path.
	Network string `json:"network"`
	// Server is the vCenter's host name or address, without a scheme.
	Server string `json:"server"`
	// Thumbprint is the SHA-1 of the vCenter's certificate; empty trusts the
	// system's authorities.
	Thumbprint     string          `json:"thumbprint"`
	Insecure       bool            `json:"insecure"`
	FailureDomains []FailureDomain `json:"failureDomains,omitempty"`
}

// FailureDomain is a place for workers; every field is required and a name
// or an inventory path.
type FailureDomain struct {
	Name           string `json:"name"`
	ComputeCluster string `json:"computeCluster"`
	ResourcePool   string `json:"resourcePool"`
	Datastore      string `json:"datastore"`
	Folder         string `json:"folder"`
	Network        string `json:"network"`
}

// VSphereMachineConfig is one kind of virtual machine.
type VSphereMachineConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec VSphereMachineConfigSpec `json:"spec,omitempty"`
}

// VSphereMachineConfigSpec is the desired state of a VSphereMachineConfig.
type VSphereMachineConfigSpec struct {
	// DiskGiB defaults to 25.
	DiskGiB   int    `json:"diskGiB,omitempty"`
	Datastore string `json:"datastore"`
	Folder    string `json:"folder"`
	// NumCPUs defaults to 2.
	NumCPUs int `json:"numCPUs"`
	// MemoryMiB defaults to 8192, and is at least 2048.
	MemoryMiB         int      `json:"memoryMiB"`
	OSFamily          OSFamily `json:"osFamily"`
	ResourcePool      string   `json:"resourcePool"`
	StoragePolicyName string   `json:"storagePolicyName,omitempty"`
	// Networks replace the datacenter's network; at most two.
	Networks []string `json:"networks,omitempty"`
	// Template is the name or inventory path of the template to clone.
	Template string              `json:"template,omitempty"`
	Users    []UserConfiguration `json:"users,omitempty"`
	// TagIDs are vSphere tag URNs.
	TagIDs              []string             `json:"tags,omitempty"`
	CloneMode           CloneMode            `json:"cloneMode,omitempty"`
	HostOSConfiguration *HostOSConfiguration `json:"hostOSConfiguration,omitempty"`
}

// CloneMode is how a virtual machine is made from its template.
type CloneMode string

// The clone modes. A linked clone needs a snapshot on the template and keeps
// its disk size; empty means linked where the template allows it.
const (
	FullClone   CloneMode = "fullClone"
	LinkedClone CloneMode = "linkedClone"
)

// VSphereAddressPool gives static addresses to nodes, beside DHCP, which
// every machine configuration without a pool keeps.
type VSphereAddressPool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec VSphereAddressPoolSpec `json:"spec,omitempty"`
}

// VSphereAddressPoolSpec is the desired state of a VSphereAddressPool.
type VSphereAddressPoolSpec struct {
	// Addresses are single addresses, ranges ("10.0.0.10-10.0.0.60") and
	// CIDR blocks.
	Addresses []string `json:"addresses"`
	// Prefix is the subnet's prefix length, 1 to 30.
	Prefix int `json:"prefix"`
	// Gateway is the default gateway, in the same subnet.
	Gateway     string   `json:"gateway"`
	Nameservers []string `json:"nameservers,omitempty"`
	// MachineConfigRefs are the VSphereMachineConfigs whose machines take
	// their addresses here.
	MachineConfigRefs []Ref `json:"machineConfigRefs"`
}
