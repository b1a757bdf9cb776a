package vsphere

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	infrav1 "sigs.k8s.io/cluster-api-provider-vsphere/api/govmomi/v1beta2"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/kubeadm"
)

// secondaryMetric ranks the default route of a further network below the
// first network's, which DHCP gives 100 on every supported system.
const secondaryMetric int32 = 200

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: infrav1.GroupVersion.String(), Kind: kind}
}

func (p *Provider) vsphereCluster() *infrav1.VSphereCluster {
	return &infrav1.VSphereCluster{
		TypeMeta:   typeMeta("VSphereCluster"),
		ObjectMeta: kubeadm.Meta(p.cluster, p.cluster.Name),
		Spec: infrav1.VSphereClusterSpec{
			Server:     p.site.Server,
			Thumbprint: p.thumbprint(),
			ControlPlaneEndpoint: infrav1.APIEndpoint{
				Host: p.cluster.Spec.ControlPlaneConfiguration.Endpoint.Host,
				Port: kubeadm.APIServerPort,
			},
			IdentityRef: infrav1.VSphereIdentityReference{Kind: infrav1.SecretKind, Name: p.identity()},
		},
	}
}

// machineTemplate is what the group's virtual machines are made from. It
// cannot be changed once it is there, so its name follows its content. It has
// no thumbprint: CAPV takes the VSphereCluster's, and a vCenter whose
// certificate was renewed keeps its machines.
func (p *Provider) machineTemplate(base string, machine *v1alpha1.VSphereMachineConfig) (*infrav1.VSphereMachineTemplate, error) {
	place := p.settled.Machine(machine)
	spec := infrav1.VSphereMachineTemplateSpec{Template: infrav1.VSphereMachineTemplateResource{
		Spec: infrav1.VSphereMachineSpec{VirtualMachineCloneSpec: infrav1.VirtualMachineCloneSpec{
			Server: p.site.Server,
			// CAPV's own default. Left out, it is missed and filled in again
			// at every look at a machine.
			OS:                infrav1.Linux,
			Datacenter:        p.site.Datacenter,
			Template:          place.Template,
			CloneMode:         infrav1.CloneMode(place.CloneMode),
			Datastore:         machine.Spec.Datastore,
			Folder:            place.Folder,
			ResourcePool:      place.ResourcePool,
			StoragePolicyName: machine.Spec.StoragePolicyName,
			NumCPUs:           int32(machine.Spec.NumCPUs),
			MemoryMiB:         int64(machine.Spec.MemoryMiB),
			DiskGiB:           int32(place.DiskGiB),
			TagIDs:            machine.Spec.TagIDs,
			Network:           infrav1.NetworkSpec{Devices: p.devices(machine)},
		}},
	}}
	name, err := kubeadm.ContentName(base, spec)
	if err != nil {
		return nil, err
	}
	return &infrav1.VSphereMachineTemplate{
		TypeMeta:   typeMeta("VSphereMachineTemplate"),
		ObjectMeta: kubeadm.Meta(p.cluster, name),
		Spec:       spec,
	}, nil
}

// devices are the machine's network cards: one in the datacenter's network,
// or one in each of its own. The first has the pool's addresses where the
// machine has a pool, and the default route in any case.
func (p *Provider) devices(machine *v1alpha1.VSphereMachineConfig) []infrav1.NetworkDeviceSpec {
	networks := machine.Spec.Networks
	if len(networks) == 0 {
		networks = []string{p.site.Network}
	}
	devices := make([]infrav1.NetworkDeviceSpec, 0, len(networks))
	for i, network := range networks {
		device := infrav1.NetworkDeviceSpec{NetworkName: network}
		pool := p.poolFor(machine.Name)
		switch {
		case i == 0 && pool != nil:
			device.AddressesFromPools = []infrav1.IPPoolReference{p.poolRef(pool)}
			device.Nameservers = pool.Spec.Nameservers
		default:
			dhcp := true
			device.DHCP4 = &dhcp
		}
		if i > 0 {
			metric := secondaryMetric
			device.DHCP4Overrides = &infrav1.DHCPOverrides{RouteMetric: &metric}
		}
		devices = append(devices, device)
	}
	return devices
}
