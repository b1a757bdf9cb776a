package vcenter

import (
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

// prepare prepares the site and fails the test where that fails.
func (s *sim) prepare(earlier Settlement) (Settlement, []string) {
	s.Helper()
	settled, made, err := Prepare(s.Context(), s.cfg, s.site, earlier)
	s.must(err)
	return settled, made
}

// domainOf puts the workers into a failure domain without tags.
func domainOf(cfg *v1alpha1.Config, folder string) {
	cfg.VSphereDatacenter.Spec.FailureDomains = []v1alpha1.FailureDomain{{Name: "fd-1", ComputeCluster: "DC0_C0",
		ResourcePool: "*/Resources", Datastore: "LocalDS_0", Folder: folder, Network: "/DC0/network/DC0_DVPG0"}}
	cfg.Cluster.Spec.WorkerNodeGroupConfigurations[0].FailureDomains = []string{"fd-1"}
}

// TestPrepareSettles compares what is settled with what EKS Anywhere's own
// defaulter and validator make of the same file and vCenter.
func TestPrepareSettles(t *testing.T) {
	const pool = "/DC0/host/DC0_C0/Resources"
	for name, c := range map[string]struct {
		change func(*sim, *v1alpha1.VSphereMachineConfigSpec)
		want   Placement
	}{
		"snapshot and equal disk": {func(*sim, *v1alpha1.VSphereMachineConfigSpec) {}, Placement{simTemplate, "/DC0/vm", pool, v1alpha1.LinkedClone, 25}},
		"larger disk":             {func(_ *sim, m *v1alpha1.VSphereMachineConfigSpec) { m.DiskGiB = 40 }, Placement{simTemplate, "/DC0/vm", pool, v1alpha1.FullClone, 40}},
		"smaller disk":            {func(_ *sim, m *v1alpha1.VSphereMachineConfigSpec) { m.DiskGiB = 20 }, Placement{simTemplate, "/DC0/vm", pool, v1alpha1.LinkedClone, 25}},
		"no snapshot":             {func(s *sim, _ *v1alpha1.VSphereMachineConfigSpec) { s.template().Snapshot = nil }, Placement{simTemplate, "/DC0/vm", pool, v1alpha1.FullClone, 25}},
		"full and smaller":        {func(_ *sim, m *v1alpha1.VSphereMachineConfigSpec) { m.CloneMode, m.DiskGiB = v1alpha1.FullClone, 20 }, Placement{simTemplate, "/DC0/vm", pool, v1alpha1.FullClone, 25}},
		"broken disk size":        {func(s *sim, m *v1alpha1.VSphereMachineConfigSpec) { s.setDisks(simDisk + 512<<10) }, Placement{simTemplate, "/DC0/vm", pool, v1alpha1.LinkedClone, 26}},
		"short names": {func(s *sim, m *v1alpha1.VSphereMachineConfigSpec) {
			s.nestedPool("prod")
			m.Template, m.Folder, m.ResourcePool = "ubuntu-2404-kube-v1.35", "clusters", "Resources/prod"
		}, Placement{simTemplate, "/DC0/vm/clusters", pool + "/prod", v1alpha1.LinkedClone, 25}},
		"defaults of the vCenter": {func(_ *sim, m *v1alpha1.VSphereMachineConfigSpec) { m.Folder, m.ResourcePool = "", "" }, Placement{simTemplate, "", "", v1alpha1.LinkedClone, 25}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.machine.Spec.CloneMode = ""
			c.change(s, &s.machine.Spec)
			settled, _ := s.prepare(Settlement{})
			if got := settled.Machine(s.machine); got != c.want {
				t.Errorf("%+v\nwant %+v", got, c.want)
			}
			if n := s.sessionsLeft(); n != 0 {
				t.Errorf("%d sessions are left", n)
			}
		})
	}
}

// What is missing is made once, and the preflight is content before and after.
func TestPrepareMakesWhatIsMissing(t *testing.T) {
	s := newSite(t)
	s.machine.Spec.Folder = "clusters/demo"
	domainOf(s.cfg, "/DC0/vm/clusters/zone")
	if _, err := s.run(); err != nil {
		t.Fatalf("the preflight before: %v", err)
	}
	_, made := s.prepare(Settlement{})
	want := []string{
		"made the folder /DC0/vm/clusters/zone",
		"attached the tag DC0 of the category k8s-region to /DC0",
		"attached the tag DC0_C0 of the category k8s-zone to /DC0/host/DC0_C0",
		"made the folder /DC0/vm/clusters/demo",
	}
	if !slices.Equal(made, want) {
		t.Errorf("made %q\nwant %q", made, want)
	}
	for _, folder := range []string{"/DC0/vm/clusters/zone", "/DC0/vm/clusters/demo"} {
		if _, err := s.client.finder.Folder(t.Context(), folder); err != nil {
			t.Error(err)
		}
	}
	results, err := s.run()
	if err != nil {
		t.Errorf("the preflight afterwards: %v", err)
	}
	for _, check := range []string{CheckFolders, CheckFailureDomains} {
		if found := results[check].Found; strings.Contains(found, "will be made") || strings.Contains(found, "gets the tag") {
			t.Errorf("%s still says %s", check, found)
		}
	}
	if _, again := s.prepare(Settlement{}); len(again) > 0 {
		t.Errorf("made once more: %q", again)
	}
}

