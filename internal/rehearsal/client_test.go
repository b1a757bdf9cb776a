package rehearsal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/session"
	vapi "github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/rehearsal/machine"
	"groundwork.dev/bootstrap/internal/rehearsal/machine/machinetest"
	"groundwork.dev/bootstrap/internal/secret"
)

const (
	user     = "cluster-admin@vsphere.local"
	password = "rehearsed"
)

func config(t *testing.T) *v1alpha1.Config {
	t.Helper()
	cfg, err := v1alpha1.Load("testdata/site.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// open starts a site in dir.
func open(t *testing.T, dir string, faults ...string) *Site {
	t.Helper()
	return openWith(t, config(t), dir, faults...)
}

func openWith(t *testing.T, cfg *v1alpha1.Config, dir string, faults ...string) *Site {
	t.Helper()
	o := Options{Config: cfg, Dir: dir, Credentials: Credentials{user, secret.New(password)}, Log: slog.New(slog.DiscardHandler)}
	for _, text := range faults {
		f, err := ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		o.Faults = append(o.Faults, f)
	}
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("closing the site:", err)
		}
	})
	return s
}

// admin is a client of the site's vCenter, which it reaches as CAPV does.
type admin struct {
	*vim25.Client
	finder     *find.Finder
	datacenter *object.Datacenter
	pool       string // of its clones
}

// connect opens a client without a session.
func connect(ctx context.Context, s *Site) (*vim25.Client, error) {
	u, err := soap.ParseURL("https://vcenter.example.com/sdk")
	if err != nil {
		return nil, err
	}
	sc := soap.NewClient(u, false)
	roots := x509.NewCertPool()
	roots.AddCert(s.certificate.pair.Leaf)
	transport := sc.DefaultTransport()
	transport.Proxy = s.Proxy()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	return vim25.NewClient(ctx, sc)
}

func login(t *testing.T, s *Site) *admin {
	t.Helper()
	a, err := tryLogin(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func tryLogin(ctx context.Context, s *Site) (*admin, error) {
	c, err := connect(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := session.NewManager(c).Login(ctx, url.UserPassword(user, password)); err != nil {
		return nil, err
	}
	a := &admin{Client: c, finder: find.NewFinder(c), pool: "/Frankfurt/host/Compute/Resources/kubernetes/control-plane"}
	if a.datacenter, err = a.finder.Datacenter(ctx, "Frankfurt"); err != nil {
		return nil, err
	}
	a.finder.SetDatacenter(a.datacenter)
	return a, nil
}

// clone clones a machine as CAPV does, and waits for it.
func (a *admin) clone(ctx context.Context, name, instance, userdata string) (*object.VirtualMachine, error) {
	template, err := a.finder.VirtualMachine(ctx, "/Frankfurt/vm/templates/ubuntu-kube-v1.35")
	if err != nil {
		return nil, err
	}
	folder, err := a.finder.Folder(ctx, "/Frankfurt/vm/kubernetes/lab")
	if err != nil {
		return nil, err
	}
	pool, err := a.finder.ResourcePool(ctx, a.pool)
	if err != nil {
		return nil, err
	}
	datastore, err := a.finder.Datastore(ctx, "/Frankfurt/datastore/fast/vsan")
	if err != nil {
		return nil, err
	}
	network, err := a.finder.Network(ctx, "/Frankfurt/network/Kubernetes/Nodes")
	if err != nil {
		return nil, err
	}
	devices, err := template.Device(ctx)
	if err != nil {
		return nil, err
	}
	var changes []types.BaseVirtualDeviceConfigSpec
	for _, nic := range devices.SelectByType((*types.VirtualEthernetCard)(nil)) {
		changes = append(changes, &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationRemove, Device: nic})
	}
	backing, err := network.EthernetCardBackingInfo(ctx)
	if err != nil {
		return nil, err
	}
	nic, err := object.EthernetCardTypes().CreateEthernetCard("vmxnet3", backing)
	if err != nil {
		return nil, err
	}
	nic.GetVirtualDevice().Key = -100
	changes = append(changes, &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: nic})
	ds, rp, f := datastore.Reference(), pool.Reference(), folder.Reference()
	task, err := template.Clone(ctx, folder, name, types.VirtualMachineCloneSpec{
		Config: &types.VirtualMachineConfigSpec{
			InstanceUuid: instance, NumCPUs: 4, MemoryMB: 16384, DeviceChange: changes,
			ExtraConfig: []types.BaseOptionValue{
				&types.OptionValue{Key: "guestinfo.userdata", Value: base64.StdEncoding.EncodeToString([]byte(userdata))},
				&types.OptionValue{Key: "guestinfo.userdata.encoding", Value: "base64"},
			},
		},
		Location: types.VirtualMachineRelocateSpec{Folder: &f, Pool: &rp, Datastore: &ds},
	})
	if err != nil {
		return nil, err
	}
	info, err := task.WaitForResultEx(ctx)
	if err != nil {
		return nil, err
	}
	return object.NewVirtualMachine(a.Client, info.Result.(types.ManagedObjectReference)), nil
}

// provide sets a machine's metadata, and gives it power.
func (a *admin) provide(ctx context.Context, vm *object.VirtualMachine, name, address string) error {
	devices, err := vm.Device(ctx)
	if err != nil {
		return err
	}
	nics := devices.SelectByType((*types.VirtualEthernetCard)(nil))
	mac := nics[0].(types.BaseVirtualEthernetCard).GetVirtualEthernetCard().MacAddress
	task, err := vm.Reconfigure(ctx, types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{
		&types.OptionValue{Key: "guestinfo.metadata", Value: base64.StdEncoding.EncodeToString([]byte(machinetest.Metadata(name, mac, address)))},
		&types.OptionValue{Key: "guestinfo.metadata.encoding", Value: "base64"},
	}})
	if err != nil {
		return err
	}
	if err := task.WaitEx(ctx); err != nil {
		return err
	}
	if task, err = vm.PowerOn(ctx); err != nil {
		return err
	}
	return task.WaitEx(ctx)
}

