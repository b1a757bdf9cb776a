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
	"groundwork.dev/bootstrap/providers/verdict"
)

// broken explains an error of the vCenter in the middle of the checks.
func (s *survey) broken(ctx context.Context, err error) error { return s.site.broken(ctx, err) }

// broken explains an error of the vCenter after the login.
func (s Site) broken(ctx context.Context, err error) error {
	var denied *types.NoPermission
	fault.As(err, &denied)
	if denied != nil {
		e := &failure.Error{Code: failure.Preflight, Summary: "the vCenter denies the user a look",
			Remedy: fmt.Sprintf("Give %s the privilege %s there; `bootstrap vsphere role -f FILE` prints all that are needed.", s.Username, denied.PrivilegeId), Err: err}
		if denied.Object != nil {
			e.Object = denied.Object.String()
		}
		return e
	}
	return explain(ctx, s, err)
}

func (s *survey) checkDatacenter(ctx context.Context, v *verdict.Verdict) error {
	name := s.cfg.VSphereDatacenter.Spec.Datacenter
	v.Wants("the datacenter %s", name)
	err := s.client.UseDatacenter(ctx, name)
	if s.reportLookup(v, err, nil) {
		return nil
	}
	if err != nil {
		return s.broken(ctx, err)
	}
	v.Sees("%s", s.client.datacenter.InventoryPath)
	return nil
}

// reportLookup puts a name that does not resolve into v and says whether err
// is one.
func (s *survey) reportLookup(v *verdict.Verdict, err error, users []string) bool {
	var unresolved *LookupError
	if !errors.As(err, &unresolved) {
		return false
	}
	suffix := ""
	if len(users) > 0 {
		suffix = " (for " + list(users) + ")"
	}
	v.Fails(unresolved.Remedy(), "%v%s", unresolved, suffix)
	return true
}

// resolve looks every name up and returns what it found. The names that do
// not resolve are v's problems; the error is the vCenter's.
func resolve[T object.Reference](ctx context.Context, s *survey, v *verdict.Verdict, kind string, names []string,
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
		v.Sees("%s", inventoryPath(o))
	}
	return found, nil
}

func (s *survey) checkNetworks(ctx context.Context, v *verdict.Verdict) (err error) {
	names := s.plan.networks()
	v.Wants("the networks %s", strings.Join(names, ", "))
	uses := func(g group, name string) bool { return slices.Contains(g.networks, name) }
	s.networks, err = resolve(ctx, s, v, "network", names, s.client.networks, uses)
	for name, n := range s.networks {
		if isSwitch(n.Reference()) {
			v.Fails("Name one of its port groups instead.", "%s is a distributed switch", name)
		}
	}
	return err
}

func (s *survey) checkDatastores(ctx context.Context, v *verdict.Verdict) (err error) {
	names := s.plan.datastores()
	v.Wants("the datastores %s", strings.Join(names, ", "))
	uses := func(g group, name string) bool { return g.datastore == name }
	s.datastores, err = resolve(ctx, s, v, "datastore", names, s.client.finder.DatastoreList, uses)
	return err
}

// checkFolders looks for the folders, and where one is missing whether Prepare
// may make it and the machines in it: a new folder inherits from the one that
// it is made in.
func (s *survey) checkFolders(ctx context.Context, v *verdict.Verdict) error {
	names := s.plan.folders()
	v.Wants("the VM folders %s", strings.Join(names, ", "))
	s.folders, s.newFolders = map[string]*object.Folder{}, map[string]bool{}
	for _, name := range names {
		full := s.client.folderPath(name)
		if !s.client.isMachineFolder(full) {
			v.Fails(fmt.Sprintf("Name a folder under %s/vm.", s.client.datacenter.InventoryPath), "%s is not a folder for virtual machines of the datacenter", full)
			continue
		}
		nearest, missing, err := s.client.nearestFolder(ctx, full)
		if err != nil {
			return s.broken(ctx, err)
		}
		if len(missing) == 0 {
			s.folders[name] = nearest
			v.Sees("%s", full)
			continue
		}
		s.newFolders[name] = true
		if err := s.judgeNewFolder(ctx, v, name, full, nearest); err != nil {
			return err
		}
	}
	return nil
}

// judgeNewFolder compares what the user may do in the folder at, where the
// folder full is to be made, with what that takes.
func (s *survey) judgeNewFolder(ctx context.Context, v *verdict.Verdict, name, full string, at *object.Folder) error {
	held, err := s.held(ctx, []types.ManagedObjectReference{at.Reference()})
	if err != nil {
		return s.broken(ctx, err)
	}
	lacking, _ := missing(slices.Concat([]Privilege{{ID: privilegeCreateFolder}}, folderPrivileges), held[at.Reference()])
	if len(lacking) == 0 {
		v.Sees("%s, which will be made", full)
		return nil
	}
	users := s.plan.using(func(g group) bool { return g.folder == name })
	v.Fails(fmt.Sprintf("To make it: govc folder.create %s", full),
		"there is no folder %q (for %s), and to make it %s lacks on %s: %s", name, list(users), s.client.user, at.InventoryPath, strings.Join(lacking, ", "))
	return nil
}

func (s *survey) checkPools(ctx context.Context, v *verdict.Verdict) (err error) {
	names := s.plan.pools()
	v.Wants("the resource pools %s, each the only one of its name", strings.Join(names, ", "))
	uses := func(g group, name string) bool { return g.pool == name }
	s.pools, err = resolve(ctx, s, v, "resource pool", names, s.client.pools, uses)
	return err
}

// checkSpace compares what the machines of each datastore may come to use
// with what is free: whole disks, also of linked clones, which grow, as EKS
// Anywhere counts; and the swap file of the memory's size that a powered-on
// machine has.
func (s *survey) checkSpace(ctx context.Context, v *verdict.Verdict) error {
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
	v.Wants("room for the disks of %d machines", s.plan.machines())
	described, err := s.client.describeDatastores(ctx, stores)
	if err != nil {
		return s.broken(ctx, err)
	}
	for _, d := range described {
		n := byRef[d.ref]
		free, disk, both := units.ByteSize(d.free), units.ByteSize(n.disk), units.ByteSize(n.disk+n.swap)
		switch {
		case !d.accessible:
			v.Fails("Reconnect the datastore to its hosts, or name another.", "%s is not accessible", d.path)
		case d.maintenance:
			v.Fails("Take the datastore out of maintenance mode, or name another.", "%s is in maintenance mode", d.path)
		case d.free < n.disk:
			v.Fails("Free or add space, name another datastore, or ask for fewer machines or smaller disks (diskGiB).",
				"%s has %s free; the disks of %d machines need %s", d.path, free, n.machines, disk)
		case d.free < n.disk+n.swap:
			v.Warns("Free or add space: a machine does not power on without room for its swap file.",
				"%s has %s free; the disks of %d machines and their swap files may come to %s", d.path, free, n.machines, both)
		default:
			v.Sees("%s has %s free, %d machines need %s", d.path, free, n.machines, both)
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
