package vcenter

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	_ "github.com/vmware/govmomi/pbm/simulator" // storage policies
	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator" // tags
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/preflight"
	"groundwork.dev/bootstrap/internal/secret"
)

// The password is planted: no result, event or error may show it.
const (
	simUser     = "groundwork@vsphere.local"
	simPassword = "pl4nted-p@ss:word"
	simRelease  = "kubernetes-1-35-eks-7"
	simTemplate = "/DC0/vm/ubuntu-2404-kube-v1.35"
	simTag      = "urn:vmomi:InventoryServiceTag:8e0ce079-0677-48d6-8865-19ada4e6dabd:GLOBAL"
	simDisk     = 25 << 20 // KiB
)

// sim is a simulated vCenter with a configuration that suits it: all checks
// pass until a test breaks one or the other.
type sim struct {
	*testing.T
	model   *simulator.Model
	server  *simulator.Server
	cfg     *v1alpha1.Config
	machine *v1alpha1.VSphereMachineConfig // of every group
	site    Site
	options []Option
	// client has the vCenter's own rights, for arranging it.
	client *Client
}

// newSim has a certificate that nobody vouches for, pinned by the site.
func newSim(t *testing.T, adjust ...func(*simulator.Model)) *sim {
	t.Helper()
	return newSimTLS(t, new(tls.Config), adjust...)
}

func newSimTLS(t *testing.T, config *tls.Config, adjust ...func(*simulator.Model)) *sim {
	t.Helper()
	m := simulator.VPX()
	m.Host, m.ClusterHost, m.Machine = 0, 1, 1
	m.ServiceContent.About.ApiVersion = "8.0.3.0"
	for _, f := range adjust {
		f(m)
	}
	if err := m.Create(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Remove)
	m.Service.TLS = config
	m.Service.RegisterEndpoints = true
	m.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword(simUser, simPassword)}
	s := &sim{T: t, model: m, server: m.Service.NewServer()}
	t.Cleanup(s.server.Close)
	s.site = Site{Server: s.server.URL.Host, Credentials: Credentials{Username: simUser, Password: secret.New(simPassword)},
		Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }}
	met, err := meet(t.Context(), s.site)
	if err != nil {
		t.Fatal(err)
	}
	s.site.Thumbprint = met.SHA1()
	s.configure()
	return s
}

// newSite is newSim with everything in it that the checks look for.
func newSite(t *testing.T, adjust ...func(*simulator.Model)) *sim {
	t.Helper()
	s := newSim(t, adjust...)
	s.furnish()
	return s
}

// furnish makes what the configuration names.
func (s *sim) furnish() {
	s.Helper()
	s.client = s.connect()
	s.must(s.client.UseDatacenter(s.Context(), "DC0"))
	for _, p := range s.model.Map().All("ResourcePool") {
		pool := p.(*simulator.ResourcePool)
		pool.Runtime.Memory.MaxUsage, pool.Runtime.Memory.OverallUsage = 256<<30, 1<<30
		pool.Config.MemoryAllocation.Limit, pool.Config.CpuAllocation.Limit = types.NewInt64(-1), types.NewInt64(-1)
	}
	for _, h := range s.model.Map().All("HostSystem") {
		hardware := h.(*simulator.HostSystem).Summary.Hardware
		hardware.MemorySize, hardware.NumCpuThreads = 64<<30, 16
	}
	s.makeTemplate()
}

