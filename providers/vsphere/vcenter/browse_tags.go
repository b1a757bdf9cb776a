package vcenter

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/pbm"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"golang.org/x/sync/errgroup"
)

// browsedTemplate is a template and the URNs of its tags.
type browsedTemplate struct {
	template
	attached []string
}

// policies lists the storage policies. Few clusters need one: to a user who
// may not see them there are none.
func (b *browser) policies(ctx context.Context) error {
	client, err := pbm.NewClient(ctx, b.client.vim)
	if err == nil {
		var profiles *pbm.ProfileMap
		if profiles, err = client.ProfileMap(ctx); err == nil {
			for _, p := range profiles.Profile {
				b.found.StoragePolicies = append(b.found.StoragePolicies, Entry{Path: p.GetPbmProfile().Name, Detail: p.GetPbmProfile().Description})
			}
			return nil
		}
	}
	if fault.Is(err, &types.NoPermission{}) {
		return nil
	}
	return fmt.Errorf("reading the storage policies: %w", err)
}

// tagged lists the tags. The vCenter tells them one at a time only.
func (b *browser) tagged(ctx context.Context) error {
	ids, err := b.client.tags.ListTags(ctx)
	if hasStatus(err, http.StatusForbidden) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("listing the tags: %w", err)
	}
	categories, err := b.client.tags.ListCategories(ctx)
	if err != nil {
		return fmt.Errorf("listing the tag categories: %w", err)
	}
	all, named := make([]tags.Tag, len(ids)), make([]string, len(categories))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(browseCalls)
	for i, id := range ids {
		group.Go(func() error {
			t, err := b.client.tags.GetTag(ctx, id)
			if hasStatus(err, http.StatusNotFound, http.StatusForbidden) {
				return nil // it has gone since, or is not for this user
			}
			if err != nil {
				return fmt.Errorf("reading the tag %s: %w", id, err)
			}
			all[i] = *t
			return nil
		})
	}
	for i, id := range categories {
		group.Go(func() error {
			c, err := b.client.tags.GetCategory(ctx, id)
			if hasStatus(err, http.StatusNotFound, http.StatusForbidden) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("reading the tag category %s: %w", id, err)
			}
			named[i] = c.Name
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	b.tags = make(map[string]string, len(all))
	for _, t := range all {
		if t.ID == "" {
			continue
		}
		b.tags[t.ID] = t.Name
		detail := t.Name
		if i := slices.Index(categories, t.CategoryID); i >= 0 && named[i] != "" {
			detail = named[i] + ": " + t.Name
		}
		b.found.Tags = append(b.found.Tags, Entry{Path: t.ID, Detail: detail})
	}
	return nil
}

// listTemplates describes the templates among the machines, and reads the
// URNs of their tags.
func (b *browser) listTemplates(ctx context.Context, c contents, p *locations) error {
	machines := map[string]*object.VirtualMachine{}
	for _, m := range c.machines {
		at, ok := p.of(m.Self)
		if !ok || m.Config == nil || !m.Config.Template {
			continue
		}
		vm := object.NewVirtualMachine(b.client.vim, m.Self)
		vm.InventoryPath = at
		machines[m.Self.Value] = vm
	}
	if len(machines) == 0 {
		return nil
	}
	described, err := b.client.describeTemplates(ctx, machines)
	if err != nil {
		return err
	}
	refs := make([]mo.Reference, 0, len(machines))
	for _, key := range slices.Sorted(maps.Keys(machines)) {
		refs = append(refs, machines[key].Reference())
		b.templates = append(b.templates, browsedTemplate{template: described[key]})
	}
	attached, err := b.client.tags.ListAttachedTagsOnObjects(ctx, refs)
	if hasStatus(err, http.StatusForbidden) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the tags of the templates: %w", err)
	}
	for _, a := range attached {
		for i := range b.templates {
			if b.templates[i].ref == a.ObjectID.Reference() {
				b.templates[i].attached = a.TagIDs
			}
		}
	}
	return nil
}

// judgeTemplates says what the templates hold, once all tags are known.
func (b *browser) judgeTemplates() {
	for _, t := range b.templates {
		for _, id := range t.attached {
			t.tags = append(t.tags, b.tags[id])
		}
		b.found.Templates = append(b.found.Templates, t.entry())
	}
}

func (t template) entry() Entry {
	e := Entry{Path: t.path, Kubernetes: slices.Sorted(maps.Keys(t.releases()))}
	for _, tag := range t.tags {
		if system, ok := strings.CutPrefix(tag, osCategory+":"); ok {
			e.OSFamily = system
		}
	}
	var says []string
	for _, minor := range e.Kubernetes {
		says = append(says, "Kubernetes "+minor)
	}
	if e.OSFamily != "" {
		says = append(says, e.OSFamily)
	}
	if len(t.disks) > 0 {
		says = append(says, fmt.Sprintf("disk of %d GiB", ceilGiB(t.disks[0])))
	}
	e.Detail = strings.Join(says, ", ")
	switch {
	case len(e.Kubernetes) == 0:
		e.Unfit = "it has no tag " + releaseCategory + ":kubernetes-…"
	case e.OSFamily == "":
		e.Unfit = "it has no tag " + osCategory + ":…"
	case len(t.disks) == 0:
		e.Unfit = "it has no disk"
	}
	return e
}

// hasStatus reports whether the REST API answered with one of the codes.
func hasStatus(err error, codes ...int) bool {
	return slices.ContainsFunc(codes, func(code int) bool { return rest.IsStatusError(err, code) })
}
