package controllers_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util/conditions"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/internal/manager"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/controllers"
)

const clusterName = "demo"

// never is for graces that must not pass in a test.
const never = time.Hour

// site is a cluster with hosts in a namespace of its own.
type site struct {
	*testing.T
	client.Client
	ns      string
	hosts   *fakeHosts
	cluster *clusterv1.Cluster
	bundle  string
	stop    func()
}

// newSite makes a cluster with n hosts, host-0 and so on, and starts the
// controllers.
func newSite(t *testing.T, n int, grace time.Duration) *site {
	t.Helper()
	api, err := apiServer()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{T: t, Client: api.Client(), hosts: &fakeHosts{hosts: map[string]*fakeHost{}}, bundle: smallBundle(t)}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	s.create(ns)
	s.ns = ns.Name
	s.cluster = &clusterv1.Cluster{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.ns, Name: clusterName},
		Spec: clusterv1.ClusterSpec{
			ControlPlaneEndpoint: clusterv1.APIEndpoint{Host: "192.0.2.1", Port: 6443},
			InfrastructureRef:    clusterv1.ContractVersionedObjectReference{APIGroup: infrav1.GroupVersion.Group, Kind: "SSHCluster", Name: clusterName},
		},
	}
	s.create(s.cluster)
	s.cluster.Status.Initialization.InfrastructureProvisioned = ptr.To(true)
	s.cluster.Status.Initialization.ControlPlaneInitialized = ptr.To(true)
	if err := s.Status().Update(t.Context(), s.cluster); err != nil {
		t.Fatal(err)
	}
	s.create(&corev1.Secret{ObjectMeta: s.meta("credentials"), Data: map[string][]byte{"key": []byte("planted-private-key")}})
	for i := range n {
		s.addHost(i)
	}
	s.start(grace)
	t.Cleanup(func() { s.stop() })
	return s
}

func smallBundle(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	index := `{"kubernetes":"1.35","version":"v1.35.4","arch":"amd64","files":[{"name":"kubelet","path":"kubelet","sha256":"` + fmt.Sprintf("%x", sha256.Sum256([]byte("kubelet"))) + `","size":7}]}`
	for name, content := range map[string]string{bundle.IndexFile: index, "kubelet": "kubelet"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// start starts the controllers, as one process would.
func (s *site) start(grace time.Duration) {
	s.Helper()
	api, err := apiServer()
	if err != nil {
		s.Fatal(err)
	}
	mgr, err := ctrl.NewManager(api.RESTConfig(), ctrl.Options{
		Scheme:                 manager.Scheme(),
		Metrics:                metricsserver.Options{BindAddress: "0"},
		HealthProbeBindAddress: "0",
		Cache:                  cache.Options{DefaultNamespaces: map[string]cache.Config{s.ns: {}}},
		Client:                 client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		Controller:             config.Controller{SkipNameValidation: ptr.To(true)},
	})
	if err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	options := controllers.Impatient(controllers.Options{Hosts: s.hosts, PerMachine: 10, PerCluster: 5}, grace)
	if err := controllers.SetupWithManager(ctx, mgr, options); err != nil {
		s.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	s.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			stacks := make([]byte, 1<<20)
			s.Errorf("the controllers ended: %v\n%s", err, stacks[:runtime.Stack(stacks, true)])
		}
		s.stop = func() {}
	}
}

func (s *site) create(objects ...client.Object) {
	s.Helper()
	for _, o := range objects {
		if err := s.Create(s.Context(), o); err != nil {
			s.Fatalf("create %T %s: %v", o, o.GetName(), err)
		}
	}
}

func (s *site) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.ns, Name: name, Labels: map[string]string{clusterv1.ClusterNameLabel: clusterName}}
}

// addHost makes host-i with the address 198.51.100.i.
func (s *site) addHost(i int) *fakeHost {
	s.Helper()
	h := newFakeHost(fmt.Sprintf("198.51.100.%d", i))
	s.hosts.mu.Lock()
	s.hosts.hosts[h.address] = h
	s.hosts.mu.Unlock()
	host := &infrav1.SSHHost{ObjectMeta: s.meta(fmt.Sprintf("host-%d", i)), Spec: infrav1.SSHHostSpec{
		Hostname: fmt.Sprintf("node-%d", i), Address: h.address, User: "root",
		HostKeyFingerprint: "SHA256:6zs9vGcibKXKjzRO5eK/rdUGa/5Mobqr0bRZYfsPdyo",
		CredentialsRef:     infrav1.CredentialsReference{Name: "credentials", Key: "key"},
	}}
	host.Labels["type"] = "worker"
	s.create(host)
	return h
}

// fake is host-i's fake.
func (s *site) fake(i int) *fakeHost {
	s.hosts.mu.Lock()
	defer s.hosts.mu.Unlock()
	return s.hosts.hosts[fmt.Sprintf("198.51.100.%d", i)]
}