// A resumed run makes the same objects, whatever has happened to the site.
func TestPrepareKeepsWhatWasSettled(t *testing.T) {
	s := newSite(t)
	s.machine.Spec.CloneMode = ""
	domainOf(s.cfg, "/DC0/vm")
	first, _ := s.prepare(Settlement{})
	s.template().Snapshot = nil // would make full clones of it
	server := s.site.Server
	s.site.Server = closedPort(t)
	if again, _ := s.prepare(first); again.Machine(s.machine) != first.Machine(s.machine) || again.Machine(s.machine).CloneMode != v1alpha1.LinkedClone {
		t.Errorf("%+v became %+v", first, again)
	}
	s.site.Server = server
	// An accepted change settles anew what it is about, and that alone.
	other := *s.machine
	other.Name = "workers"
	s.cfg.VSphereMachines["workers"] = &other
	s.worker().MachineGroupRef = &v1alpha1.Ref{Kind: "VSphereMachineConfig", Name: "workers"}
	changed, _ := s.prepare(first)
	if changed.Machine(s.machine).CloneMode != v1alpha1.LinkedClone || changed.Machine(&other).CloneMode != v1alpha1.FullClone {
		t.Errorf("after the change: %+v", changed)
	}
	// What was settled for something else does not count.
	s.machine.Spec.DiskGiB = 40
	if got := first.Machine(s.machine); got.DiskGiB != 40 {
		t.Errorf("what was settled for 25 GiB counts for 40: %+v", got)
	}
	s.machine.Spec.DiskGiB = 25
	s.cfg.VSphereDatacenter.Spec.Server = "another.example.com"
	if moved, _ := s.prepare(changed); moved.Machine(s.machine).CloneMode != v1alpha1.FullClone {
		t.Errorf("what was settled with another vCenter counts: %+v", moved)
	}
}

// What cannot be settled is said with its remedy.
func TestPrepareRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil         func(*sim)
		found, remedy string
	}{
		"unknown pool":       {func(s *sim) { s.machine.Spec.ResourcePool = "prod" }, `no resource pool "prod"`, "Correct the resource pool's name"},
		"unknown template":   {func(s *sim) { s.machine.Spec.Template = "none" }, `no template "none"`, "Correct the template's name"},
		"unknown datacenter": {func(s *sim) { s.cfg.VSphereDatacenter.Spec.Datacenter = "DC7" }, `no datacenter "DC7"`, "Correct the datacenter's name"},
		"linked and larger":  {func(s *sim) { s.machine.Spec.DiskGiB = 40 }, "keep its 25 GiB", "fullClone"},
		"folder elsewhere":   {func(s *sim) { s.machine.Spec.Folder = "/DC0/host/x" }, "not a folder for virtual machines", "/DC0/vm"},
		"denied": {func(s *sim) {
			s.machine.Spec.Folder = "clusters"
			s.model.Map().Handler = func(_ *simulator.Context, m *simulator.Method) (mo.Reference, types.BaseMethodFault) {
				if m.Name == "CreateFolder" {
					return nil, &types.NoPermission{Object: &m.This, PrivilegeId: privilegeCreateFolder}
				}
				return nil, nil
			}
		}, "does not let the user prepare the site", "Folder.Create"},
		"down": {func(s *sim) { s.site.Server = closedPort(s.T) }, "refuses connections", "Check that it is running"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			c.spoil(s)
			_, _, err := Prepare(t.Context(), s.cfg, s.site, Settlement{})
			if failure.ExitCode(err) != failure.Preflight || !strings.Contains(err.Error(), c.found) || !strings.Contains(failure.Remedy(err), c.remedy) {
				t.Errorf("the error is %v\nremedy %s", err, failure.Remedy(err))
			}
		})
	}
}

// Where the user may not make what is missing, the preflight says so.
func TestPreflightNamesThePrivilegeForWhatIsMissing(t *testing.T) {
	s := newSite(t)
	s.folder("clusters")
	s.machine.Spec.Folder = "clusters/demo"
	domainOf(s.cfg, "/DC0/vm")
	everything := func() map[string][]string {
		held := map[string][]string{}
		for _, g := range Role(s.cfg) {
			for _, p := range g.Privileges {
				held[""] = append(held[""], p.ID)
			}
		}
		return held
	}
	without := func(id string) map[string][]string {
		held := everything()
		held[""] = slices.DeleteFunc(held[""], func(p string) bool { return p == id })
		return held
	}
	for name, c := range map[string]struct {
		held                 map[string][]string
		check, found, remedy string
	}{
		"folder":            {without(privilegeCreateFolder), CheckFolders, "lacks on /DC0/vm/clusters: Folder.Create", "govc folder.create /DC0/vm/clusters/demo"},
		"category":          {without(privilegeCreateCategory), CheckFailureDomains, "lacks InventoryService.Tagging.CreateCategory on the vCenter", "govc tags.category.create"},
		"machines in there": {without("VirtualMachine.Interact.PowerOn"), CheckFolders, "lacks on /DC0/vm/clusters: VirtualMachine.Interact.PowerOn", "govc folder.create"},
		"all":               {everything(), "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s.T = t
			s.hold(c.held)
			results, err := s.run()
			if c.check == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if r := results[c.check]; r.Result != event.Failed || !strings.Contains(r.Found, c.found) || !strings.Contains(r.Remedy, c.remedy) {
				t.Errorf("%+v", r)
			}
		})
	}
}
