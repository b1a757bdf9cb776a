package vcenter

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers/verdict"
)

// restricted is an AuthorizationManager whose users may do only what it says;
// the simulator's own grants everything.
type restricted struct {
	*simulator.AuthorizationManager
	held map[string][]string // by type and id of object; "" is for every one
}

func (r *restricted) FetchUserPrivilegeOnEntities(req *types.FetchUserPrivilegeOnEntities) soap.HasFault {
	body := &methods.FetchUserPrivilegeOnEntitiesBody{Res: &types.FetchUserPrivilegeOnEntitiesResponse{}}
	for _, e := range req.Entities {
		body.Res.Returnval = append(body.Res.Returnval, types.UserPrivilegeResult{Entity: e, Privileges: slices.Concat(r.held[""], r.held[e.Type+" "+e.Value])})
	}
	return body
}

// restrict lets the user do exactly what grants say.
func (s *sim) restrict(grants []Grant) {
	s.Helper()
	survey := newSurvey(s.cfg, s.site)
	survey.client = s.client
	var v verdict.Verdict
	s.must(survey.checkNetworks(s.Context(), &v))
	s.must(survey.checkDatastores(s.Context(), &v))
	s.must(survey.checkFolders(s.Context(), &v))
	s.must(survey.checkPools(s.Context(), &v))
	s.must(survey.checkTemplates(s.Context(), &v))
	held := map[string][]string{}
	for _, g := range grants {
		entities, err := survey.entities(s.Context(), g.Kind)
		s.must(err)
		for _, e := range entities {
			for _, p := range g.Privileges {
				key := e.ref.Type + " " + e.ref.Value
				held[key] = append(held[key], p.ID)
			}
		}
	}
	s.hold(held)
}

// hold lets the user have exactly these privileges.
func (s *sim) hold(held map[string][]string) {
	ref := *s.client.vim.ServiceContent.AuthorizationManager
	switch m := s.model.Map().Get(ref).(type) {
	case *restricted:
		m.held = held
	case *simulator.AuthorizationManager:
		s.model.Map().Put(&restricted{AuthorizationManager: m, held: held})
	}
}

// without is the role lacking one privilege.
func without(grants []Grant, kind, id string) []Grant {
	var less []Grant
	for _, g := range grants {
		if g.Kind == kind {
			g.Privileges = slices.DeleteFunc(slices.Clone(g.Privileges), func(p Privilege) bool { return p.ID == id })
		}
		less = append(less, g)
	}
	return less
}

func TestPrivileges(t *testing.T) {
	s := newSite(t)
	least := Role(s.cfg)
	for name, c := range map[string]struct {
		grants []Grant
		result event.CheckResult
		found  []string
	}{
		"least role":         {least, event.Passed, []string{"all 42 on 7 objects", "EKS Anywhere itself would ask for "}},
		"EKS Anywhere's own": {append(EKSAnywhereRole(s.cfg), Grant{Kind: "datacenter", Privileges: readOnly}), event.Warned, []string{"on the vCenter / (not all releases of vSphere ask for it): StorageProfile.View"}},
		"one missing":        {without(least, "folder", "VirtualMachine.Interact.PowerOn"), event.Failed, []string{simUser + " lacks privileges on the folder /DC0/vm: VirtualMachine.Interact.PowerOn"}},
		"two objects": {without(without(least, "network", "Network.Assign"), "datastore", "Datastore.AllocateSpace"), event.Failed,
			[]string{"on the datastore /DC0/datastore/LocalDS_0: Datastore.AllocateSpace", "on the network /DC0/network/DC0_DVPG0: Network.Assign"}},
		"template": {without(least, "template", "VirtualMachine.Provisioning.DeployTemplate"), event.Failed, []string{"on the template " + simTemplate + ": VirtualMachine.Provisioning.DeployTemplate"}},
		"pool":     {without(least, "resource pool", "Resource.AssignVMToPool"), event.Failed, []string{"on the resource pool /DC0/host/DC0_C0/Resources: Resource.AssignVMToPool"}},
		"tags":     {without(least, "vCenter", "InventoryService.Tagging.AttachTag"), event.Failed, []string{"on the vCenter /: InventoryService.Tagging.AttachTag"}},
		"nothing":  {nil, event.Failed, []string{"on the datacenter /DC0: System.Anonymous, System.Read, System.View"}},
	} {
		t.Run(name, func(t *testing.T) {
			s.T = t
			s.restrict(c.grants)
			results, _ := s.run()
			got := results[CheckPrivileges]
			if got.Result != c.result {
				t.Errorf("the check says %+v", got)
			}
			for _, part := range c.found {
				if !strings.Contains(got.Found, part) {
					t.Errorf("%q is not in %q", part, got.Found)
				}
			}
			if got.Result == event.Failed && !strings.Contains(got.Remedy, "bootstrap vsphere role") {
				t.Errorf("the remedy is %q", got.Remedy)
			}
		})
	}
}