// addMachine makes what Cluster API makes of a worker.
func (s *site) addMachine(name string) {
	s.Helper()
	s.create(&corev1.Secret{ObjectMeta: s.meta(name + "-data"), Data: map[string][]byte{"value": []byte("#cloud-config"), "format": []byte("cloud-config")}})
	s.addMachineWithout(name, ptr.To(name+"-data"))
}

// addMachineWithout makes a machine whose data is in that Secret, or missing.
func (s *site) addMachineWithout(name string, data *string) {
	s.Helper()
	m := &clusterv1.Machine{ObjectMeta: s.meta(name), Spec: clusterv1.MachineSpec{
		ClusterName: clusterName,
		Bootstrap: clusterv1.Bootstrap{DataSecretName: data, ConfigRef: clusterv1.ContractVersionedObjectReference{
			APIGroup: "bootstrap.cluster.x-k8s.io", Kind: "KubeadmConfig", Name: name}},
		InfrastructureRef: clusterv1.ContractVersionedObjectReference{APIGroup: infrav1.GroupVersion.Group, Kind: "SSHMachine", Name: name},
	}}
	s.create(m)
	ssh := &infrav1.SSHMachine{ObjectMeta: s.meta(name), Spec: s.machineSpec()}
	ssh.OwnerReferences = []metav1.OwnerReference{{APIVersion: clusterv1.GroupVersion.String(), Kind: "Machine", Name: name, UID: m.UID}}
	s.create(ssh)
}

func (s *site) machineSpec() infrav1.SSHMachineSpec {
	return infrav1.SSHMachineSpec{
		HostSelector: metav1.LabelSelector{MatchLabels: map[string]string{"type": "worker"}},
		NodeFiles:    infrav1.NodeFiles{Location: s.bundle}, SandboxImage: "registry.test/pause:3.10",
	}
}

func (s *site) machine(name string) *infrav1.SSHMachine {
	s.Helper()
	m := &infrav1.SSHMachine{}
	if err := s.Get(s.Context(), client.ObjectKey{Namespace: s.ns, Name: name}, m); err != nil {
		s.Fatal(err)
	}
	return m
}

func (s *site) host(i int) *infrav1.SSHHost {
	s.Helper()
	h := &infrav1.SSHHost{}
	if err := s.Get(s.Context(), client.ObjectKey{Namespace: s.ns, Name: fmt.Sprintf("host-%d", i)}, h); err != nil {
		s.Fatal(err)
	}
	return h
}

// until waits until f says that it is so.
func (s *site) until(what string, f func() bool) {
	s.Helper()
	err := wait.PollUntilContextTimeout(s.Context(), 5*time.Millisecond, patience, true, func(context.Context) (bool, error) { return f(), nil })
	if err != nil {
		s.Fatalf("wait until %s: %v\n%s", what, err, s.describe())
	}
}

// untilMachine waits until the machine's Ready says reason.
func (s *site) untilReason(name, reason string) {
	s.Helper()
	s.until(name+" is "+reason, func() bool {
		return conditions.GetReason(s.machine(name), infrav1.MachineReadyCondition) == reason
	})
}

func (s *site) untilReady(names ...string) {
	s.Helper()
	for _, name := range names {
		s.until(name+" is a node", func() bool {
			return ptr.Deref(s.machine(name).Status.Initialization.Provisioned, false)
		})
	}
}

func (s *site) untilAvailable(i int) {
	s.Helper()
	s.until(fmt.Sprintf("host-%d is available", i), func() bool { return conditions.IsTrue(s.host(i), infrav1.AvailableCondition) })
}

func (s *site) untilGone(o client.Object) {
	s.Helper()
	s.until(o.GetName()+" is gone", func() bool {
		return apierrors.IsNotFound(s.Get(s.Context(), client.ObjectKeyFromObject(o), o))
	})
}

// change changes an object that controllers may be changing too.
func (s *site) change(o client.Object, change func()) {
	s.Helper()
	before := o.DeepCopyObject().(client.Object)
	change()
	if err := s.Patch(s.Context(), o, client.MergeFrom(before)); err != nil {
		s.Fatal(err)
	}
}

func (s *site) delete(o client.Object) {
	s.Helper()
	if err := s.Client.Delete(s.Context(), o); err != nil {
		s.Fatal(err)
	}
}

// addControlPlaneMachine makes what Cluster API makes of a control plane's
// machine.
func (s *site) addControlPlaneMachine(name string) {
	s.Helper()
	s.stop()
	s.addMachine(name)
	m := &clusterv1.Machine{}
	if err := s.Get(s.Context(), client.ObjectKey{Namespace: s.ns, Name: name}, m); err != nil {
		s.Fatal(err)
	}
	s.change(m, func() { m.Labels[clusterv1.MachineControlPlaneLabel] = "" })
	s.start(never)
}
