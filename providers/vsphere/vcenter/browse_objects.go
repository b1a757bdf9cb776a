package vcenter

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"golang.org/x/sync/errgroup"
)

// browsedKinds are what a datacenter is browsed for. Where a kind has
// subtypes the vCenter returns those too.
var browsedKinds = []string{"Folder", "StoragePod", "ComputeResource", "ResourcePool", "Datastore", "Network", "VirtualMachine"}

// objects lists the datacenters, and what is in the one asked for.
func (b *browser) objects(ctx context.Context, datacenter string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return b.datacenters(ctx) })
	if datacenter != "" {
		group.Go(func() error {
			// A finder of its own: the client's belongs to the checks.
			dc, err := lookUp(ctx, "datacenter", datacenter, find.NewFinder(b.client.vim).DatacenterList)
			if err != nil {
				return err
			}
			return b.inside(ctx, dc)
		})
	}
	return group.Wait()
}

func (b *browser) datacenters(ctx context.Context) error {
	v, end, err := b.viewOf(ctx, b.client.vim.ServiceContent.RootFolder, "Datacenter")
	if err != nil {
		return err
	}
	defer end()
	var all []mo.Datacenter
	if err := v.Retrieve(ctx, []string{"Datacenter"}, []string{"name"}, &all); err != nil {
		return fmt.Errorf("listing the datacenters: %w", err)
	}
	b.found.Datacenters = make([]Entry, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(browseCalls)
	for i, dc := range all {
		group.Go(func() error {
			at, err := find.InventoryPath(ctx, b.client.vim, dc.Self)
			b.found.Datacenters[i] = Entry{Path: at}
			if err != nil {
				return fmt.Errorf("reading the place of the datacenter %s: %w", dc.Name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// browseCalls is how many calls to the vCenter are under way at a time where
// there is one for each of many things.
const browseCalls = 16

// viewOf is a view of what is below root. end ends it, which else lives as
// long as the session.
func (b *browser) viewOf(ctx context.Context, root types.ManagedObjectReference, kinds ...string) (*view.ContainerView, func(), error) {
	v, err := view.NewManager(b.client.vim).CreateContainerView(ctx, root, kinds, true)
	if err != nil {
		return nil, nil, fmt.Errorf("looking into the inventory: %w", err)
	}
	return v, func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		_ = v.Destroy(ending) // the session's end does it too
	}, nil
}

// contents are the objects of a datacenter, as far as they are of use.
type contents struct {
	folders    []mo.Folder
	pods       []mo.StoragePod
	computes   []mo.ComputeResource
	pools      []mo.ResourcePool
	datastores []mo.Datastore
	networks   []mo.Network
	groups     []mo.DistributedVirtualPortgroup
	machines   []mo.VirtualMachine
}

// inside lists what is in the datacenter: one call for each kind, however
// many there are.
func (b *browser) inside(ctx context.Context, dc *object.Datacenter) error {
	v, end, err := b.viewOf(ctx, dc.Reference(), browsedKinds...)
	if err != nil {
		return err
	}
	defer end()
	var c contents
	group, reading := errgroup.WithContext(ctx)
	read := func(into any, kind string, properties ...string) {
		group.Go(func() error {
			if err := v.Retrieve(reading, []string{kind}, append(properties, "name", "parent"), into); err != nil {
				return fmt.Errorf("listing the objects of the kind %s: %w", kind, err)
			}
			return nil
		})
	}
	read(&c.folders, "Folder")
	read(&c.pods, "StoragePod")
	read(&c.computes, "ComputeResource", "summary")
	read(&c.pools, "ResourcePool", "runtime.memory")
	read(&c.datastores, "Datastore", "summary")
	read(&c.networks, "Network", "summary")
	read(&c.groups, "DistributedVirtualPortgroup", "config.uplink", "config.defaultPortConfig")
	read(&c.machines, "VirtualMachine", "config.template")
	if err := group.Wait(); err != nil {
		return err
	}
	at := c.locate(dc)
	b.listPlaces(c, at)
	b.listStores(c, at)
	b.listNetworks(c, at)
	return b.listTemplates(ctx, c, at)
}

// locations maps objects to the inventory paths that the finder has for them.
type locations struct {
	names   map[types.ManagedObjectReference]string
	parents map[types.ManagedObjectReference]types.ManagedObjectReference
	root    types.ManagedObjectReference
	top     string
}

// locate knows the parents of all that has a path below dc.
func (c *contents) locate(dc *object.Datacenter) *locations {
	p := &locations{root: dc.Reference(), top: dc.InventoryPath,
		names: map[types.ManagedObjectReference]string{}, parents: map[types.ManagedObjectReference]types.ManagedObjectReference{}}
	for _, o := range c.folders {
		p.add(o.ManagedEntity)
	}
	for _, o := range c.pods {
		p.add(o.ManagedEntity)
	}
	for _, o := range c.computes {
		p.add(o.ManagedEntity)
	}
	for _, o := range c.pools {
		p.add(o.ManagedEntity)
	}
	for _, o := range c.datastores {
		p.add(o.ManagedEntity)
	}
	for _, o := range c.networks {
		p.addNamed(o.ManagedEntity, o.Name)
	}
	for _, o := range c.machines {
		p.add(o.ManagedEntity)
	}
	return p
}

func (p *locations) add(o mo.ManagedEntity) { p.addNamed(o, o.Name) }

// addNamed is add for kinds that have a name of their own beside the entity's.
func (p *locations) addNamed(o mo.ManagedEntity, name string) {
	if o.Parent != nil {
		p.names[o.Self], p.parents[o.Self] = name, *o.Parent
	}
}

// of is an object's path; false where the user does not see the way there.
func (p *locations) of(ref types.ManagedObjectReference) (string, bool) {
	var names []string
	for ref != p.root {
		name, ok := p.names[ref]
		if !ok || len(names) > maxDepth {
			return "", false
		}
		names = append(names, name)
		ref = p.parents[ref]
	}
	slices.Reverse(names)
	return path.Join(append([]string{p.top}, names...)...), true
}

// maxDepth is deeper than any inventory; it ends what would go round in
// circles.
const maxDepth = 100

// listPlaces lists where machines can be put.
func (b *browser) listPlaces(c contents, p *locations) {
	for _, o := range c.folders {
		if at, ok := p.of(o.Self); ok && b.isMachineFolder(p, at) && o.Self.Type == "Folder" {
			b.found.Folders = append(b.found.Folders, Entry{Path: at})
		}
	}
	for _, o := range c.computes {
		if at, ok := p.of(o.Self); ok && o.Self.Type == "ClusterComputeResource" && o.Summary != nil {
			b.found.ComputeClusters = append(b.found.ComputeClusters, computeEntry(at, o.Summary.GetComputeResourceSummary()))
		}
	}
	for _, o := range c.pools {
		at, ok := p.of(o.Self)
		if !ok || o.Self.Type != "ResourcePool" { // a vApp is no place for nodes
			continue
		}
		e := Entry{Path: at}
		if memory := o.Runtime.Memory; memory.MaxUsage > 0 {
			e.Detail = size(max(0, memory.MaxUsage-memory.OverallUsage)) + " of memory free"
		}
		b.found.ResourcePools = append(b.found.ResourcePools, e)
	}
}

func (b *browser) isMachineFolder(p *locations, at string) bool {
	return strings.HasPrefix(at+"/", path.Join(p.top, "vm")+"/")
}

func computeEntry(at string, s *types.ComputeResourceSummary) Entry {
	e := Entry{Path: at, Detail: fmt.Sprintf("%s, %d threads, %s of memory", hosts(int(s.NumHosts)), s.NumCpuThreads, size(s.TotalMemory))}
	if s.NumEffectiveHosts == 0 {
		e.Unfit = "none of its hosts is in service"
	}
	return e
}

func hosts(n int) string {
	if n == 1 {
		return "1 host"
	}
	return fmt.Sprintf("%d hosts", n)
}
