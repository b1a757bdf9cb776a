package vcenter

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
	"groundwork.dev/bootstrap/providers/verdict"
)

// entity is an object of the vCenter that privileges are needed on.
type entity struct {
	path string
	ref  types.ManagedObjectReference
}

// entities are the objects of one kind of grant, as the checks before found
// them, in the order of their paths.
func (s *survey) entities(ctx context.Context, kind string) ([]entity, error) {
	var found []entity
	add := func(path string, ref types.ManagedObjectReference) {
		if !slices.ContainsFunc(found, func(e entity) bool { return e.ref == ref }) {
			found = append(found, entity{path, ref})
		}
	}
	switch kind {
	case "vCenter":
		add("/", s.client.vim.ServiceContent.RootFolder)
	case "datacenter":
		add(s.client.datacenter.InventoryPath, s.client.datacenter.Reference())
	case "network":
		for _, n := range s.networks {
			add(n.GetInventoryPath(), n.Reference())
		}
	case "datastore":
		for _, d := range s.datastores {
			add(d.InventoryPath, d.Reference())
		}
	case "resource pool":
		for _, p := range s.pools {
			add(p.InventoryPath, p.Reference())
		}
	case "folder":
		for _, f := range s.folders {
			add(f.InventoryPath, f.Reference())
		}
		if len(found) == 0 && len(s.newFolders) == 0 {
			f, err := s.client.finder.DefaultFolder(ctx)
			if err != nil {
				return nil, fmt.Errorf("looking for the datacenter's VM folder: %w", err)
			}
			add(f.InventoryPath, f.Reference())
		}
	case "template":
		for _, t := range s.templates {
			add(t.path, t.ref)
		}
	}
	slices.SortFunc(found, func(a, b entity) int { return strings.Compare(a.path, b.path) })
	return found, nil
}

// checkPrivileges compares what the user may do on each object with Role,
// object by object, and says in passing how far EKS Anywhere's longer lists
// are from it.
func (s *survey) checkPrivileges(ctx context.Context, v *verdict.Verdict) error {
	grants := Role(s.cfg)
	v.Wants("the privileges that `bootstrap vsphere role` prints, for %s", s.client.user)
	var refs []types.ManagedObjectReference
	objects := make([][]entity, len(grants))
	byKind := map[string][]entity{}
	for i, g := range grants {
		found, err := s.entities(ctx, g.Kind)
		if err != nil {
			return s.broken(ctx, err)
		}
		objects[i], byKind[g.Kind] = found, found
		for _, e := range found {
			if !slices.Contains(refs, e.ref) {
				refs = append(refs, e.ref)
			}
		}
	}
	held, err := s.held(ctx, refs)
	if err != nil {
		return s.broken(ctx, err)
	}
	checked := 0
	for i, g := range grants {
		for _, e := range objects[i] {
			checked += len(g.Privileges)
			needed, advisory := missing(g.Privileges, held[e.ref])
			remedy := fmt.Sprintf("Have a vCenter administrator run what `bootstrap vsphere role -f FILE -o govc` prints, or add these to the role of %s on the objects named.", s.client.user)
			if len(needed) > 0 {
				v.Fails(remedy, "on the %s %s: %s", g.Kind, e.path, strings.Join(needed, ", "))
			}
			if len(advisory) > 0 {
				v.Warns(remedy, "on the %s %s (not all releases of vSphere ask for it): %s", g.Kind, e.path, strings.Join(advisory, ", "))
			}
		}
	}
	if len(v.Problems) > 0 {
		v.Problems[0] = fmt.Sprintf("%s lacks privileges %s", s.client.user, v.Problems[0])
	}
	v.Sees("all %d on %d objects", checked, len(refs))
	if extra := s.eksaLack(byKind, held); extra > 0 {
		v.Sees("EKS Anywhere itself would ask for %d more, which are not needed here", extra)
	}
	return nil
}

// held reads what the session's user may do on each of refs. The vCenter adds
// up groups, inheritance and propagation by itself.
func (s *survey) held(ctx context.Context, refs []types.ManagedObjectReference) (map[types.ManagedObjectReference]map[string]bool, error) {
	manager := object.NewAuthorizationManager(s.client.vim)
	results, err := manager.FetchUserPrivilegeOnEntities(ctx, refs, s.client.user)
	if err != nil {
		return nil, fmt.Errorf("reading the privileges of %s: %w", s.client.user, err)
	}
	held := make(map[types.ManagedObjectReference]map[string]bool, len(results))
	for _, r := range results {
		set := make(map[string]bool, len(r.Privileges))
		for _, p := range r.Privileges {
			set[p] = true
		}
		held[r.Entity] = set
	}
	return held, nil
}

// missing lists the privileges that are not held: those that are surely
// needed, and the advisory ones. Those for special cases are looked at where
// the case is.
func missing(privileges []Privilege, held map[string]bool) (needed, advisory []string) {
	for _, p := range privileges {
		switch {
		case held[p.ID], p.When != "":
		case p.Advisory:
			advisory = append(advisory, p.ID)
		default:
			needed = append(needed, p.ID)
		}
	}
	return needed, advisory
}

// eksaLack counts what EKS Anywhere's own check would find missing on the
// objects whose privileges are known.
func (s *survey) eksaLack(objects map[string][]entity, held map[types.ManagedObjectReference]map[string]bool) int {
	lack := 0
	for _, g := range EKSAnywhereRole(s.cfg) {
		for _, e := range objects[g.Kind] {
			needed, _ := missing(g.Privileges, held[e.ref])
			lack += len(needed)
		}
	}
	return lack
}
