package vcenter

import (
	"strings"
	"testing"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
)

// zoned puts the workers into a failure domain that suits the site.
func zoned(s *sim) *v1alpha1.FailureDomain {
	s.Helper()
	cluster, err := s.client.finder.ClusterComputeResource(s.Context(), "DC0_C0")
	s.must(err)
	s.tag("k8s-region", "DC0", s.client.datacenter.Reference())
	s.tag("k8s-zone", "/DC0/host/DC0_C0", cluster.Reference())
	s.cfg.VSphereDatacenter.Spec.FailureDomains = []v1alpha1.FailureDomain{{Name: "fd-1", ComputeCluster: "/DC0/host/DC0_C0",
		ResourcePool: "/DC0/host/DC0_C0/Resources", Datastore: "LocalDS_0", Folder: "/DC0/vm", Network: "/DC0/network/DC0_DVPG0"}}
	s.worker().FailureDomains = []string{"fd-1"}
	return &s.cfg.VSphereDatacenter.Spec.FailureDomains[0]
}

func (s *sim) pool() *simulator.ResourcePool {
	return s.model.Map().Any("ResourcePool").(*simulator.ResourcePool)
}

func (s *sim) host() *simulator.HostSystem {
	return s.model.Map().Any("HostSystem").(*simulator.HostSystem)
}

func (s *sim) datastore() *simulator.Datastore {
	return s.model.Map().Any("Datastore").(*simulator.Datastore)
}

func (s *sim) template() *simulator.VirtualMachine {
	return s.model.Map().Any("VirtualMachine").(*simulator.VirtualMachine)
}

