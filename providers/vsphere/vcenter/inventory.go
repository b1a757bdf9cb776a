package vcenter

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// UseDatacenter makes name the datacenter that all other names are looked up
// in. It is called once, before the look-ups, and not at the same time.
func (c *Client) UseDatacenter(ctx context.Context, name string) error {
	dc, err := lookUp(ctx, "datacenter", name, c.finder.DatacenterList)
	if err != nil {
		return err
	}
	c.finder.SetDatacenter(dc)
	// The finder reads the datacenter's folders on first use, without a
	// lock; look-ups are made in parallel.
	if _, err := c.finder.DefaultFolder(ctx); err != nil {
		return fmt.Errorf("reading the folders of the datacenter %s: %w", dc.InventoryPath, err)
	}
	c.datacenter = dc
	return nil
}

// networks leaves the distributed switches out of the finder's list: a
// machine connects to one of their port groups.
func (c *Client) networks(ctx context.Context, name string) ([]object.NetworkReference, error) {
	found, err := c.finder.NetworkList(ctx, name)
	if err != nil || len(found) == 1 {
		return found, err //nolint:wrapcheck // lookUp and paths do
	}
	return slices.DeleteFunc(found, func(n object.NetworkReference) bool { return isSwitch(n.Reference()) }), nil
}

func isSwitch(ref types.ManagedObjectReference) bool {
	return ref.Type == "DistributedVirtualSwitch" || ref.Type == "VmwareDistributedVirtualSwitch"
}

// datastore is where virtual disks lie.
type datastore struct {
	path string
	free int64 // bytes
	// accessible is false where no host reaches it; maintenance is true
	// where it is in, or on its way into, maintenance mode.
	accessible  bool
	maintenance bool
	ref         types.ManagedObjectReference
}

// describeDatastores reads the space of each.
func (c *Client) describeDatastores(ctx context.Context, stores []*object.Datastore) ([]datastore, error) {
	refs := make([]types.ManagedObjectReference, len(stores))
	for i, d := range stores {
		refs[i] = d.Reference()
	}
	summaries, err := retrieve[mo.Datastore](ctx, c, refs, "summary")
	if err != nil {
		return nil, fmt.Errorf("reading the space of the datastores: %w", err)
	}
	described := make([]datastore, len(stores))
	for i, d := range stores {
		s := summaries[refs[i]].Summary
		described[i] = datastore{path: d.InventoryPath, free: s.FreeSpace, accessible: s.Accessible,
			maintenance: s.MaintenanceMode != "" && s.MaintenanceMode != string(types.DatastoreSummaryMaintenanceModeStateNormal), ref: refs[i]}
	}
	return described, nil
}

// retrieve reads properties of many objects in one call.
func retrieve[T mo.Reference](ctx context.Context, c *Client, refs []types.ManagedObjectReference, properties ...string) (map[types.ManagedObjectReference]T, error) {
	read := make(map[types.ManagedObjectReference]T, len(refs))
	if len(refs) == 0 {
		return read, nil
	}
	var objects []T
	if err := property.DefaultCollector(c.vim).Retrieve(ctx, refs, properties, &objects); err != nil {
		return nil, err //nolint:wrapcheck // the callers say what was read
	}
	for _, o := range objects {
		read[o.Reference()] = o
	}
	for _, ref := range refs {
		if _, ok := read[ref]; !ok {
			return nil, errors.New(ref.String() + " is gone, or the user may not see it")
		}
	}
	return read, nil
}

// machineNames maps every virtual machine of the datacenter to its name, in
// one call however many there are.
func (c *Client) machineNames(ctx context.Context) (map[types.ManagedObjectReference]string, error) {
	return c.names(ctx, "VirtualMachine")
}

// folderNames maps every folder of the datacenter to its name.
func (c *Client) folderNames(ctx context.Context) (map[types.ManagedObjectReference]string, error) {
	return c.names(ctx, "Folder")
}

func (c *Client) names(ctx context.Context, kind string) (map[types.ManagedObjectReference]string, error) {
	v, err := view.NewManager(c.vim).CreateContainerView(ctx, c.datacenter.Reference(), []string{kind}, true)
	if err != nil {
		return nil, fmt.Errorf("listing the datacenter's %ss: %w", kind, err)
	}
	defer func() { _ = v.Destroy(context.WithoutCancel(ctx)) }() // else it lives as long as the session
	var entities []mo.ManagedEntity
	if err := v.Retrieve(ctx, []string{kind}, []string{"name"}, &entities); err != nil {
		return nil, fmt.Errorf("reading the names of the datacenter's %ss: %w", kind, err)
	}
	names := make(map[types.ManagedObjectReference]string, len(entities))
	for _, e := range entities {
		names[e.Self] = e.Name
	}
	return names, nil
}