// launch makes a machine with a role, and returns once it has power.
func (a *admin) launch(t *testing.T, k *machinetest.Keys, name string, role machine.Role) *object.VirtualMachine {
	t.Helper()
	vm, err := a.clone(t.Context(), name, uuid.NewString(), k.Userdata(role))
	if err != nil {
		t.Fatalf("cloning %s: %v", name, err)
	}
	if err := a.provide(t.Context(), vm, name, ""); err != nil {
		t.Fatalf("starting %s: %v", name, err)
	}
	return vm
}

// api is a client of the cluster, which it reaches by its own address.
func api(t *testing.T, s *Site, k *machinetest.Keys) *kubernetes.Clientset {
	t.Helper()
	certificate := k.Cluster.Client(t)
	roots := x509.NewCertPool()
	roots.AddCert(k.Cluster.Certificate)
	transport := &http.Transport{Proxy: s.Proxy(), TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}}}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := kubernetes.NewForConfig(&rest.Config{Host: "https://" + machinetest.Endpoint + ":6443", Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// allow makes the bootstrap token that joins need.
func allow(t *testing.T, c kubernetes.Interface) {
	t.Helper()
	_, err := c.CoreV1().Secrets("kube-system").Create(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "bootstrap-token-" + machinetest.TokenID}, Type: corev1.SecretTypeBootstrapToken,
		Data: map[string][]byte{"token-id": []byte(machinetest.TokenID), "token-secret": []byte(machinetest.TokenSecret),
			"expiration": []byte(time.Now().Add(time.Hour).UTC().Format(time.RFC3339))},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

// find returns a machine of the site by name.
func (s *Site) find(name string) (Machine, bool) {
	for _, m := range s.Machines() {
		if m.Name == name {
			return m, true
		}
	}
	return Machine{}, false
}

// eventually waits until a machine is as it should be.
func eventually(t *testing.T, s *Site, name, what string, is func(Machine) bool) Machine {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		m, ok := s.find(name)
		if ok && is(m) {
			return m
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s never %s: %+v", name, what, m)
		}
	}
}

func joined(m Machine) bool { return m.Node != "" }

// destroy takes a machine's power and destroys it, as CAPV does.
func destroy(t *testing.T, vm *object.VirtualMachine) {
	t.Helper()
	for _, step := range []func(context.Context) (*object.Task, error){vm.PowerOff, vm.Destroy} {
		task, err := step(t.Context())
		if err == nil {
			err = task.WaitEx(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// tagNames are the names of an object's tags.
func tagNames(t *testing.T, c *vapi.Client, ref types.ManagedObjectReference) []string {
	t.Helper()
	attached, err := tags.NewManager(c).GetAttachedTags(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tag := range attached {
		names = append(names, tag.Name)
	}
	return names
}

// newestError is what the last task that failed says.
func newestError(t *testing.T, a *admin) string {
	t.Helper()
	var manager mo.TaskManager
	c := property.DefaultCollector(a.Client)
	if err := c.RetrieveOne(t.Context(), *a.ServiceContent.TaskManager, []string{"recentTask"}, &manager); err != nil {
		t.Fatal(err)
	}
	message := ""
	for _, ref := range manager.RecentTask {
		var task mo.Task
		if err := c.RetrieveOne(t.Context(), ref, []string{"info"}, &task); err == nil && task.Info.Error != nil {
			message = task.Info.Error.LocalizedMessage
		}
	}
	return message
}
