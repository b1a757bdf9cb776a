package vcenter

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
)

// maxCandidates is how many of a vCenter's objects a message lists.
const maxCandidates = 5

// LookupError is a name of the configuration that is not the name of exactly
// one object of the vCenter.
type LookupError struct {
	Kind string // "datastore"
	Name string // as the configuration has it
	// Matches are the inventory paths of the several objects of the name;
	// empty when there is none.
	Matches []string
	// Nearest are the paths most like it, when there is none of the name.
	Nearest []string
}

func (e *LookupError) Error() string {
	if len(e.Matches) > 0 {
		return fmt.Sprintf("%s %q is ambiguous: it matches %s", e.Kind, e.Name, list(e.Matches))
	}
	if len(e.Nearest) > 0 {
		return fmt.Sprintf("there is no %s %q; there is %s", e.Kind, e.Name, list(e.Nearest))
	}
	return fmt.Sprintf("there is no %s %q, nor any other that the user may see", e.Kind, e.Name)
}

// Remedy says what to write instead.
func (e *LookupError) Remedy() string {
	if len(e.Matches) > 0 {
		return fmt.Sprintf("Write the full inventory path of the one that is meant, such as %s.", e.Matches[0])
	}
	return fmt.Sprintf("Correct the %s's name in the configuration (a full inventory path is surest), make it, or let the user see it.", e.Kind)
}

// list joins names for a message and counts those it leaves out.
func list(names []string) string {
	if len(names) <= maxCandidates {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxCandidates], ", "), len(names)-maxCandidates)
}

// inventoryPath is the path at which the finder found o.
func inventoryPath(o object.Reference) string {
	switch o := o.(type) {
	case *object.Datacenter:
		return o.InventoryPath
	case *object.Datastore:
		return o.InventoryPath
	case *object.Folder:
		return o.InventoryPath
	case *object.ResourcePool:
		return o.InventoryPath
	case *object.ClusterComputeResource:
		return o.InventoryPath
	case *object.VirtualMachine:
		return o.InventoryPath
	case object.NetworkReference:
		return o.GetInventoryPath()
	}
	return o.Reference().String()
}

// lookUp finds the one object that name stands for by search, one of the
// finder's list functions, which understand full paths, paths relative to the
// kind's folder, bare names at any depth, and patterns: the same rules by
// which Cluster API Provider vSphere will look for it. Zero or several is a
// *LookupError.
func lookUp[T object.Reference](ctx context.Context, kind, name string, search func(context.Context, string) ([]T, error)) (T, error) {
	var none T
	found, err := search(ctx, name)
	var missing *find.NotFoundError
	switch {
	case errors.As(err, &missing), err == nil && len(found) == 0:
		all, err := paths(ctx, "*", search)
		if err != nil {
			return none, err
		}
		return none, &LookupError{Kind: kind, Name: name, Nearest: nearest(name, all)}
	case err != nil:
		return none, fmt.Errorf("looking for the %s %q: %w", kind, name, err)
	case len(found) > 1:
		e := &LookupError{Kind: kind, Name: name}
		for _, o := range found {
			e.Matches = append(e.Matches, inventoryPath(o))
		}
		slices.Sort(e.Matches)
		return none, e
	}
	return found[0], nil
}

// paths lists the inventory paths of everything that search finds by pattern.
func paths[T object.Reference](ctx context.Context, pattern string, search func(context.Context, string) ([]T, error)) ([]string, error) {
	found, err := search(ctx, pattern)
	var missing *find.NotFoundError
	if errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the inventory: %w", err)
	}
	all := make([]string, len(found))
	for i, o := range found {
		all[i] = inventoryPath(o)
	}
	return all, nil
}

// nearest returns the few of all whose last elements are most like name's.
func nearest(name string, all []string) []string {
	last := strings.ToLower(path.Base(name))
	distance := make(map[string]int, len(all))
	for _, p := range all {
		distance[p] = levenshtein.ComputeDistance(last, strings.ToLower(path.Base(p)))
	}
	sorted := slices.SortedFunc(slices.Values(all), func(a, b string) int {
		if d := distance[a] - distance[b]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return sorted[:min(len(sorted), maxCandidates)]
}
