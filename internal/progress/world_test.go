package progress

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers"
)

var demo = client.ObjectKey{Namespace: providers.Namespace, Name: "demo"}

// world is a bootstrap cluster's API with a provider, a store and a sink, on
// which the tests play the controllers.
type world struct {
	t      *testing.T
	client client.WithWatch // the controllers'
	api    client.WithWatch // the trackers'
	store  memory
	// Options are those of the trackers; the rest of them is filled in.
	options Options

	mu       sync.Mutex
	progress map[string]providers.Progress
	blind    error              // what the provider's Progress fails with
	site     providers.Progress // of the cluster
	asked    int                // calls of Progress
	events   []event.Event
	// request is called before each request; its error is the answer.
	request  func(context.Context) error
	requests int
	// latency is how long each request takes.
	latency time.Duration
}

// longWait is a latency that keeps tests of long waits from polling often.
const longWait = 200 * time.Millisecond

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(clusterv1.AddToScheme(scheme), controlplanev1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, progress: map[string]providers.Progress{}, store: memory{}}
	w.client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
	w.api = interceptor.NewClient(w.client, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if err := w.asking(ctx); err != nil {
				return err
			}
			return c.Get(ctx, key, o, opts...)
		},
		List: func(ctx context.Context, c client.WithWatch, l client.ObjectList, opts ...client.ListOption) error {
			if err := w.asking(ctx); err != nil {
				return err
			}
			return c.List(ctx, l, opts...)
		},
	})
	return w
}

func (w *world) asking(ctx context.Context) error {
	w.mu.Lock()
	w.requests++
	request := w.request
	w.mu.Unlock()
	time.Sleep(w.latency)
	if request == nil {
		return nil
	}
	return request(ctx)
}

func (w *world) tracker() *Tracker {
	o := w.options
	o.Client, o.Provider, o.Cluster, o.Sink, o.Store = w.api, w, demo, w, w.store
	return New(o)
}

// Progress implements Provider. As a real one does, it reads an object of the
// machine.
func (w *world) Progress(ctx context.Context, c client.Reader, m *clusterv1.Machine) (providers.Progress, error) {
	if err := c.Get(ctx, client.ObjectKeyFromObject(m), &clusterv1.Machine{}); err != nil {
		return providers.Progress{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	return w.progress[m.Name], w.blind
}

// ClusterProgress implements ClusterWatcher.
func (w *world) ClusterProgress(context.Context, client.Reader) (providers.Progress, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.site, nil
}

// Emit implements event.Sink.
func (w *world) Emit(e event.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// set changes what the provider and the requests answer.
func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

func (w *world) add(o client.Object) {
	w.t.Helper()
	if err := w.client.Create(w.t.Context(), o); err != nil {
		w.t.Error(err)
	}
}

// put replaces an object that is there.
func (w *world) put(o client.Object) {
	w.t.Helper()
	there, ok := o.DeepCopyObject().(client.Object)
	if !ok {
		w.t.Fatalf("%T is no API object", o)
	}
	err := w.client.Get(w.t.Context(), client.ObjectKeyFromObject(o), there)
	if err == nil {
		o.SetResourceVersion(there.GetResourceVersion())
		err = w.client.Update(w.t.Context(), o)
	}
	if err != nil {
		w.t.Error(err)
	}
}

func (w *world) remove(o client.Object) {
	w.t.Helper()
	if err := w.client.Delete(w.t.Context(), o); err != nil {
		w.t.Error(err)
	}
}

// told are the events of one kind.
func (w *world) told(kind event.Kind) []event.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.events), func(e event.Event) bool { return e.Kind != kind })
}

// memory is a Store.
type memory map[string][]byte

