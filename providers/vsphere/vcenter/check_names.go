package vcenter

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/pbm"
	"github.com/vmware/govmomi/vim25/types"
	"groundwork.dev/bootstrap/providers/verdict"
)

// random is a random part of a name as Kubernetes makes it: five of its 27
// characters, without vowels and what looks like them.
const random = `-[bcdfghjklmnpqrstvwxz2456789]{5}`

// leftovers matches the names of the virtual machines that a cluster of this
// name would have: a random part follows the name of the control plane,
// a revision and a random part that of a group of workers.
func (p plan) leftovers(cluster string) *regexp.Regexp {
	patterns := map[string]bool{regexp.QuoteMeta(cluster): true} // also where the file's control plane dangles
	for _, g := range p.groups {
		pattern := regexp.QuoteMeta(g.prefix)
		if g.workers {
			pattern += `-[a-z0-9]{5,10}`
		}
		patterns[pattern] = true
	}
	return regexp.MustCompile("^(" + strings.Join(slices.Sorted(maps.Keys(patterns)), "|") + ")" + random + "$")
}

// checkClusterName looks for machines and folders that an earlier cluster of
// the name left behind: they hold addresses, and space.
func (s *survey) checkClusterName(ctx context.Context, v *verdict.Verdict) error {
	name := s.cfg.Cluster.Name
	v.Wants("nothing left of an earlier cluster %s", name)
	machines, err := s.client.machineNames(ctx)
	if err != nil {
		return s.broken(ctx, err)
	}
	pattern := s.plan.leftovers(name)
	left, err := s.pathsOf(ctx, machines, pattern.MatchString)
	if err != nil {
		return s.broken(ctx, err)
	}
	if len(left) > 0 {
		v.Fails(fmt.Sprintf("Remove them (bootstrap delete cluster, or govc vm.destroy for each), or give the cluster another name than %s.", name),
			"there are virtual machines of a cluster of this name: %s", list(left))
	}
	folders, err := s.client.folderNames(ctx)
	if err != nil {
		return s.broken(ctx, err)
	}
	made, err := s.pathsOf(ctx, folders, func(folder string) bool { return folder == name })
	if err != nil {
		return s.broken(ctx, err)
	}
	for _, path := range made {
		if !s.configuredFolder(path) {
			v.Warns("Remove the folder if nothing needs it any more.", "there is a folder of the cluster's name: %s", path)
		}
	}
	v.Sees("none of the datacenter's %d virtual machines", len(machines))
	return nil
}

// pathsOf returns the sorted inventory paths of the objects whose names match.
func (s *survey) pathsOf(ctx context.Context, names map[types.ManagedObjectReference]string, match func(string) bool) ([]string, error) {
	var found []string
	for ref, name := range names {
		if !match(name) {
			continue
		}
		path, err := find.InventoryPath(ctx, s.client.vim, ref)
		if err != nil {
			return nil, fmt.Errorf("reading the place of %s: %w", name, err)
		}
		found = append(found, path)
	}
	slices.Sort(found)
	return found, nil
}

// configuredFolder reports whether the configuration itself names the folder,
// by its path or the end of it.
func (s *survey) configuredFolder(path string) bool {
	return slices.ContainsFunc(s.plan.folders(), func(f string) bool {
		return path == f || strings.HasSuffix(path, "/"+f)
	})
}

// checkTags looks whether the tags that machines are to carry exist.
func (s *survey) checkTags(ctx context.Context, v *verdict.Verdict) error {
	wanted := s.plan.distinct(func(g group) []string { return g.machine.Spec.TagIDs })
	if len(wanted) == 0 {
		v.Wants("no tags")
		return nil
	}
	v.Wants("the tags %s", strings.Join(wanted, ", "))
	ids, err := s.client.tags.ListTags(ctx)
	if err != nil {
		return s.broken(ctx, fmt.Errorf("listing the tags: %w", err))
	}
	for _, id := range wanted {
		if !slices.Contains(ids, id) {
			users := s.plan.using(func(g group) bool { return slices.Contains(g.machine.Spec.TagIDs, id) })
			v.Fails("Write the tag's id, as govc tags.info NAME prints it (urn:vmomi:InventoryServiceTag:…:GLOBAL), or make the tag.", "there is no tag %s (for %s)", id, list(users))
			continue
		}
		v.Sees("%s", id)
	}
	return nil
}

// checkPolicies looks whether the storage policies exist.
func (s *survey) checkPolicies(ctx context.Context, v *verdict.Verdict) error {
	wanted := s.plan.distinct(func(g group) []string { return []string{g.machine.Spec.StoragePolicyName} })
	if len(wanted) == 0 {
		v.Wants("no storage policies")
		return nil
	}
	v.Wants("the storage policies %s", strings.Join(wanted, ", "))
	client, err := pbm.NewClient(ctx, s.client.vim)
	if err != nil {
		return s.broken(ctx, fmt.Errorf("connecting to the storage policy service: %w", err))
	}
	profiles, err := client.ProfileMap(ctx)
	if err != nil {
		return s.broken(ctx, fmt.Errorf("reading the storage policies: %w", err))
	}
	var names []string
	for _, p := range profiles.Profile {
		names = append(names, p.GetPbmProfile().Name)
	}
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			users := s.plan.using(func(g group) bool { return g.machine.Spec.StoragePolicyName == name })
			v.Fails("Correct storagePolicyName, or leave it out.", "there is no storage policy %q (for %s); there is %s", name, list(users), list(nearest(name, names)))
			continue
		}
		v.Sees("%s", name)
	}
	return nil
}
