package vsphere

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ipamv1 "sigs.k8s.io/cluster-api-ipam-provider-in-cluster/api/v1alpha2"
	infrav1 "sigs.k8s.io/cluster-api-provider-vsphere/api/govmomi/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/kubeadm"
)

const poolKind = "InClusterIPPool"

// addressPools are where machines with static addresses get them.
func (p *Provider) addressPools() []client.Object {
	var pools []client.Object
	for _, pool := range p.options.Config.AddressPools {
		pools = append(pools, &ipamv1.InClusterIPPool{
			TypeMeta:   metav1.TypeMeta{APIVersion: ipamv1.GroupVersion.String(), Kind: poolKind},
			ObjectMeta: kubeadm.Meta(p.cluster, p.poolName(pool)),
			Spec: ipamv1.InClusterIPPoolSpec{
				Addresses: pool.Spec.Addresses,
				Prefix:    pool.Spec.Prefix,
				Gateway:   pool.Spec.Gateway,
			},
		})
	}
	return pools
}

func (p *Provider) poolName(pool *v1alpha1.VSphereAddressPool) string {
	return p.cluster.Name + "-" + pool.Name
}

func (p *Provider) poolRef(pool *v1alpha1.VSphereAddressPool) infrav1.IPPoolReference {
	return infrav1.IPPoolReference{APIGroup: ipamv1.GroupVersion.Group, Kind: poolKind, Name: p.poolName(pool)}
}

// poolFor is the pool of the machine configuration, or nil: DHCP.
func (p *Provider) poolFor(machine string) *v1alpha1.VSphereAddressPool {
	for _, pool := range p.options.Config.AddressPools {
		for _, ref := range pool.Spec.MachineConfigRefs {
			if ref.Name == machine && (ref.Kind == "" || ref.Kind == v1alpha1.VSphereMachineConfigKind) {
				return pool
			}
		}
	}
	return nil
}
