package v1alpha1

import (
	"encoding/hex"
	"fmt"
	"net"
	"strings"
)

func (v *validator) vsphere() {
	if v.config.VSphereDatacenter != nil {
		v.vsphereDatacenter(v.config.VSphereDatacenter)
	}
	for _, machine := range byName(v.config.VSphereMachines) {
		v.vsphereMachine(machine)
	}
	v.controlPlaneNetworks()
	v.sameOSFamily()
}

func (v *validator) vsphereDatacenter(d *VSphereDatacenterConfig) {
	v.required(d, "spec.datacenter", d.Spec.Datacenter, "write the datacenter's name in the vCenter")
	if v.required(d, "spec.network", d.Spec.Network, "write the name or the inventory path of the machines' network") {
		v.networkPath(d, "spec.network", d.Spec.Network)
	}
	if v.required(d, "spec.server", d.Spec.Server, "write the vCenter's host name or address") {
		v.vcenterServer(d)
	}
	if d.Spec.Thumbprint != "" {
		v.thumbprint(d)
	}
	names := map[string]int{}
	for i := range d.Spec.FailureDomains {
		path := fmt.Sprintf("spec.failureDomains[%d]", i)
		domain := &d.Spec.FailureDomains[i]
		v.failureDomain(d, path, domain)
		if first, twice := names[domain.Name]; twice && domain.Name != "" {
			v.add(d, path+".name", fmt.Sprintf("failureDomains[%d] has the same name %s", first, quote(domain.Name)), "give one of them another name")
			continue
		}
		names[domain.Name] = i
	}
}

func (v *validator) vcenterServer(d *VSphereDatacenterConfig) {
	host := d.Spec.Server
	if name, port, err := net.SplitHostPort(host); err == nil && isPort(port) {
		host = name
	}
	if _, rest, found := strings.Cut(host, "://"); found {
		v.add(d, "spec.server", "the server is a URL, and it must be a host name or an address", "write only "+strings.TrimSuffix(rest, "/"))
		return
	}
	// Underscores are no part of host names, but of names in real vCenters.
	if !isHost(strings.ReplaceAll(host, "_", "-")) {
		v.add(d, "spec.server", fmt.Sprintf("%s is neither a host name nor an address", quote(host)), "write the vCenter's host name or address")
	}
}

// thumbprint validates a SHA-1, which is what CAPV compares.
func (v *validator) thumbprint(d *VSphereDatacenterConfig) {
	digits, err := hex.DecodeString(strings.ReplaceAll(d.Spec.Thumbprint, ":", ""))
	const remedy = "write 20 bytes in hexadecimal with colons between, as `openssl x509 -fingerprint -sha1 -noout` prints them"
	switch {
	case err == nil && len(digits) == 20:
	case err == nil && len(digits) == 32:
		v.add(d, "spec.thumbprint", "this is a SHA-256 thumbprint, and a SHA-1 is needed", remedy)
	default:
		v.add(d, "spec.thumbprint", fmt.Sprintf("%s is not the SHA-1 thumbprint of a certificate", quote(d.Spec.Thumbprint)), remedy)
	}
}

// networkPath validates that an inventory path is of the datacenter's networks.
func (v *validator) networkPath(d *VSphereDatacenterConfig, path, network string) {
	if prefix := "/" + strings.Trim(d.Spec.Datacenter, "/") + "/network/"; d.Spec.Datacenter != "" && strings.HasPrefix(network, "/") && !strings.HasPrefix(network, prefix) {
		v.add(d, path, fmt.Sprintf("the network %s is not one of the datacenter %s", quote(network), quote(d.Spec.Datacenter)), "write its name, or a path below "+prefix)
	}
}

func (v *validator) failureDomain(d *VSphereDatacenterConfig, path string, domain *FailureDomain) {
	for _, field := range []struct{ name, value, what string }{
		{"name", domain.Name, "a name, by which worker groups refer to it"},
		{"computeCluster", domain.ComputeCluster, "the name or inventory path of a cluster"},
		{"resourcePool", domain.ResourcePool, "the name or inventory path of a resource pool"},
		{"datastore", domain.Datastore, "the name or inventory path of a datastore"},
		{"folder", domain.Folder, "the name or inventory path of a folder"},
		{"network", domain.Network, "the name or inventory path of a network"},
	} {
		v.required(d, path+"."+field.name, field.value, "write "+field.what)
	}
	if domain.Network != "" {
		v.networkPath(d, path+".network", domain.Network)
	}
}

