package vcenter

import (
	"context"
	"fmt"
	"slices"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vapi/tags"
)

// The tag categories by which Cluster API Provider vSphere recognises the
// region (the datacenter) and zone (the compute cluster) of a failure domain.
const (
	regionCategory = "k8s-region"
	zoneCategory   = "k8s-zone"
)

// zoneTag is a tag that an object of a failure domain is to carry, and what
// there is of it.
type zoneTag struct {
	category, name string
	on             object.Reference
	// categoryID and tagID are empty where there is none yet.
	categoryID, tagID string
	attached          bool
}

// lookAtZoneTag reads what there is of a zone's tag. EKS Anywhere had Cluster
// API Provider vSphere make it; the present one only looks.
func (c *Client) lookAtZoneTag(ctx context.Context, category, name string, on object.Reference) (zoneTag, error) {
	z := zoneTag{category: category, name: name, on: on}
	categories, err := c.tags.GetCategories(ctx)
	if err != nil {
		return z, fmt.Errorf("listing the tag categories: %w", err)
	}
	i := slices.IndexFunc(categories, func(of tags.Category) bool { return of.Name == category })
	if i < 0 {
		return z, nil
	}
	z.categoryID = categories[i].ID
	known, err := c.tags.GetTagsForCategory(ctx, z.categoryID)
	if err != nil {
		return z, fmt.Errorf("listing the tags of the category %s: %w", category, err)
	}
	if i = slices.IndexFunc(known, func(t tags.Tag) bool { return t.Name == name }); i < 0 {
		return z, nil
	}
	z.tagID = known[i].ID
	attached, err := c.tags.ListAttachedTags(ctx, on)
	if err != nil {
		return z, fmt.Errorf("reading the tags of %s: %w", inventoryPath(on), err)
	}
	z.attached = slices.Contains(attached, z.tagID)
	return z, nil
}

// needs are the privileges on the vCenter that making what is missing takes.
func (z zoneTag) needs() []Privilege {
	var needed []Privilege
	for _, p := range zonePrivileges {
		switch {
		case z.attached,
			p.ID == privilegeCreateCategory && z.categoryID != "",
			p.ID == privilegeCreateTag && z.tagID != "":
		default:
			needed = append(needed, Privilege{ID: p.ID, Why: p.Why})
		}
	}
	return needed
}

// makeZoneTag makes what is missing of the tag, and attaches it.
func (c *Client) makeZoneTag(ctx context.Context, z zoneTag) error {
	var err error
	if z.categoryID == "" {
		z.categoryID, err = c.tags.CreateCategory(ctx, &tags.Category{
			Name: z.category, Cardinality: "MULTIPLE", AssociableTypes: []string{"Datacenter", "ClusterComputeResource"},
			Description: "Regions and zones of failure domains for Cluster API Provider vSphere",
		})
		if err != nil {
			return fmt.Errorf("making the tag category %s: %w", z.category, err)
		}
	}
	if z.tagID == "" {
		if z.tagID, err = c.tags.CreateTag(ctx, &tags.Tag{Name: z.name, CategoryID: z.categoryID}); err != nil {
			return fmt.Errorf("making the tag %s of the category %s: %w", z.name, z.category, err)
		}
	}
	if err := c.tags.AttachTag(ctx, z.tagID, z.on); err != nil {
		return fmt.Errorf("attaching the tag %s of the category %s to %s: %w", z.name, z.category, inventoryPath(z.on), err)
	}
	return nil
}