func (m memory) ReadFile(name string) ([]byte, error) {
	data, ok := m[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return data, nil
}

func (m memory) WriteFile(name string, data []byte) error { m[name] = data; return nil }

func (m memory) keep(t *testing.T, s Snapshot) {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	m[tableFile] = data
}

func newCluster(changes ...func(*clusterv1.Cluster)) *clusterv1.Cluster {
	c := &clusterv1.Cluster{}
	c.Namespace, c.Name = demo.Namespace, demo.Name
	c.Spec.ControlPlaneRef = clusterv1.ContractVersionedObjectReference{
		APIGroup: controlplanev1.GroupVersion.Group, Kind: "KubeadmControlPlane", Name: demo.Name,
	}
	c.Spec.ControlPlaneEndpoint = clusterv1.APIEndpoint{Host: "10.0.0.5", Port: 6443}
	c.Status.Initialization.InfrastructureProvisioned = ptr.To(true)
	for _, change := range changes {
		change(c)
	}
	return c
}

func clusterSays(condition string, status metav1.ConditionStatus, message string) func(*clusterv1.Cluster) {
	return func(c *clusterv1.Cluster) {
		c.Status.Conditions = append(c.Status.Conditions, says(condition, status, message))
	}
}

func clusterInitialized(c *clusterv1.Cluster) {
	c.Status.Initialization.ControlPlaneInitialized = ptr.To(true)
}

func newControlPlane(replicas, ready int32) *controlplanev1.KubeadmControlPlane {
	k := &controlplanev1.KubeadmControlPlane{}
	k.Namespace, k.Name = demo.Namespace, demo.Name
	k.Spec.Replicas = ptr.To(replicas)
	k.Status.Initialization.ControlPlaneInitialized = ptr.To(true)
	k.Status.Replicas, k.Status.UpToDateReplicas, k.Status.ReadyReplicas = ptr.To(replicas), ptr.To(replicas), ptr.To(ready)
	return k
}

func newDeployment(name string, replicas, ready int32) *clusterv1.MachineDeployment {
	d := &clusterv1.MachineDeployment{}
	d.Namespace, d.Name = demo.Namespace, name
	d.Labels = map[string]string{clusterv1.ClusterNameLabel: demo.Name}
	d.Spec.Replicas = ptr.To(replicas)
	d.Status.Replicas, d.Status.UpToDateReplicas, d.Status.ReadyReplicas = ptr.To(replicas), ptr.To(replicas), ptr.To(ready)
	return d
}

// newMachine is a control-plane machine, unless worker changes it.
func newMachine(name string, changes ...func(*clusterv1.Machine)) *clusterv1.Machine {
	m := &clusterv1.Machine{}
	m.Namespace, m.Name = demo.Namespace, name
	m.Labels = map[string]string{clusterv1.ClusterNameLabel: demo.Name, clusterv1.MachineControlPlaneLabel: ""}
	for _, change := range changes {
		change(m)
	}
	return m
}

func worker(m *clusterv1.Machine) {
	m.Labels = map[string]string{clusterv1.ClusterNameLabel: demo.Name, clusterv1.MachineDeploymentNameLabel: "md-0"}
}

func booted(m *clusterv1.Machine) {
	m.Status.Initialization.BootstrapDataSecretCreated = ptr.To(true)
}

func provisioned(m *clusterv1.Machine) {
	booted(m)
	m.Status.Initialization.InfrastructureProvisioned = ptr.To(true)
}

func noded(m *clusterv1.Machine) {
	provisioned(m)
	m.Status.NodeRef = clusterv1.MachineNodeReference{Name: m.Name}
}

func ready(m *clusterv1.Machine) {
	noded(m)
	m.Status.Conditions = append(m.Status.Conditions, says(clusterv1.ReadyCondition, metav1.ConditionTrue, "well"))
}

func deleting(m *clusterv1.Machine) {
	m.DeletionTimestamp = &metav1.Time{Time: time.Now()}
	m.Finalizers = []string{clusterv1.MachineFinalizer}
}

func machineSays(condition string, status metav1.ConditionStatus, message string) func(*clusterv1.Machine) {
	return func(m *clusterv1.Machine) {
		m.Status.Conditions = append(m.Status.Conditions, says(condition, status, message))
	}
}

func says(condition string, status metav1.ConditionStatus, message string) metav1.Condition {
	return metav1.Condition{Type: condition, Status: status, Reason: "BecauseOf" + condition, Message: message}
}
