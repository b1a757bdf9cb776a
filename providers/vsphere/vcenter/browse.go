package vcenter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"groundwork.dev/bootstrap/internal/failure"
)

// Entry is one thing in a vCenter's inventory.
type Entry struct {
	// Path is the inventory path: "/dc1/datastore/ssd". Of a storage policy it
	// is the name, of a tag its URN.
	Path string
	// Detail says what helps to choose: "512.0GB free of 2.0TB".
	Detail string
	// Unfit is why it cannot be used, "" where it can.
	Unfit string
	// Kubernetes are the minors that a template is tagged with, OSFamily is
	// its operating system by its tag.
	Kubernetes []string
	OSFamily   string
}

// Inventory is what a vCenter's user sees, each list sorted by path.
type Inventory struct {
	// Datacenters are those of the whole vCenter.
	Datacenters []Entry
	// The others are of the datacenter asked for; empty without one.
	// Networks are without distributed switches and their uplinks.
	ComputeClusters, ResourcePools, Datastores, Folders, Networks, Templates []Entry
	// StoragePolicies and Tags are those of the whole vCenter.
	StoragePolicies, Tags []Entry
}

// closeTimeout bounds the end of a session whose owner waits for it.
const closeTimeout = 5 * time.Second

// Browse logs in to the vCenter of site, lists what is there, and logs out.
// datacenter is a name or an inventory path, or "" for the lists of the whole
// vCenter only. Errors are *failure.Error, except when ctx was cancelled: then
// they wrap its cause.
func Browse(ctx context.Context, site Site, datacenter string) (Inventory, error) {
	c, err := Connect(ctx, site)
	if err != nil {
		return Inventory{}, err
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		c.Close(ending)
	}()
	found, err := c.Browse(ctx, datacenter)
	var unresolved *LookupError
	switch {
	case errors.As(err, &unresolved):
		return Inventory{}, &failure.Error{Code: failure.Preflight, Object: site.Server, Err: unresolved, Remedy: unresolved.Remedy(),
			Summary: "the datacenter is not in the vCenter"}
	case err != nil:
		return Inventory{}, site.broken(ctx, err)
	}
	return found, nil
}

// Browse is the function Browse within a session. A datacenter that is not
// there, or not the only one of its name, is a *LookupError.
func (c *Client) Browse(ctx context.Context, datacenter string) (Inventory, error) {
	b := browser{client: c}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return b.policies(ctx) })
	group.Go(func() error { return b.tagged(ctx) })
	group.Go(func() error { return b.objects(ctx, datacenter) })
	if err := group.Wait(); err != nil {
		return Inventory{}, err
	}
	b.judgeTemplates()
	for _, list := range b.lists() {
		slices.SortFunc(*list, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
		markTwins(*list)
	}
	slices.SortFunc(b.found.Tags, func(a, b Entry) int { return strings.Compare(a.Detail, b.Detail) })
	return b.found, nil
}

// browser gathers an inventory. What its parts do at the same time they do in
// fields of their own.
type browser struct {
	client *Client
	found  Inventory
	// tags are the tags' names by their URN, attached those of templates.
	tags      map[string]string
	templates []browsedTemplate
}

func (b *browser) lists() []*[]Entry {
	f := &b.found
	return []*[]Entry{&f.Datacenters, &f.ComputeClusters, &f.ResourcePools, &f.Datastores, &f.Folders, &f.Networks, &f.Templates, &f.StoragePolicies}
}

// markTwins says of several things at one path that the path leads to none of
// them: networks of two switches may have one name.
func markTwins(sorted []Entry) {
	for i := 1; i < len(sorted); i++ {
		if sorted[i].Path == sorted[i-1].Path {
			for _, twin := range []*Entry{&sorted[i-1], &sorted[i]} {
				twin.Unfit = fmt.Sprintf("several have the path %s", twin.Path)
			}
		}
	}
}
