package vcenter

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/internal/failure"
)

// pathsIn are the paths of a list.
func pathsIn(list []Entry) []string {
	all := make([]string, len(list))
	for i, e := range list {
		all[i] = e.Path
	}
	return all
}

// browse looks around, and fails the test where that fails.
func (s *sim) browse(datacenter string) Inventory {
	s.Helper()
	found, err := Browse(s.Context(), s.site, datacenter)
	s.must(err)
	return found
}

func (s *sim) entry(list []Entry, path string) Entry {
	s.Helper()
	i := slices.IndexFunc(list, func(e Entry) bool { return e.Path == path })
	if i < 0 {
		s.Fatalf("%s is not among %v", path, pathsIn(list))
	}
	return list[i]
}

func TestBrowse(t *testing.T) {
	s := newSite(t, func(m *simulator.Model) { m.Datacenter = 2 })
	s.folder("eks")
	s.nestedPool("nodes")
	got := s.browse("DC0")
	for _, test := range []struct {
		name string
		list []Entry
		want string
	}{
		{"datacenters", got.Datacenters, "/DC0 /DC1"},
		{"compute clusters", got.ComputeClusters, "/DC0/host/DC0_C0"},
		{"resource pools", got.ResourcePools, "/DC0/host/DC0_C0/Resources /DC0/host/DC0_C0/Resources/nodes"},
		{"datastores", got.Datastores, "/DC0/datastore/LocalDS_0"},
		{"folders", got.Folders, "/DC0/vm /DC0/vm/eks"},
		// No switch, and no uplinks of one.
		{"networks", got.Networks, "/DC0/network/DC0_DVPG0 /DC0/network/VM Network"},
		{"templates", got.Templates, simTemplate},
		{"storage policies", got.StoragePolicies, "Host-local PMem Default Storage Policy VM Encryption Policy VVol No Requirements Policy vSAN Default Storage Policy"},
	} {
		if found := strings.Join(pathsIn(test.list), " "); found != test.want {
			t.Errorf("%s: %s, want %s", test.name, found, test.want)
		}
	}
	template := s.entry(got.Templates, simTemplate)
	if template.Detail != "Kubernetes 1.35, ubuntu, disk of 25 GiB" || template.Unfit != "" || template.OSFamily != "ubuntu" || !slices.Equal(template.Kubernetes, []string{"1.35"}) {
		t.Errorf("template %+v", template)
	}
	if tag := s.entry(got.Tags, simTag); tag.Detail != "owner: team" {
		t.Errorf("tag %+v", tag)
	}
	if store := s.entry(got.Datastores, "/DC0/datastore/LocalDS_0"); !strings.Contains(store.Detail, "GiB free of ") || store.Unfit != "" {
		t.Errorf("datastore %+v", store)
	}
}

// TestBrowsedPathsAreFound makes sure that what is offered is what the checks
// and Cluster API Provider vSphere find at that path, and nothing else, also
// where everything lies in folders.
func TestBrowsedPathsAreFound(t *testing.T) {
	s := newSim(t, func(m *simulator.Model) {
		m.Datacenter, m.Cluster, m.Folder, m.Pool, m.Datastore, m.Portgroup, m.Pod, m.Host = 2, 2, 1, 2, 2, 2, 1, 1
	})
	s.client = s.connect()
	const datacenter = "/F0/DC1"
	got := s.browse(datacenter)
	s.must(s.client.UseDatacenter(t.Context(), datacenter))
	finder := s.client.finder
	findsAll(t, "datacenter", got.Datacenters, finder.DatacenterList)
	findsAll(t, "compute cluster", got.ComputeClusters, finder.ClusterComputeResourceList)
	findsAll(t, "resource pool", got.ResourcePools, s.client.pools)
	findsAll(t, "datastore", got.Datastores, finder.DatastoreList)
	findsAll(t, "folder", got.Folders, finder.FolderList)
	findsAll(t, "network", got.Networks, s.client.networks)
}

func findsAll[T object.Reference](t *testing.T, kind string, list []Entry, search func(context.Context, string) ([]T, error)) {
	t.Helper()
	if len(list) < 2 {
		t.Errorf("%ss: %v", kind, pathsIn(list))
	}
	for _, e := range list {
		if _, err := lookUp(t.Context(), kind, e.Path, search); err != nil {
			t.Error(err)
		}
	}
}

func TestBrowseWithoutDatacenter(t *testing.T) {
	s := newSite(t)
	got := s.browse("")
	if len(got.Datacenters) != 1 || len(got.Tags) == 0 || len(got.StoragePolicies) == 0 {
		t.Errorf("%+v", got)
	}
	if got.Networks != nil || got.Templates != nil || got.Folders != nil {
		t.Errorf("what is in a datacenter: %+v", got)
	}
}