// TestChecks breaks one thing at a time and expects one check to say so with
// its remedy, those that need it to be skipped, and all others to pass.
func TestChecks(t *testing.T) {
	two := func(m *simulator.Model) { m.Cluster = 2 }
	for name, c := range map[string]struct {
		adjust func(*simulator.Model)
		spoil  func(*sim)
		check  string
		result event.CheckResult
		found  string
		remedy string
	}{
		"all is well":             {nil, func(*sim) {}, CheckLogin, event.Passed, "VMware vCenter Server", ""},
		"failure domain":          {nil, func(s *sim) { zoned(s) }, CheckFailureDomains, event.Passed, "fd-1: /DC0/host/DC0_C0", ""},
		"relative names":          {nil, func(s *sim) { m := &s.machine.Spec; m.Datastore, m.Template = "LocalDS_0", "ubuntu-2404-kube-v1.35" }, CheckTemplates, event.Passed, simTemplate, ""},
		"defaults of the vCenter": {nil, func(s *sim) { m := &s.machine.Spec; m.Datastore, m.Folder, m.ResourcePool = "", "", "" }, CheckPrivileges, event.Passed, "all ", ""},
		"dangling reference":      {nil, func(s *sim) { s.worker().MachineGroupRef = &v1alpha1.Ref{Name: "gone"} }, CheckReferences, event.Failed, "workers md-0: VSphereMachineConfig gone does not exist", "Add the object"},
		"dangling failure domain": {nil, func(s *sim) { s.worker().FailureDomains = []string{"fd-9"} }, CheckReferences, event.Failed, "workers md-0: failure domain fd-9 does not exist", "correct the reference"},
		"no password":             {nil, func(s *sim) { s.site.Password = secret.String{} }, CheckCredentials, event.Failed, "EKSA_VSPHERE_PASSWORD not set", "Set EKSA_VSPHERE_PASSWORD in the environment"},
		"wrong password":          {nil, func(s *sim) { s.site.Password = secret.New("x" + simPassword) }, CheckLogin, event.Failed, `refused the login of "groundwork@vsphere.local"`, "Check EKSA_VSPHERE_USERNAME"},
		"down":                    {nil, func(s *sim) { s.server.Close() }, CheckReachable, event.Failed, "the vCenter refuses connections", "Check that it is running"},
		"unknown certificate":     {nil, func(s *sim) { s.site.Thumbprint = "" }, CheckCertificate, event.Failed, "is not trusted: x509", "set spec.thumbprint"},
		"wrong thumbprint":        {nil, func(s *sim) { s.site.Thumbprint = strings.Repeat("AB:", 19) + "AB" }, CheckCertificate, event.Failed, "not " + strings.Repeat("AB:", 19) + "AB", "something else answers"},
		"no thumbprint at all":    {nil, func(s *sim) { s.site.Thumbprint = "ABCDEFG" }, CheckCertificate, event.Failed, `"ABCDEFG" is not a thumbprint`, "Set spec.thumbprint"},
		"insecure":                {nil, func(s *sim) { s.site.Insecure, s.site.Thumbprint = true, "" }, CheckCertificate, event.Warned, "not verified", "Set insecure: false and thumbprint"},
		"unknown datacenter":      {nil, func(s *sim) { s.cfg.VSphereDatacenter.Spec.Datacenter = "DC1" }, CheckDatacenter, event.Failed, `there is no datacenter "DC1"; there is /DC0`, "Correct the datacenter's name"},
		"unknown network":         {nil, func(s *sim) { s.cfg.VSphereDatacenter.Spec.Network = "/DC0/network/DC0_DVPG1" }, CheckNetworks, event.Failed, "there is /DC0/network/DC0_DVPG0", "Correct the network's name"},
		"second network":          {nil, func(s *sim) { s.machine.Spec.Networks = []string{"VM Network", "DVS"} }, CheckNetworks, event.Failed, `there is no network "DVS"; there is /DC0/network/DC0_DVPG0, /DC0/network/VM Network, /DC0/network/DVS0-DVUplinks`, ""},
		"switch for a network":    {nil, func(s *sim) { s.cfg.VSphereDatacenter.Spec.Network = "/DC0/network/DVS0" }, CheckNetworks, event.Failed, "is a distributed switch", "port groups"},
		"unknown datastore":       {nil, func(s *sim) { s.machine.Spec.Datastore = "LocalDS_9" }, CheckDatastores, event.Failed, `"LocalDS_9"; there is /DC0/datastore/LocalDS_0 (for control plane, workers md-0)`, "Correct the datastore's name"},
		"missing folder":          {nil, func(s *sim) { s.machine.Spec.Folder = "/DC0/vm/clusters" }, CheckFolders, event.Passed, "/DC0/vm/clusters, which will be made", ""},
		"relative folder":         {nil, func(s *sim) { s.folder("a"); s.machine.Spec.Folder = "a/b/c" }, CheckFolders, event.Passed, "/DC0/vm/a/b/c, which will be made", ""},
		"folder of another kind":  {nil, func(s *sim) { s.machine.Spec.Folder = "/DC0/host" }, CheckFolders, event.Failed, "not a folder for virtual machines", "Name a folder under /DC0/vm"},
		"pool by its end":         {nil, func(s *sim) { s.nestedPool("prod"); s.machine.Spec.ResourcePool = "Resources/prod" }, CheckPools, event.Passed, "/DC0/host/DC0_C0/Resources/prod", ""},
		"pool anywhere":           {nil, func(s *sim) { s.nestedPool("prod"); s.machine.Spec.ResourcePool = "*/prod" }, CheckPools, event.Passed, "/DC0/host/DC0_C0/Resources/prod", ""},
		"pool by half a name":     {nil, func(s *sim) { s.nestedPool("prod"); s.machine.Spec.ResourcePool = "*/ources/prod" }, CheckPools, event.Failed, "there is no resource pool", "Correct the resource pool's name"},
		"pools anywhere": {two, func(s *sim) {
			s.nestedPool("prod")
			s.machine.Spec.ResourcePool = "*/prod"
			s.nestedPoolIn("DC0_C1", "prod")
		}, CheckPools, event.Failed, "is ambiguous", "Write the full inventory path"},
		"template by its end": {nil, func(s *sim) { s.machine.Spec.Template = "vm" + strings.TrimPrefix(simTemplate, "/DC0/vm") }, CheckTemplates, event.Passed, simTemplate, ""},
		"unknown pool":        {nil, func(s *sim) { s.machine.Spec.ResourcePool = "Prod" }, CheckPools, event.Failed, `there is no resource pool "Prod"; there is /DC0/host/DC0_C0/Resources`, ""},
		"ambiguous pool":      {two, nil, CheckPools, event.Failed, "is ambiguous: it matches /DC0/host/DC0_C0/Resources, /DC0/host/DC0_C1/Resources", "Write the full inventory path"},
		"detached datastore":  {two, func(s *sim) { s.machine.Spec.ResourcePool = "/DC0/host/DC0_C1/Resources"; s.detach("DC0_C1") }, CheckPlacement, event.Failed, "the datastore /DC0/datastore/LocalDS_0 is not attached to the hosts of DC0_C1", "belong together"},
		"zone without tag":    {nil, func(s *sim) { d := zoned(s); d.ComputeCluster = "DC0_C0" }, CheckFailureDomains, event.Passed, `/DC0/host/DC0_C0 gets the tag "DC0_C0" of the category k8s-zone`, ""},
		"zone tagged in another way": {nil, func(s *sim) {
			cluster, err := s.client.finder.ClusterComputeResource(s.Context(), "DC0_C0")
			s.must(err)
			d := zoned(s)
			d.ComputeCluster = "DC0_C0"
			s.tag("team", "DC0_C0", cluster.Reference())
		}, CheckFailureDomains, event.Passed, `gets the tag "DC0_C0" of the category k8s-zone`, ""},
		"detached network":          {two, func(s *sim) { s.machine.Spec.ResourcePool = "/DC0/host/DC0_C1/Resources"; s.detachNetwork("DC0_C1") }, CheckPlacement, event.Failed, "the network /DC0/network/DC0_DVPG0 is not attached to the hosts of DC0_C1", "belong together"},
		"denied a look":             {nil, func(s *sim) { s.deny("FetchUserPrivilegeOnEntities") }, CheckPrivileges, event.Failed, "the vCenter denies the user a look", "Give groundwork@vsphere.local the privilege System.View"},
		"incomplete failure domain": {nil, func(s *sim) { zoned(s).Network = "" }, CheckFailureDomains, event.Failed, "fd-1 is incomplete", "Set computeCluster"},
		"pool of another zone": {two, func(s *sim) {
			zoned(s).ResourcePool = "/DC0/host/DC0_C1/Resources"
			s.machine.Spec.ResourcePool = "/DC0/host/DC0_C0/Resources"
		}, CheckFailureDomains, event.Failed, "is not in the cluster /DC0/host/DC0_C0", "Name a resource pool of that cluster"},
		"zone that is not there":      {nil, func(s *sim) { zoned(s).ComputeCluster = "DC0_C7" }, CheckFailureDomains, event.Failed, `no compute cluster "DC0_C7"; there is /DC0/host/DC0_C0 (for failure domain fd-1)`, ""},
		"unknown template":            {nil, func(s *sim) { s.machine.Spec.Template = "ubuntu-2404-kube-v1.34" }, CheckTemplates, event.Failed, "there is " + simTemplate, "Correct the template's name"},
		"no template":                 {nil, func(s *sim) { s.machine.Spec.Template = "" }, CheckTemplates, event.Failed, "names none", "Import a template of Kubernetes 1.35"},
		"plain machine":               {nil, func(s *sim) { s.template().Config.Template = false; s.template().Snapshot = nil }, CheckTemplates, event.Failed, "is a virtual machine, not a template", "govc vm.markastemplate " + simTemplate},
		"plain machine with snapshot": {nil, func(s *sim) { s.template().Config.Template = false }, CheckTemplates, event.Warned, "should it be started", "govc vm.markastemplate"},
		"no release tag":              {nil, func(s *sim) { s.untag("eksdRelease:" + simRelease) }, CheckTemplateTags, event.Failed, "has no tag eksdRelease:kubernetes-1-35-eks-N", "govc tags.attach -c eksdRelease"},
		"release of another minor":    {nil, func(s *sim) { s.cfg.Cluster.Spec.KubernetesVersion = "1.34" }, CheckTemplateTags, event.Failed, "holds kubernetes-1-35-eks-7, but control plane are to run Kubernetes 1.34", "Name a template of Kubernetes 1.34"},
		"older workers":               {nil, func(s *sim) { v := v1alpha1.KubernetesVersion("1.34"); s.worker().KubernetesVersion = &v }, CheckTemplateTags, event.Failed, "workers md-0 are to run Kubernetes 1.34", ""},
		"another release":             {nil, func(s *sim) { s.options = []Option{WithRelease("1.35", "kubernetes-1-35-eks-9")} }, CheckTemplateTags, event.Warned, "images are of kubernetes-1-35-eks-9", "Import the template of kubernetes-1-35-eks-9"},
		"no system tag":               {nil, func(s *sim) { s.untag("os:ubuntu") }, CheckTemplateTags, event.Failed, "has no tag os:ubuntu", "govc tags.attach -c os os:ubuntu " + simTemplate},
		"another system":              {nil, func(s *sim) { s.machine.Spec.OSFamily = v1alpha1.RedHat }, CheckTemplateTags, event.Failed, "is tagged os:ubuntu, but VSphereMachineConfig nodes says osFamily redhat", "Correct osFamily"},
		"linked without snapshot":     {nil, func(s *sim) { s.template().Snapshot = nil }, CheckCloneMode, event.Failed, "cloneMode is linkedClone, but " + simTemplate + " has no snapshot", "fullClone, or make the snapshot"},
		"linked with larger disk":     {nil, func(s *sim) { s.machine.Spec.DiskGiB = 40 }, CheckCloneMode, event.Failed, "diskGiB is 40, but linked clones of " + simTemplate + " keep its 25 GiB", "diskGiB to 25"},
		"unset mode with larger disk": {nil, func(s *sim) { s.machine.Spec.DiskGiB, s.machine.Spec.CloneMode = 40, "" }, CheckCloneMode, event.Passed, "fullClone of " + simTemplate + ", 40 GiB", ""},
		"unset mode with equal disk":  {nil, func(s *sim) { s.machine.Spec.CloneMode = "" }, CheckCloneMode, event.Passed, "linkedClone of " + simTemplate + ", 25 GiB", ""},
		"linked with smaller disk":    {nil, func(s *sim) { s.machine.Spec.DiskGiB = 20 }, CheckCloneMode, event.Passed, "25 GiB, raised from 20", ""},
		"unset mode, no snapshot":     {nil, func(s *sim) { s.template().Snapshot, s.machine.Spec.CloneMode = nil, "" }, CheckCloneMode, event.Passed, "fullClone of", ""},
		"full with smaller disk":      {nil, func(s *sim) { s.machine.Spec.DiskGiB, s.machine.Spec.CloneMode = 24, v1alpha1.FullClone }, CheckCloneMode, event.Passed, "25 GiB, raised from 24", ""},
		"full with larger disk":       {nil, func(s *sim) { s.machine.Spec.DiskGiB, s.machine.Spec.CloneMode = 40, v1alpha1.FullClone }, CheckCloneMode, event.Passed, "40 GiB", ""},
		"no disk":                     {nil, func(s *sim) { s.setDisks() }, CheckCloneMode, event.Failed, "has no disk", "Name a template with a disk"},
		"unknown tag":                 {nil, func(s *sim) { s.machine.Spec.TagIDs = []string{"urn:vmomi:InventoryServiceTag:0:GLOBAL"} }, CheckTags, event.Failed, "there is no tag urn:vmomi:InventoryServiceTag:0:GLOBAL (for control plane, workers md-0)", "govc tags.info"},
		"unknown policy":              {nil, func(s *sim) { s.machine.Spec.StoragePolicyName = "vSAN default" }, CheckPolicies, event.Failed, `there is no storage policy "vSAN default"`, "Correct storagePolicyName"},
		"full datastore":              {nil, func(s *sim) { s.datastore().Summary.FreeSpace = 100 << 30 }, CheckSpace, event.Failed, "has 100.0GB free; the disks of 5 machines need 125.0GB", "name another datastore"},
		"no room to swap":             {nil, func(s *sim) { s.datastore().Summary.FreeSpace = 140 << 30 }, CheckSpace, event.Warned, "may come to 165.0GB", "swap file"},
		"datastore in maintenance":    {nil, func(s *sim) { s.datastore().Summary.MaintenanceMode = "inMaintenance" }, CheckSpace, event.Failed, "is in maintenance mode", "out of maintenance mode"},
		"datastore out of reach":      {nil, func(s *sim) { s.datastore().Summary.Accessible = false }, CheckSpace, event.Failed, "is not accessible", "Reconnect"},
		"limited memory":              {nil, func(s *sim) { s.pool().Config.MemoryAllocation.Limit = types.NewInt64(32 << 10) }, CheckCapacity, event.Failed, "31.0GB of memory left under its limit; 5 machines ask for 40.0GB", "Raise the pool's limit"},
		"little memory":               {nil, func(s *sim) { s.pool().Runtime.Memory.MaxUsage = 32 << 30 }, CheckCapacity, event.Warned, "31.0GB of memory left; 5 machines ask for 40.0GB", ""},
		"too many CPUs":               {nil, func(s *sim) { s.machine.Spec.NumCPUs = 32 }, CheckCapacity, event.Failed, "numCPUs is 32, but no host of DC0_C0 has more than 16", "Set numCPUs of nodes to 16 or less"},
		"machine larger than a host":  {nil, func(s *sim) { s.host().Summary.Hardware.MemorySize = 4 << 30 }, CheckCapacity, event.Warned, "no host of DC0_C0 has more than 4.0GB", "memoryMiB"},
		"hosts in maintenance":        {nil, func(s *sim) { s.host().Runtime.InMaintenanceMode = true }, CheckCapacity, event.Failed, "DC0_C0 has no usable host", "Connect a host"},
		"machine left over":           {nil, func(s *sim) { s.clone("demo-md-0-7c9xk-x2bcd") }, CheckClusterName, event.Failed, "virtual machines of a cluster of this name: /DC0/vm/demo-md-0-7c9xk-x2bcd", "bootstrap delete cluster"},
		"control plane left over":     {nil, func(s *sim) { s.clone("demo-x2bcd") }, CheckClusterName, event.Failed, "/DC0/vm/demo-x2bcd", ""},
		"machines of others":          {nil, func(s *sim) { s.clone("demo-nginx"); s.clone("demo-two-x2bcd"); s.clone("demo-md-0-other-md-1-x2bcd") }, CheckClusterName, event.Passed, "none of the datacenter's 4 virtual machines", ""},
		"folder left over":            {nil, func(s *sim) { s.folder("demo") }, CheckClusterName, event.Warned, "/DC0/vm/demo", "Remove the folder"},
		"folder of the cluster":       {nil, func(s *sim) { s.folder("demo"); s.machine.Spec.Folder = "/DC0/vm/demo" }, CheckClusterName, event.Passed, "none", ""},
		"endpoint is a name":          {nil, func(s *sim) { s.cfg.Cluster.Spec.ControlPlaneConfiguration.Endpoint.Host = "api.example.com" }, CheckEndpoint, event.Failed, `"api.example.com" is not an IP address`, "free IP address"},
		"load balancer by name": {nil, func(s *sim) {
			c := &s.cfg.Cluster.Spec.ControlPlaneConfiguration
			c.Endpoint.Host, c.SkipLoadBalancerDeployment = "api.example.com", true
		}, CheckEndpoint, event.Passed, "api.example.com", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var adjust []func(*simulator.Model)
			if c.adjust != nil {
				adjust = append(adjust, c.adjust)
			}
			s := newSite(t, adjust...)
			if c.spoil != nil {
				c.spoil(s)
			}
			results, err := s.run()
			if failed := c.result == event.Failed; failed != (failure.ExitCode(err) == failure.Preflight) {
				t.Errorf("the error is %v", err)
			}
			got := results[c.check]
			if got.Result != c.result || !strings.Contains(got.Found, c.found) || !strings.Contains(got.Remedy, c.remedy) {
				t.Errorf("%s is %s\n  found  %s\n  remedy %s\nwant %s, %q, %q", c.check, got.Result, got.Found, got.Remedy, c.result, c.found, c.remedy)
			}
			if c.result == event.Failed && got.Remedy == "" {
				t.Error("there is no remedy")
			}
			for _, r := range results {
				if r.Name != c.check && (r.Result == event.Failed || r.Result == event.Warned) {
					t.Errorf("%s is reported too: %s", r.Name, r.Found)
				}
			}
		})
	}
}
