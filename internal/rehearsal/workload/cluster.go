// Package workload is the simulated machines' Kubernetes cluster: an API
// server and etcd members in memory, by Cluster API's own test
// infrastructure, whose contents survive the process.
//
// They speak the protocols with certificates of the cluster's own
// authorities, but run no controller and no kubelet: what those would do that
// Cluster API waits for is done here.
package workload

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	inmemoryruntime "sigs.k8s.io/cluster-api/test/infrastructure/inmemory/pkg/runtime"
	inmemoryapi "sigs.k8s.io/cluster-api/test/infrastructure/inmemory/pkg/server/api"
	inmemoryetcd "sigs.k8s.io/cluster-api/test/infrastructure/inmemory/pkg/server/etcd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
	"groundwork.dev/bootstrap/internal/rehearsal/store"
)

// group is the one cluster's name in the in-memory runtime, which could hold
// several.
const group = "cluster"

// ErrNotYet is why a machine has to wait: what it needs of the cluster is not
// there, but may come.
var ErrNotYet = errors.New("not yet")

// Node is a machine that runs a kubelet.
type Node struct {
	Name, UUID string
	// Addresses are those of its network cards.
	Addresses []string
	CPUs      int32
	MemoryMiB int64
	// Kubelet is its version; "" takes the cluster's.
	Kubelet string
}

// Cluster is safe for concurrent use.
type Cluster struct {
	log     *slog.Logger
	store   *store.Store
	runtime inmemoryruntime.Manager
	client  inmemoryruntime.Client
	server  *server

	// joining lets one control-plane machine change the membership at a time,
	// as etcd does.
	joining sync.Mutex

	mu      sync.Mutex
	changed chan struct{} // closed, and replaced, when ErrNotYet may be over
}

// New restores the cluster that is in the store, if there is one. Its API
// server answers once a control-plane machine is up. It ends with ctx.
func New(ctx context.Context, s *store.Store, log *slog.Logger) (*Cluster, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, appsv1.AddToScheme, rbacv1.AddToScheme, storagev1.AddToScheme, apiextensionsv1.AddToScheme, policyv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("starting the simulated cluster: %w", err)
		}
	}
	c := &Cluster{log: log, store: s, runtime: inmemoryruntime.NewManager(scheme), changed: make(chan struct{})}
	if err := c.runtime.Start(logr.NewContext(ctx, logr.Discard())); err != nil {
		return nil, fmt.Errorf("starting the simulated cluster: %w", err)
	}
	c.runtime.AddResourceGroup(group)
	c.client = c.runtime.GetResourceGroup(group).GetClient()
	if err := c.restore(ctx); err != nil {
		return nil, fmt.Errorf("restoring the simulated cluster: %w", err)
	}
	if err := c.record(ctx); err != nil {
		return nil, fmt.Errorf("starting the simulated cluster: %w", err)
	}
	resolve := func(string) (string, error) { return group, nil }
	c.server = newServer(log,
		inmemoryapi.NewAPIServerHandler(c.runtime, logr.Discard(), resolve),
		inmemoryetcd.NewEtcdServerHandler(c.runtime, logr.Discard(), resolve))
	return c, nil
}

// Address is the loopback address of the API server; false while no
// control-plane machine is up.
func (c *Cluster) Address() (string, bool) { return c.server.address() }

// Changed is closed when what ended with ErrNotYet is worth another try.
func (c *Cluster) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

func (c *Cluster) notify() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.changed)
	c.changed = make(chan struct{})
}

// Join makes n do what its bootstrap data says: it becomes a node, and a
// control-plane machine's API server and etcd member start. It may be called
// again for a machine that was interrupted. An error that is ErrNotYet passes.
func (c *Cluster) Join(ctx context.Context, b *machine.Boot, n Node) error {
	// The node is a join's last object: where it exists nothing is left to do,
	// and a token that let the machine in may be gone.
	if err := c.client.Get(ctx, client.ObjectKey{Name: n.Name}, &corev1.Node{}); err == nil {
		return c.Resume(ctx, b, n)
	}
	if !b.IsControlPlane() {
		if err := c.admit(ctx, b); err != nil {
			return err
		}
		shared, err := c.configuration(ctx)
		if err != nil {
			return err
		}
		return c.create(ctx, node(b, n, shared))
	}
	c.joining.Lock()
	defer c.joining.Unlock()
	if b.Role == machine.Init {
		if err := c.initialize(ctx, b); err != nil {
			return err
		}
	} else if err := c.admit(ctx, b); err != nil {
		return err
	}
	if err := c.addControlPlane(ctx, b, n); err != nil {
		return err
	}
	return c.Resume(ctx, b, n)
}

// Resume starts the servers of a control-plane machine that has joined
// before. For a worker there is nothing to do.
func (c *Cluster) Resume(ctx context.Context, b *machine.Boot, n Node) error {
	if !b.IsControlPlane() {
		return nil
	}
	shared, err := c.configuration(ctx)
	if err != nil {
		return err
	}
	if err := c.server.add(b, n, shared); err != nil {
		return fmt.Errorf("starting the API server of %s: %w", n.Name, err)
	}
	c.notify()
	return nil
}

// Stop is a machine without power: its servers are gone, and its node is not
// ready.
func (c *Cluster) Stop(ctx context.Context, name string) error {
	c.server.remove(name)
	node := &corev1.Node{}
	if err := c.client.Get(ctx, client.ObjectKey{Name: name}, node); err != nil {
		return client.IgnoreNotFound(err)
	}
	for i := range node.Status.Conditions {
		node.Status.Conditions[i].Status = corev1.ConditionUnknown
		node.Status.Conditions[i].Reason = "NodeStatusUnknown"
	}
	return client.IgnoreNotFound(c.client.Update(ctx, node))
}

// Remove is a machine that no longer exists. Its node and static pods go with
// it, as a cloud provider and the garbage collector see to it.
func (c *Cluster) Remove(ctx context.Context, name string) error {
	c.joining.Lock()
	defer c.joining.Unlock()
	c.server.remove(name)
	gone := []client.Object{&corev1.Node{}}
	gone[0].SetName(name)
	for _, component := range components {
		gone = append(gone, pod(component, name))
	}
	for _, obj := range gone {
		if err := c.client.Delete(ctx, obj); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("removing %T %s: %w", obj, obj.GetName(), err)
		}
	}
	return c.elect(ctx)
}

// create makes an object that may be there from an earlier try.
func (c *Cluster) create(ctx context.Context, obj client.Object) error {
	if err := c.client.Create(ctx, obj); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("creating %T %s: %w", obj, obj.GetName(), err)
	}
	return nil
}

// Close ends every connection.
func (c *Cluster) Close() { c.server.stop() }
