package vcenter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/units"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/internal/failure"
)

// broken explains an error of the vCenter in the middle of the checks.
func (s *survey) broken(ctx context.Context, err error) error {
	var denied *types.NoPermission
	fault.As(err, &denied)
	if denied != nil {
		e := &failure.Error{Code: failure.Preflight, Summary: "the vCenter denies the user a look",
			Remedy: fmt.Sprintf("Give %s the privilege %s there; `bootstrap vsphere role -f FILE` prints all that are needed.", s.site.Username, denied.PrivilegeId), Err: err}
		if denied.Object != nil {
			e.Object = denied.Object.String()
		}
		return e
	}
	return explain(ctx, s.site, err)
}

func (s *survey) checkDatacenter(ctx context.Context, v *verdict) error {
	name := s.cfg.VSphereDatacenter.Spec.Datacenter
	v.wants("the datacenter %s", name)
	err := s.client.UseDatacenter(ctx, name)
	if s.reportLookup(v, err, nil) {
		return nil
	}
	if err != nil {
		return s.broken(ctx, err)
	}
	v.sees("%s", s.client.datacenter.InventoryPath)
	return nil
}

// reportLookup puts a name that does not resolve into v and says whether err
// is one.
func (s *survey) reportLookup(v *verdict, err error, users []string) bool {
	var unresolved *LookupError
	if !errors.As(err, &unresolved) {
		return false
	}
	suffix := ""
	if len(users) > 0 {
		suffix = " (for " + list(users) + ")"
	}
	v.fails(unresolved.Remedy(), "%v%s", unresolved, suffix)
	return true
}

// resolve looks every name up and returns what it found. The names that do
// not resolve are v's problems; the error is the vCenter's.
func resolve[T object.Reference](ctx context.Context, s *survey, v *verdict, kind string, names []string,
	search func(context.Context, string) ([]T, error), uses func(group, string) bool,
) (map[string]T, error) {
	found := make(map[string]T, len(names))
	for _, name := range names {
		o, err := lookUp(ctx, kind, name, search)
		if s.reportLookup(v, err, s.plan.using(func(g group) bool { return uses(g, name) })) {
			continue
		}
		if err != nil {
			return nil, s.broken(ctx, err)
		}
		found[name] = o
		v.sees("%s", inventoryPath(o))
	}
	return found, nil
}

func (s *survey) checkNetworks(ctx context.Context, v *verdict) (err error) {
	names := s.plan.networks()
	v.wants("the networks %s", strings.Join(names, ", "))
	uses := func(g group, name string) bool { return slices.Contains(g.networks, name) }
	s.networks, err = resolve(ctx, s, v, "network", names, s.client.networks, uses)
	for name, n := range s.networks {
		if isSwitch(n.Reference()) {
			v.fails("Name one of its port groups instead.", "%s is a distributed switch", name)
		}
	}
	return err
}

func (s *survey) checkDatastores(ctx context.Context, v *verdict) (err error) {
	names := s.plan.datastores()
	v.wants("the datastores %s", strings.Join(names, ", "))
	uses := func(g group, name string) bool { return g.datastore == name }
	s.datastores, err = resolve(ctx, s, v, "datastore", names, s.client.finder.DatastoreList, uses)
	return err
}

func (s *survey) checkFolders(ctx context.Context, v *verdict) (err error) {
	names := s.plan.folders()
	v.wants("the VM folders %s", strings.Join(names, ", "))
	uses := func(g group, name string) bool { return g.folder == name }
	s.folders, err = resolve(ctx, s, v, "folder", names, s.client.finder.FolderList, uses)
	for _, f := range s.folders {
		if !strings.HasPrefix(f.InventoryPath+"/", s.client.datacenter.InventoryPath+"/vm/") {
			v.fails(fmt.Sprintf("Name a folder under %s/vm.", s.client.datacenter.InventoryPath), "%s is not a folder for virtual machines of the datacenter", f.InventoryPath)
		}
	}
	if s.folders == nil {
		return err
	}
	for _, name := range names {
		if s.folders[name] == nil {
			v.advise(fmt.Sprintf("To make it: govc folder.create %s", s.folderPath(name)))
		}
	}
	return err
}

// folderPath is where EKS Anywhere would make the folder.
func (s *survey) folderPath(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return s.client.datacenter.InventoryPath + "/vm/" + name
}

func (s *survey) checkPools(ctx context.Context, v *verdict) (err error) {
	names := s.plan.pools()
	v.wants("the resource pools %s, each the only one of its name", strings.Join(names, ", "))
	uses := func(g group, name string) bool { return g.pool == name }
	s.pools, err = resolve(ctx, s, v, "resource pool", names, s.client.finder.ResourcePoolList, uses)
	return err
}

// checkSpace compares what the machines of each datastore may come to use
// with what is free: whole disks, also of linked clones, which grow, as EKS
// Anywhere counts; and the swap file of the memory's size that a powered-on
// machine has.
func (s *survey) checkSpace(ctx context.Context, v *verdict) error {
	var stores []*object.Datastore
	byRef := map[types.ManagedObjectReference]*need{}
	for _, g := range s.plan.groups {
		d := s.datastores[g.datastore]
		if d == nil {
			continue // the vCenter's default, which only it knows
		}
		n := byRef[d.Reference()]
		if n == nil {
			n = &need{}
			byRef[d.Reference()] = n
			stores = append(stores, d)
		}
		n.machines += g.count
		n.disk += int64(g.count) * int64(g.machine.Spec.DiskGiB) << 30
		n.swap += int64(g.count) * int64(g.machine.Spec.MemoryMiB) << 20
	}
	v.wants("room for the disks of %d machines", s.plan.machines())
	described, err := s.client.describeDatastores(ctx, stores)
	if err != nil {
		return s.broken(ctx, err)
	}
	for _, d := range described {
		n := byRef[d.ref]
		free, disk, both := units.ByteSize(d.free), units.ByteSize(n.disk), units.ByteSize(n.disk+n.swap)
		switch {
		case !d.accessible:
			v.fails("Reconnect the datastore to its hosts, or name another.", "%s is not accessible", d.path)
		case d.maintenance:
			v.fails("Take the datastore out of maintenance mode, or name another.", "%s is in maintenance mode", d.path)
		case d.free < n.disk:
			v.fails("Free or add space, name another datastore, or ask for fewer machines or smaller disks (diskGiB).",
				"%s has %s free; the disks of %d machines need %s", d.path, free, n.machines, disk)
		case d.free < n.disk+n.swap:
			v.warns("Free or add space: a machine does not power on without room for its swap file.",
				"%s has %s free; the disks of %d machines and their swap files may come to %s", d.path, free, n.machines, both)
		default:
			v.sees("%s has %s free, %d machines need %s", d.path, free, n.machines, both)
		}
	}
	return nil
}

// need is what the machines of one datastore may use, in bytes.
type need struct {
	machines   int
	disk, swap int64
}

// machines is how many machines the configuration asks for.
func (p plan) machines() int {
	n := 0
	for _, g := range p.groups {
		n += g.count
	}
	return n
}