// configure writes the configuration: 3 control-plane machines, 2 workers.
func (s *sim) configure() {
	two := 2
	ref := &v1alpha1.Ref{Kind: "VSphereMachineConfig", Name: "nodes"}
	s.machine = &v1alpha1.VSphereMachineConfig{ObjectMeta: metav1.ObjectMeta{Name: "nodes"}, Spec: v1alpha1.VSphereMachineConfigSpec{
		DiskGiB: 25, Datastore: "/DC0/datastore/LocalDS_0", Folder: "/DC0/vm", NumCPUs: 2, MemoryMiB: 8192, OSFamily: v1alpha1.Ubuntu,
		ResourcePool: "*/Resources", StoragePolicyName: "vSAN Default Storage Policy", Template: simTemplate, TagIDs: []string{simTag}, CloneMode: v1alpha1.LinkedClone}}
	s.cfg = &v1alpha1.Config{
		Cluster: &v1alpha1.Cluster{ObjectMeta: metav1.ObjectMeta{Name: "demo"}, Spec: v1alpha1.ClusterSpec{KubernetesVersion: "1.35",
			ControlPlaneConfiguration:     v1alpha1.ControlPlaneConfiguration{Count: 3, Endpoint: &v1alpha1.Endpoint{Host: "192.0.2.10"}, MachineGroupRef: ref},
			WorkerNodeGroupConfigurations: []v1alpha1.WorkerNodeGroupConfiguration{{Name: "md-0", Count: &two, MachineGroupRef: ref}}}},
		VSphereDatacenter: &v1alpha1.VSphereDatacenterConfig{Spec: v1alpha1.VSphereDatacenterConfigSpec{Datacenter: "DC0", Network: "/DC0/network/DC0_DVPG0", Server: s.site.Server}},
		VSphereMachines:   map[string]*v1alpha1.VSphereMachineConfig{"nodes": s.machine},
	}
}

// worker is the group of workers.
func (s *sim) worker() *v1alpha1.WorkerNodeGroupConfiguration {
	return &s.cfg.Cluster.Spec.WorkerNodeGroupConfigurations[0]
}

func (s *sim) connect() *Client {
	s.Helper()
	c, err := Connect(s.Context(), s.site)
	s.must(err)
	s.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func (s *sim) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *sim) done(task *object.Task, err error) {
	s.Helper()
	s.must(err)
	s.must(task.Wait(s.Context()))
}

// vm finds the virtual machine that the model came with, or the template made
// of it.
func (s *sim) vm(name string) *object.VirtualMachine {
	s.Helper()
	vm, err := s.client.finder.VirtualMachine(s.Context(), name)
	s.must(err)
	return vm
}

// makeTemplate makes the template with disk, snapshot and tags.
func (s *sim) makeTemplate() {
	s.Helper()
	ctx := s.Context()
	vm := s.vm("DC0_C0_RP0_VM0")
	s.done(vm.PowerOff(ctx))
	s.done(vm.Rename(ctx, strings.TrimPrefix(simTemplate, "/DC0/vm/")))
	s.setDisks(simDisk)
	s.done(vm.CreateSnapshot(ctx, "root", "", false, false))
	s.must(vm.MarkAsTemplate(ctx))
	s.tag("eksdRelease", "eksdRelease:"+simRelease, vm.Reference())
	s.tag("os", "os:ubuntu", vm.Reference())
	_, err := s.client.tags.CreateTag(ctx, &tags.Tag{TagID: simTag, Name: "team", CategoryID: s.category("owner")})
	s.must(err)
}

// setDisks makes the sizes of the machine's disks, in KiB, those given.
func (s *sim) setDisks(sizes ...int64) {
	for _, o := range s.model.Map().All("VirtualMachine") {
		vm := o.(*simulator.VirtualMachine)
		devices := object.VirtualDeviceList(vm.Config.Hardware.Device)
		disks := devices.SelectByType((*types.VirtualDisk)(nil))
		others := devices.Select(func(d types.BaseVirtualDevice) bool { _, disk := d.(*types.VirtualDisk); return !disk })
		for i, size := range sizes {
			d := *disks[0].(*types.VirtualDisk)
			d.Key += int32(i)
			d.CapacityInKB, d.CapacityInBytes = size, size<<10
			others = append(others, &d)
		}
		vm.Config.Hardware.Device = others
	}
}

func (s *sim) category(name string) string {
	s.Helper()
	all, err := s.client.tags.GetCategories(s.Context())
	s.must(err)
	for _, c := range all {
		if c.Name == name {
			return c.ID
		}
	}
	id, err := s.client.tags.CreateCategory(s.Context(), &tags.Category{Name: name, Cardinality: "MULTIPLE"})
	s.must(err)
	return id
}

