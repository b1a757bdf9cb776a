package vcenter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
)

// at is the entry of that path.
func at(t *testing.T, list []Entry, path string) Entry {
	t.Helper()
	for _, e := range list {
		if e.Path == path {
			return e
		}
	}
	t.Fatalf("%s is not in %v", path, paths2(list))
	return Entry{}
}

func paths2(list []Entry) []string {
	var all []string
	for _, e := range list {
		all = append(all, e.Path)
	}
	return all
}

func TestBrowse(t *testing.T) {
	s := newSite(t, func(m *simulator.Model) { m.Datacenter, m.Pod = 2, 1 })
	s.folder("eks")
	s.nestedPool("nodes")
	got, err := Browse(t.Context(), s.site, "DC0")
	s.must(err)
	for name, list := range map[string][]Entry{"datacenters": got.Datacenters, "clusters": got.ComputeClusters, "pools": got.ResourcePools, "datastores": got.Datastores,
		"folders": got.Folders, "networks": got.Networks, "templates": got.Templates, "policies": got.StoragePolicies, "tags": got.Tags} {
		t.Logf("%s: %+v", name, list)
	}
	_ = at
	_ = errors.New
	_ = fmt.Sprint
	_ = slices.Sort[[]int]
	_ = strings.Cut
	_ = time.Now
	_ = object.NewCommon
	_ = tags.NewManager
	_ = types.NewBool
	_ = failure.OK
	_ = secret.New
	_ = context.Background
}
