package vcenter

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/verdict"
)

// computes reads the compute resources that own the resource pools.
func (s *survey) computes(ctx context.Context) (map[types.ManagedObjectReference]mo.ComputeResource, map[string]types.ManagedObjectReference, error) {
	var refs []types.ManagedObjectReference
	for _, p := range s.pools {
		refs = append(refs, p.Reference())
	}
	pools, err := retrieve[mo.ResourcePool](ctx, s.client, refs, "owner")
	if err != nil {
		return nil, nil, fmt.Errorf("reading the owners of the resource pools: %w", err)
	}
	owners := make(map[string]types.ManagedObjectReference, len(s.pools))
	var unique []types.ManagedObjectReference
	for name, p := range s.pools {
		owner := pools[p.Reference()].Owner
		owners[name] = owner
		if !slices.Contains(unique, owner) {
			unique = append(unique, owner)
		}
	}
	computes, err := retrieve[mo.ComputeResource](ctx, s.client, unique, "name", "datastore", "network", "host")
	if err != nil {
		return nil, nil, fmt.Errorf("reading the clusters of the resource pools: %w", err)
	}
	return computes, owners, nil
}

// checkPlacement looks whether the hosts behind each resource pool reach the
// datastore and networks of the machines in it: each may be there, and a
// clone fail all the same.
func (s *survey) checkPlacement(ctx context.Context, v *verdict.Verdict) error {
	v.Wants("datastores and networks attached to the clusters of the resource pools")
	computes, owners, err := s.computes(ctx)
	if err != nil {
		return s.broken(ctx, err)
	}
	for _, g := range s.plan.groups {
		owner, known := owners[g.pool]
		if !known {
			continue // the vCenter's default pool
		}
		c := computes[owner]
		before := len(v.Problems)
		if d := s.datastores[g.datastore]; d != nil && !slices.Contains(c.Datastore, d.Reference()) {
			v.Fails("Attach it to the cluster's hosts, or name a resource pool and a datastore that belong together.", "%s: the datastore %s is not attached to the hosts of %s", g.name, d.InventoryPath, c.Name)
		}
		for _, name := range g.networks {
			if n := s.networks[name]; n != nil && !slices.Contains(c.Network, n.Reference()) {
				v.Fails("Attach it to the cluster's hosts, or name a resource pool and a network that belong together.", "%s: the network %s is not attached to the hosts of %s", g.name, n.GetInventoryPath(), c.Name)
			}
		}
		if len(v.Problems) == before {
			v.Sees("%s: %s", g.name, c.Name)
		}
	}
	return nil
}

// checkFailureDomains looks whether every failure domain is whole and apart
// from the others, and what Cluster API Provider vSphere demands of it: the
// pool belongs to the compute cluster, and both it and the datacenter carry
// the tags of zone and region.
func (s *survey) checkFailureDomains(ctx context.Context, v *verdict.Verdict) error {
	domains := s.usedDomains()
	if len(domains) == 0 {
		v.Wants("no failure domains: no group of workers names one")
		return nil
	}
	v.Wants("complete and distinct failure domains whose datacenter and clusters are tagged")
	named := map[string]bool{}
	for _, d := range s.cfg.VSphereDatacenter.Spec.FailureDomains {
		if named[d.Name] {
			v.Fails("Give each failure domain its own name.", "two failure domains are called %s", d.Name)
		}
		named[d.Name] = true
		if d.ComputeCluster == "" || d.ResourcePool == "" || d.Datastore == "" || d.Folder == "" || d.Network == "" {
			v.Fails("Set computeCluster, resourcePool, datastore, folder and network of each.", "the failure domain %s is incomplete", d.Name)
		}
	}
	_, owners, err := s.computes(ctx)
	if err != nil {
		return s.broken(ctx, err)
	}
	if err := s.checkZoneTag(ctx, v, regionCategory, s.cfg.VSphereDatacenter.Spec.Datacenter, s.client.datacenter); err != nil {
		return err
	}
	for _, d := range domains {
		cluster, err := lookUp(ctx, "compute cluster", d.ComputeCluster, s.client.finder.ClusterComputeResourceList)
		if s.reportLookup(v, err, []string{"failure domain " + d.Name}) {
			continue
		}
		if err != nil {
			return s.broken(ctx, err)
		}
		if owner, known := owners[d.ResourcePool]; known && owner != cluster.Reference() {
			v.Fails("Name a resource pool of that cluster.", "failure domain %s: the resource pool %s is not in the cluster %s", d.Name, s.pools[d.ResourcePool].InventoryPath, cluster.InventoryPath)
			continue
		}
		if err := s.checkZoneTag(ctx, v, zoneCategory, d.ComputeCluster, cluster); err != nil {
			return err
		}
		v.Sees("%s: %s", d.Name, cluster.InventoryPath)
	}
	return nil
}

// usedDomains are the failure domains that groups of machines are placed in.
func (s *survey) usedDomains() []v1alpha1.FailureDomain {
	var used []v1alpha1.FailureDomain
	for _, d := range s.cfg.VSphereDatacenter.Spec.FailureDomains {
		if slices.ContainsFunc(s.cfg.Cluster.Spec.WorkerNodeGroupConfigurations, func(w v1alpha1.WorkerNodeGroupConfiguration) bool {
			return slices.Contains(w.FailureDomains, d.Name)
		}) {
			used = append(used, d)
		}
	}
	return used
}

// checkZoneTag looks for the tag name of category on o, and where it is
// missing whether Prepare may make it.
func (s *survey) checkZoneTag(ctx context.Context, v *verdict.Verdict, category, name string, o object.Reference) error {
	z, err := s.client.lookAtZoneTag(ctx, category, name, o)
	if err != nil {
		return s.broken(ctx, err)
	}
	if z.attached {
		return nil
	}
	root := s.client.vim.ServiceContent.RootFolder
	held, err := s.held(ctx, []types.ManagedObjectReference{root})
	if err != nil {
		return s.broken(ctx, err)
	}
	lacking, _ := missing(z.needs(), held[root])
	if len(lacking) == 0 {
		v.Sees("%s gets the tag %q of the category %s", inventoryPath(o), name, category)
		return nil
	}
	v.Fails(fmt.Sprintf("govc tags.category.create -t Datacenter -t ClusterComputeResource %s; govc tags.create -c %s %q; govc tags.attach -c %s %q %s", category, category, name, category, name, inventoryPath(o)),
		"%s has no tag %q of the category %s, and %s lacks %s on the vCenter to make it", inventoryPath(o), name, category, s.client.user, strings.Join(lacking, ", "))
	return nil
}