// tag attaches the tag to the object and makes it where it is not there.
func (s *sim) tag(category, name string, ref mo.Reference) {
	s.Helper()
	id, err := s.client.tags.CreateTag(s.Context(), &tags.Tag{Name: name, CategoryID: s.category(category)})
	s.must(err)
	s.must(s.client.tags.AttachTag(s.Context(), id, ref))
}

// untag takes the tag off the template.
func (s *sim) untag(name string) {
	s.Helper()
	tag, err := s.client.tags.GetTag(s.Context(), name)
	s.must(err)
	s.must(s.client.tags.DetachTag(s.Context(), tag.ID, s.vm(simTemplate).Reference()))
}

// run makes the checks and looks for the password in all that comes out.
func (s *sim) run() (map[string]event.Check, error) {
	s.Helper()
	var out strings.Builder
	sink := event.SinkFunc(func(e event.Event) {
		line, err := json.Marshal(e)
		s.must(err)
		out.Write(line)
	})
	survey := newSurvey(s.cfg, s.site, s.options...)
	survey.endpointPorts = nil // what is on a test's network is not its business
	results, err := preflight.Run(s.Context(), survey.checks(), event.Tee(sink))
	if err != nil {
		out.WriteString(err.Error())
	}
	if strings.Contains(out.String(), simPassword) || strings.Contains(out.String(), url.QueryEscape(simPassword)) {
		s.Errorf("the password is in what was reported: %s", out.String())
	}
	byName := make(map[string]event.Check, len(results))
	for _, r := range results {
		byName[r.Name] = r
	}
	return byName, err
}

// clone makes another virtual machine.
func (s *sim) clone(name string) {
	s.Helper()
	pool, err := s.client.finder.ResourcePool(s.Context(), "/DC0/host/DC0_C0/Resources")
	s.must(err)
	folder, err := s.client.finder.DefaultFolder(s.Context())
	s.must(err)
	ref := pool.Reference()
	s.done(s.vm(simTemplate).Clone(s.Context(), folder, name, types.VirtualMachineCloneSpec{Location: types.VirtualMachineRelocateSpec{Pool: &ref}}))
}

// folder makes a folder for virtual machines.
func (s *sim) folder(name string) {
	s.Helper()
	parent, err := s.client.finder.DefaultFolder(s.Context())
	s.must(err)
	_, err = parent.CreateFolder(s.Context(), name)
	s.must(err)
}

// nestedPool makes a resource pool in that of the first cluster, and
// nestedPoolIn in that of another.
func (s *sim) nestedPool(name string) { s.nestedPoolIn("DC0_C0", name) }

func (s *sim) nestedPoolIn(cluster, name string) {
	s.Helper()
	parent, err := s.client.finder.ResourcePool(s.Context(), "/DC0/host/"+cluster+"/Resources")
	s.must(err)
	pool, err := parent.Create(s.Context(), name, types.DefaultResourceConfigSpec())
	s.must(err)
	made := s.model.Map().Get(pool.Reference()).(*simulator.ResourcePool)
	made.Runtime.Memory.MaxUsage = 256 << 30
}

// detachNetwork takes the networks from the hosts of a cluster.
func (s *sim) detachNetwork(cluster string) {
	for _, o := range s.model.Map().All("ClusterComputeResource") {
		if c := o.(*simulator.ClusterComputeResource); c.Name == cluster {
			c.Network = nil
		}
	}
}

// deny lets the vCenter refuse one method.
func (s *sim) deny(method string) {
	s.model.Map().Handler = func(_ *simulator.Context, m *simulator.Method) (mo.Reference, types.BaseMethodFault) {
		if m.Name == method {
			return nil, &types.NoPermission{Object: &m.This, PrivilegeId: "System.View"}
		}
		return nil, nil
	}
}

// detach takes the datastores from the hosts of a cluster.
func (s *sim) detach(cluster string) {
	for _, o := range s.model.Map().All("ClusterComputeResource") {
		if c := o.(*simulator.ClusterComputeResource); c.Name == cluster {
			c.Datastore = nil
		}
	}
}
