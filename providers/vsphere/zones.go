package vsphere

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	infrav1 "sigs.k8s.io/cluster-api-provider-vsphere/api/govmomi/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers/kubeadm"
)

// What EKS Anywhere calls the vSphere tag categories and the labels of its
// deployment zones.
const (
	regionCategory      = "k8s-region"
	zoneCategory        = "k8s-zone"
	zoneClusterLabel    = "infrastructure.cluster.x-k8s.io/cluster-name"
	zoneDatacenterLabel = "infrastructure.cluster.x-k8s.io/vsphere-datacenter-config-name"
)

// failureDomains are the places that worker groups name: a failure domain,
// which is where, and a deployment zone, which is how machines get there.
// Both are cluster-scoped, so their names begin with the cluster's.
func (p *Provider) failureDomains() []client.Object {
	var objects []client.Object
	for _, domain := range p.site.FailureDomains {
		place := p.settled.Domain(domain)
		meta := metav1.ObjectMeta{Name: p.zoneName(domain.Name), Labels: kubeadm.Labels(p.cluster)}
		meta.Labels[zoneClusterLabel] = p.cluster.Name
		meta.Labels[zoneDatacenterLabel] = p.options.Config.VSphereDatacenter.Name
		forControlPlane := false
		objects = append(objects,
			&infrav1.VSphereFailureDomain{
				TypeMeta:   typeMeta("VSphereFailureDomain"),
				ObjectMeta: *meta.DeepCopy(),
				Spec: infrav1.VSphereFailureDomainSpec{
					Region: infrav1.FailureDomain{Name: p.site.Datacenter, Type: infrav1.DatacenterFailureDomain, TagCategory: regionCategory},
					Zone:   infrav1.FailureDomain{Name: domain.ComputeCluster, Type: infrav1.ComputeClusterFailureDomain, TagCategory: zoneCategory},
					Topology: infrav1.Topology{
						Datacenter:     p.site.Datacenter,
						ComputeCluster: domain.ComputeCluster,
						Datastore:      domain.Datastore,
						Networks:       []string{domain.Network},
					},
				},
			},
			&infrav1.VSphereDeploymentZone{
				TypeMeta:   typeMeta("VSphereDeploymentZone"),
				ObjectMeta: meta,
				Spec: infrav1.VSphereDeploymentZoneSpec{
					Server:              p.site.Server,
					FailureDomain:       meta.Name,
					ControlPlane:        &forControlPlane,
					PlacementConstraint: infrav1.PlacementConstraint{ResourcePool: place.ResourcePool, Folder: place.Folder},
				},
			})
	}
	return objects
}

func (p *Provider) zoneName(domain string) string {
	return fmt.Sprintf("%s-%s-%s", p.cluster.Name, p.options.Config.VSphereDatacenter.Name, domain)
}

// workerZone is the deployment zone of the group's machines, or "". A group
// is in one place: a MachineDeployment names one failure domain.
func (p *Provider) workerZone(group v1alpha1.WorkerNodeGroupConfiguration) (string, error) {
	switch len(group.FailureDomains) {
	case 0:
		return "", nil
	case 1:
		return p.zoneName(group.FailureDomains[0]), nil
	}
	return "", &failure.Error{
		Code:    failure.Configuration,
		Summary: fmt.Sprintf("worker group %s names %d failure domains, and can be in one", group.Name, len(group.FailureDomains)),
		Object:  "Cluster " + p.cluster.Name,
		Remedy:  "make one worker group for each failure domain",
	}
}