func (v *validator) vsphereMachine(m *VSphereMachineConfig) {
	spec := &m.Spec
	v.required(m, "spec.datastore", spec.Datastore, "write the name or inventory path of a datastore")
	v.required(m, "spec.resourcePool", spec.ResourcePool, "write the name or inventory path of a resource pool, such as */Resources")
	v.positive(m, "spec.numCPUs", spec.NumCPUs, DefaultNumCPUs)
	v.positive(m, "spec.diskGiB", spec.DiskGiB, DefaultDiskGiB)
	if v.positive(m, "spec.memoryMiB", spec.MemoryMiB, DefaultMemoryMiB) && spec.MemoryMiB%4 != 0 {
		v.add(m, "spec.memoryMiB", fmt.Sprintf("vSphere gives memory in steps of 4 MiB, and %d is none", spec.MemoryMiB), fmt.Sprintf("write %d", (spec.MemoryMiB/4+1)*4))
	}
	v.osFamily(m, spec.OSFamily)
	if spec.Template == "" && spec.OSFamily != Bottlerocket {
		v.add(m, "spec.template", "the field is missing or empty", "write the name or inventory path of the template to clone")
	}
	if spec.CloneMode != "" {
		v.oneOf(m, "spec.cloneMode", string(spec.CloneMode), []string{string(FullClone), string(LinkedClone)})
	}
	v.machineNetworks(m)
	for i, tag := range spec.TagIDs {
		if !strings.HasPrefix(tag, "urn:vmomi:InventoryServiceTag:") {
			v.add(m, fmt.Sprintf("spec.tags[%d]", i), fmt.Sprintf("%s is not the ID of a tag", quote(tag)), "write the tag's URN, such as urn:vmomi:InventoryServiceTag:8e0ce079-0677-48d6-8865-19ada4e6dabd:GLOBAL")
		}
	}
	v.users(m, spec.Users)
	if spec.OSFamily == Bottlerocket && len(spec.Users) > 0 && spec.Users[0].Name != DefaultBottlerocketUser {
		v.add(m, "spec.users[0].name", fmt.Sprintf("the user is %s, and Bottlerocket has only %s", quote(spec.Users[0].Name), DefaultBottlerocketUser), "write "+DefaultBottlerocketUser)
	}
	v.hostOS(m, spec.HostOSConfiguration, spec.OSFamily)
}

func (v *validator) positive(object any, path string, n, example int) bool {
	if n <= 0 {
		v.add(object, path, fmt.Sprintf("%d is not a positive number", n), fmt.Sprintf("write one such as %d", example))
	}
	return n > 0
}

func (v *validator) machineNetworks(m *VSphereMachineConfig) {
	const most = 2
	if len(m.Spec.Networks) > most {
		v.add(m, "spec.networks", fmt.Sprintf("there are %d networks, and a machine can have %d", len(m.Spec.Networks), most), "keep at most two")
	}
	seen := map[string]bool{}
	for i, network := range m.Spec.Networks {
		path := fmt.Sprintf("spec.networks[%d]", i)
		if !v.required(m, path, network, "write the name or inventory path of a network") {
			continue
		}
		if seen[network] {
			v.add(m, path, fmt.Sprintf("the network %s is there twice", quote(network)), "keep one of them")
		}
		seen[network] = true
	}
}

// controlPlaneNetworks validates that networks are workers' alone: the
// control plane has the datacenter's network, and kube-vip uses it.
func (v *validator) controlPlaneNetworks() {
	spec := &v.config.Cluster.Spec
	refs := []*Ref{spec.ControlPlaneConfiguration.MachineGroupRef}
	if spec.ExternalEtcdConfiguration != nil {
		refs = append(refs, spec.ExternalEtcdConfiguration.MachineGroupRef)
	}
	for _, ref := range refs {
		if m := v.config.vsphereMachine(ref); m != nil && len(m.Spec.Networks) > 0 {
			v.add(m, "spec.networks", "the control plane's and etcd's machines are on the datacenter's network only", "remove networks, or give the workers a machine configuration of their own")
			return
		}
	}
}

// sameOSFamily is EKS Anywhere's rule for clusters with etcd machines.
func (v *validator) sameOSFamily() {
	spec := &v.config.Cluster.Spec
	controlPlane := v.config.vsphereMachine(spec.ControlPlaneConfiguration.MachineGroupRef)
	if spec.ExternalEtcdConfiguration == nil || controlPlane == nil {
		return
	}
	for _, m := range byName(v.config.VSphereMachines) {
		if m.Spec.OSFamily != controlPlane.Spec.OSFamily {
			v.add(m, "spec.osFamily", fmt.Sprintf("the family is %s, and the control plane's is %s", m.Spec.OSFamily, controlPlane.Spec.OSFamily), "use one family for all machines")
		}
	}
}

// vsphereMachine is the machine configuration that ref names, or nil.
func (c *Config) vsphereMachine(ref *Ref) *VSphereMachineConfig {
	if ref == nil || ref.Kind != VSphereMachineConfigKind {
		return nil
	}
	return c.VSphereMachines[ref.Name]
}