// Whoever satisfies EKS Anywhere satisfies Groundwork.
func TestRoleIsWithinEKSAnywheres(t *testing.T) {
	for list, want := range map[int]int{len(eksaGlobal): 19, len(eksaUser): 56, len(eksaAdmin): 207, len(readOnly): 3} {
		if list != want {
			t.Errorf("a list has %d privileges, want %d", list, want)
		}
	}
	theirs := map[string][]string{"vCenter": eksaGlobal, "datacenter": eksaGlobal, "network": eksaUser, "datastore": eksaUser, "resource pool": eksaUser, "folder": eksaAdmin, "parent folder": eksaAdmin, "template": eksaAdmin}
	for _, g := range Role(offline(t).cfg) {
		for _, p := range g.Privileges {
			if !slices.Contains(theirs[g.Kind], p.ID) && !p.Advisory {
				t.Errorf("EKS Anywhere does not ask for %s on a %s", p.ID, g.Kind)
			}
			if p.Why == "" {
				t.Errorf("%s has no reason", p.ID)
			}
		}
	}
}

func TestRoleFollowsTheConfiguration(t *testing.T) {
	s := offline(t)
	holds := func(kind, id string) bool {
		return slices.ContainsFunc(Role(s.cfg), func(g Grant) bool {
			return g.Kind == kind && slices.ContainsFunc(g.Privileges, func(p Privilege) bool { return p.ID == id })
		})
	}
	if !holds("vCenter", "InventoryService.Tagging.AttachTag") || !holds("vCenter", "StorageProfile.View") {
		t.Error("tags and storage policies are not reckoned with")
	}
	m := &s.cfg.VSphereMachines["nodes"].Spec
	m.TagIDs, m.StoragePolicyName, m.Folder, m.Datastore = nil, "", "", ""
	if holds("vCenter", "InventoryService.Tagging.AttachTag") || holds("vCenter", "StorageProfile.View") || holds("datastore", "Datastore.AllocateSpace") {
		t.Error("more is asked for than is needed")
	}
	if !slices.ContainsFunc(Role(s.cfg), func(g Grant) bool { return g.Kind == "folder" && slices.Equal(g.Objects, []string{"/DC0/vm"}) }) {
		t.Error("the default folder is forgotten")
	}
}

func TestWriteRole(t *testing.T) {
	s := offline(t)
	s.cfg.VSphereMachines["nodes"].Spec.Folder = "it's ours"
	domainOf(s.cfg, "it's ours")
	grants := Role(s.cfg)
	write := func(form, user string) string {
		var b bytes.Buffer
		if err := WriteRole(&b, form, user, grants); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if text := write(RoleText, ""); !strings.Contains(text, "On the parent folder /DC0/vm, and everything below, only where the folder is missing:\n") ||
		!strings.Contains(text, "make the failure domains' tags, only where the failure domains are not tagged\n") {
		t.Errorf("the text is\n%s", text)
	}
	if text := write(RoleText, ""); !strings.Contains(text, "On the folder /DC0/vm/it's ours, and everything below:\n") || !strings.Contains(text, "  VirtualMachine.Interact.PowerOn ") {
		t.Errorf("the text is\n%s", text)
	}
	var read []Grant
	if err := json.Unmarshal([]byte(write(RoleJSON, "")), &read); err != nil || len(read) != len(grants) {
		t.Errorf("the JSON is %v, %v", read, err)
	}
	if err := WriteRole(&bytes.Buffer{}, "yaml", "", grants); err == nil {
		t.Error("any form is accepted")
	}
	script := write(RoleGovc, "ann@vsphere.local")
	for _, line := range []string{
		"user='ann@vsphere.local'\n", "role 'groundwork-network' \\\n  System.Anonymous \\\n",
		"govc permissions.set -principal \"$user\" -role 'groundwork-folder' -propagate=true '/DC0/vm/it'\\''s ours'\n",
		"govc permissions.set -principal \"$user\" -role 'groundwork-resource-pool' -propagate=false '/DC0/host/*/Resources'\n",
		"# Only where the folder is missing:\n# role 'groundwork-new-folder' \\\n#   System.Anonymous \\\n",
		"\n# govc permissions.set -principal \"$user\" -role 'groundwork-new-folder' -propagate=true '/DC0/vm'\n",
		"# Only where the failure domains are not tagged, add to it: InventoryService.Tagging.CreateTag\n",
	} {
		if !strings.Contains(script, line) {
			t.Errorf("the script lacks %q:\n%s", line, script)
		}
	}
}

// The script must run, and again over what it made.
func TestRoleScriptRuns(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatalf("the script is for a POSIX shell: %v", err)
	}
	var script bytes.Buffer
	if err := WriteRole(&script, RoleGovc, "", Role(offline(t).cfg)); err != nil {
		t.Fatal(err)
	}
	// govc is a function here that fails for roles that are there already.
	full := "made=$1; shift\ngovc() { echo \"govc $*\"; case $1 in role.create) ! test -e \"$made/$2\" && : > \"$made/$2\";; esac; }\n" + script.String()
	made := t.TempDir()
	for _, want := range []int{0, 7} {
		out, err := exec.CommandContext(t.Context(), sh, "-c", full, "role", made, "ann@vsphere.local").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if n := strings.Count(string(out), "govc role.update groundwork-"); n != want {
			t.Errorf("%d roles are updated, want %d:\n%s", n, want, out)
		}
		if !strings.Contains(string(out), "govc permissions.set -principal ann@vsphere.local -role groundwork-vcenter -propagate=false /\n") {
			t.Errorf("the output is %s", out)
		}
	}
	if roles, err := filepath.Glob(filepath.Join(made, "groundwork-*")); err != nil || len(roles) != 7 {
		t.Errorf("the roles are %v, %v", roles, err)
	}
}