// TestBrowseSaysWhatIsUnfit breaks one thing after the other.
func TestBrowseSaysWhatIsUnfit(t *testing.T) {
	store, network := "/DC0/datastore/LocalDS_0", "/DC0/network/DC0_DVPG0"
	for _, test := range []struct {
		name  string
		spoil func(*sim)
		list  func(Inventory) []Entry
		path  string
		want  string
	}{
		{"inaccessible datastore", func(s *sim) { s.store().Summary.Accessible = false }, func(i Inventory) []Entry { return i.Datastores }, store, "not accessible"},
		{"datastore in maintenance", func(s *sim) { s.store().Summary.MaintenanceMode = "inMaintenance" }, func(i Inventory) []Entry { return i.Datastores }, store, "maintenance"},
		{"network without hosts", func(s *sim) { s.portGroup().Summary = &types.NetworkSummary{Name: "DC0_DVPG0"} }, func(i Inventory) []Entry { return i.Networks }, network, "no host in service"},
		{"template without release", func(s *sim) { s.untag("eksdRelease:" + simRelease) }, func(i Inventory) []Entry { return i.Templates }, simTemplate, "no tag eksdRelease"},
		{"template without system", func(s *sim) { s.untag("os:ubuntu") }, func(i Inventory) []Entry { return i.Templates }, simTemplate, "no tag os"},
		{"template without disk", func(s *sim) { s.setDisks() }, func(i Inventory) []Entry { return i.Templates }, simTemplate, "no disk"},
		{"cluster without hosts", func(s *sim) { s.cluster().Summary.GetComputeResourceSummary().NumEffectiveHosts = 0 }, func(i Inventory) []Entry { return i.ComputeClusters }, "/DC0/host/DC0_C0", "none of its hosts"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t)
			test.spoil(s)
			if e := s.entry(test.list(s.browse("DC0")), test.path); !strings.Contains(e.Unfit, test.want) {
				t.Errorf("%+v, want %q", e, test.want)
			}
		})
	}
}

func (s *sim) store() *simulator.Datastore {
	return s.model.Map().Any("Datastore").(*simulator.Datastore)
}

func (s *sim) cluster() *simulator.ClusterComputeResource {
	return s.model.Map().Any("ClusterComputeResource").(*simulator.ClusterComputeResource)
}

// portGroup is the one that machines connect to.
func (s *sim) portGroup() *simulator.DistributedVirtualPortgroup {
	for _, o := range s.model.Map().All("DistributedVirtualPortgroup") {
		if g := o.(*simulator.DistributedVirtualPortgroup); g.Name == "DC0_DVPG0" {
			return g
		}
	}
	s.Fatal("there is no port group")
	return nil
}

func TestNetworksOfOneName(t *testing.T) {
	list := []Entry{{Path: "/dc/network/a"}, {Path: "/dc/network/b", Detail: "one"}, {Path: "/dc/network/b", Detail: "two"}}
	markTwins(list)
	if list[0].Unfit != "" || list[1].Unfit == "" || list[2].Unfit == "" {
		t.Errorf("%+v", list)
	}
}

func TestBrowseErrors(t *testing.T) {
	t.Run("no such datacenter", func(t *testing.T) {
		s := newSite(t)
		_, err := Browse(t.Context(), s.site, "DC9")
		if failure.ExitCode(err) != failure.Preflight || !strings.Contains(err.Error(), "/DC0") || failure.Remedy(err) == "" {
			t.Errorf("%v", err)
		}
	})
	t.Run("login refused", func(t *testing.T) {
		s := newSite(t)
		s.site.Username = "nobody"
		_, err := Browse(t.Context(), s.site, "DC0")
		if err == nil || !strings.Contains(err.Error(), "refused the login") || strings.Contains(err.Error(), simPassword) {
			t.Errorf("%v", err)
		}
	})
	t.Run("denied", func(t *testing.T) {
		s := newSite(t)
		s.deny("CreateContainerView")
		_, err := Browse(t.Context(), s.site, "DC0")
		if failure.Remedy(err) == "" || !strings.Contains(err.Error(), "denies") {
			t.Errorf("%v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		s := newSite(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Browse(ctx, s.site, "DC0"); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

// TestBrowseIsCancelledMidway ends the context while the inventory is read.
func TestBrowseIsCancelledMidway(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.model.Map().Handler = func(_ *simulator.Context, m *simulator.Method) (mo.Reference, types.BaseMethodFault) {
		if m.Name == "CreateContainerView" {
			cancel()
		}
		return nil, nil
	}
	if _, err := Browse(ctx, s.site, "DC0"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
