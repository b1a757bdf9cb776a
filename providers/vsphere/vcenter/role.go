package vcenter

import (
	"path"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// Grant is what a user needs on objects of one kind.
type Grant struct {
	// Kind is "vCenter", "datacenter", "network", "datastore",
	// "resource pool", "folder", "parent folder" or "template".
	Kind string `json:"kind"`
	// Role is a name for a role of these privileges.
	Role string `json:"role"`
	// Objects are the inventory paths to give it on.
	Objects []string `json:"objects"`
	// Propagate says that what is below the objects needs it too: machines
	// in their folder, hosts in their datacenter.
	Propagate  bool        `json:"propagate"`
	Privileges []Privilege `json:"privileges"`
}

// Privilege is one vSphere privilege.
type Privilege struct {
	// ID is the vSphere API's identifier, such as Network.Assign.
	ID string `json:"id"`
	// Why says what it is needed for.
	Why string `json:"why"`
	// Advisory marks one whose need differs between vSphere releases: that
	// it is missing is worth a warning.
	Advisory bool `json:"advisory,omitempty"`
	// When names the case in which alone it is needed; empty means always.
	When string `json:"when,omitempty"`
}

const (
	privilegeCreateFolder   = "Folder.Create"
	privilegeCreateCategory = "InventoryService.Tagging.CreateCategory"
	privilegeCreateTag      = "InventoryService.Tagging.CreateTag"

	whenNoFolder = "the folder is missing"
	whenUntagged = "the failure domains are not tagged"
)

// The privileges that reading takes; every role of vSphere holds them.
var readOnly = []Privilege{
	{ID: "System.Anonymous", Why: "log in"},
	{ID: "System.Read", Why: "read the object's properties"},
	{ID: "System.View", Why: "see the object"},
}

// What Cluster API Provider vSphere calls, and the privileges that the
// vSphere API reference demands for each call (CloneVM_Task, ReconfigVM_Task,
// PowerOnVM_Task, PowerOffVM_Task, Destroy_Task).
var (
	networkPrivileges   = []Privilege{{ID: "Network.Assign", Why: "connect a machine's network card"}}
	datastorePrivileges = []Privilege{{ID: "Datastore.AllocateSpace", Why: "place a machine's disks"}}
	poolPrivileges      = []Privilege{{ID: "Resource.AssignVMToPool", Why: "place a machine"}}
	templatePrivileges  = []Privilege{
		{ID: "VirtualMachine.Provisioning.DeployTemplate", Why: "clone a template"},
		{ID: "VirtualMachine.Provisioning.Clone", Why: "clone it where it is not marked as a template", Advisory: true},
	}
	folderPrivileges = []Privilege{
		{ID: "VirtualMachine.Inventory.CreateFromExisting", Why: "make a machine by cloning"},
		{ID: "VirtualMachine.Inventory.Delete", Why: "remove a machine"},
		{ID: "VirtualMachine.Interact.PowerOn", Why: "start a machine"},
		{ID: "VirtualMachine.Interact.PowerOff", Why: "stop a machine"},
		{ID: "VirtualMachine.Config.AddNewDisk", Why: "give a clone its disk"},
		{ID: "VirtualMachine.Config.AddRemoveDevice", Why: "replace the template's network cards"},
		{ID: "VirtualMachine.Config.AdvancedConfig", Why: "hand over cloud-init's data (guestinfo)"},
		{ID: "VirtualMachine.Config.CPUCount", Why: "set numCPUs"},
		{ID: "VirtualMachine.Config.DiskExtend", Why: "grow the disk to diskGiB"},
		{ID: "VirtualMachine.Config.EditDevice", Why: "set up disks and network cards"},
		{ID: "VirtualMachine.Config.Memory", Why: "set memoryMiB"},
		{ID: "VirtualMachine.Config.Settings", Why: "set disk UUIDs and the machine's identity"},
		{ID: "VApp.ApplicationConfig", Why: "drop the template's vApp properties", Advisory: true},
	}
	tagPrivileges = []Privilege{
		{ID: "InventoryService.Tagging.AttachTag", Why: "attach the configuration's tags"},
	}
	taggedPrivileges = []Privilege{
		{ID: "InventoryService.Tagging.ObjectAttachable", Why: "attach the configuration's tags to a machine", Advisory: true},
	}
	zonePrivileges = []Privilege{
		{ID: privilegeCreateCategory, Why: "make the tag categories of regions and zones", When: whenUntagged},
		{ID: privilegeCreateTag, Why: "make the failure domains' tags", When: whenUntagged},
		{ID: "InventoryService.Tagging.AttachTag", Why: "tag the failure domains' datacenter and compute clusters", When: whenUntagged},
	}
	policyPrivileges = []Privilege{
		{ID: "StorageProfile.View", Why: "find the storage policy", Advisory: true},
	}
)

// Role is the least that a vSphere user needs for the clusters of cfg: for
// Cluster API Provider vSphere to make, change and remove their machines, and
// for the preflight to look. EKS Anywhere's roles contain it, so that its
// users can stay what they are.
func Role(cfg *v1alpha1.Config) []Grant {
	p := planOf(cfg)
	datacenter := datacenterPath(cfg)
	root := Grant{Kind: "vCenter", Role: "groundwork-vcenter", Objects: []string{"/"}, Privileges: slices.Clone(readOnly)}
	folder := Grant{Kind: "folder", Role: "groundwork-folder", Objects: places(datacenter, "vm", p.folders()), Propagate: true,
		Privileges: slices.Concat(readOnly, folderPrivileges)}
	if len(folder.Objects) == 0 {
		folder.Objects = []string{datacenter + "/vm"}
	}
	if len(p.distinct(func(g group) []string { return g.machine.Spec.TagIDs })) > 0 {
		root.Privileges = append(root.Privileges, tagPrivileges...)
		folder.Privileges = append(folder.Privileges, taggedPrivileges...)
	}
	if len(p.distinct(func(g group) []string { return []string{g.machine.Spec.StoragePolicyName} })) > 0 {
		root.Privileges = append(root.Privileges, policyPrivileges...)
	}
	if slices.ContainsFunc(p.groups, func(g group) bool { return g.domain != "" }) {
		for _, privilege := range zonePrivileges {
			if !slices.ContainsFunc(root.Privileges, func(held Privilege) bool { return held.ID == privilege.ID }) {
				root.Privileges = append(root.Privileges, privilege)
			}
		}
	}
	grants := []Grant{
		root,
		{Kind: "datacenter", Role: "groundwork-read", Objects: []string{datacenter}, Propagate: true, Privileges: readOnly},
		folder,
		newFolder(places(datacenter, "vm", p.folders()), folder.Privileges),
		{Kind: "template", Role: "groundwork-template", Objects: places(datacenter, "vm", p.templates()), Privileges: slices.Concat(readOnly, templatePrivileges)},
		{Kind: "resource pool", Role: "groundwork-resource-pool", Objects: places(datacenter, "host", p.pools()), Privileges: slices.Concat(readOnly, poolPrivileges)},
		{Kind: "datastore", Role: "groundwork-datastore", Objects: places(datacenter, "datastore", p.datastores()), Privileges: slices.Concat(readOnly, datastorePrivileges)},
		{Kind: "network", Role: "groundwork-network", Objects: places(datacenter, "network", p.networks()), Privileges: slices.Concat(readOnly, networkPrivileges)},
	}
	return slices.DeleteFunc(grants, func(g Grant) bool { return len(g.Objects) == 0 })
}

// newFolder is what making folders takes: in the folders above them, so that
// the new ones inherit what machines take.
func newFolder(folders []string, machines []Privilege) Grant {
	g := Grant{Kind: "parent folder", Role: "groundwork-new-folder", Propagate: true}
	for _, f := range folders {
		if parent := path.Dir(f); !slices.Contains(g.Objects, parent) {
			g.Objects = append(g.Objects, parent)
		}
	}
	for _, p := range slices.Concat(machines, []Privilege{{ID: privilegeCreateFolder, Why: "make the folder"}}) {
		p.When = whenNoFolder
		g.Privileges = append(g.Privileges, p)
	}
	return g
}

// datacenterPath is the inventory path of the configuration's datacenter.
func datacenterPath(cfg *v1alpha1.Config) string {
	return path.Join("/", cfg.VSphereDatacenter.Spec.Datacenter)
}

// places makes full inventory paths of names in the datacenter's folder kind.
func places(datacenter, kind string, names []string) []string {
	full := make([]string, len(names))
	for i, n := range names {
		full[i] = n
		if !strings.HasPrefix(n, "/") {
			full[i] = path.Join(datacenter, kind, n)
		}
	}
	return full
}
