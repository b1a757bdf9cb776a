package bootstrapcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Cluster is a running bootstrap cluster.
type Cluster struct {
	options Options
	lock    *os.File

	config *rest.Config
	client client.Client

	stop     context.CancelFunc // asks supervise to end
	stopping context.Context
	kill     chan struct{} // closed when the child's time to drain is up
	killOnce sync.Once
	ended    chan struct{} // closed when no child is left and none will come

	mu sync.Mutex
	// ready is closed while the child is ready, at address.
	ready           chan struct{}
	address         string
	child           *child
	restarts        int
	err             error // why there will be no other child
	preflightChecks bool
}

func newCluster(o Options, lock *os.File) *Cluster {
	ctx, cancel := context.WithCancel(context.Background())
	return &Cluster{
		options: o, lock: lock, stop: cancel, stopping: ctx, preflightChecks: o.MachineSetPreflightChecks,
		kill: make(chan struct{}), ended: make(chan struct{}), ready: make(chan struct{}),
	}
}

// RESTConfig returns a configuration for clients. It stays valid when the
// child is started again: requests made meanwhile wait for it. It holds the
// token of the cluster's only user.
func (c *Cluster) RESTConfig() *rest.Config { return rest.CopyConfig(c.config) }

// Client returns a client that reads from the API server itself and knows
// every kind of manager.Scheme. It stays valid when the child is started
// again: requests made meanwhile wait for it, those under way fail.
func (c *Cluster) Client() client.Client { return c.client }

// Restarts returns how often the child has been started again.
func (c *Cluster) Restarts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.restarts
}

// Ended is closed when the cluster has ended: after Stop, or because its child
// kept dying, which Err then tells.
func (c *Cluster) Ended() <-chan struct{} { return c.ended }

// Err returns why the cluster ended by itself, nil otherwise.
func (c *Cluster) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// SetMachineSetPreflightChecks switches, in the running child and in those
// after it, whether MachineSets wait for a stable control plane.
func (c *Cluster) SetMachineSetPreflightChecks(on bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.preflightChecks = on
	if c.child == nil {
		return nil
	}
	if err := c.child.tell(on); err != nil {
		return fmt.Errorf("switch the preflight checks of MachineSets: %w", err)
	}
	return nil
}

// Stop ends the child: it drains, and is killed when ctx ends first. The data
// stays. It may be called more than once, and after the cluster has ended.
func (c *Cluster) Stop(ctx context.Context) error {
	c.stop()
	select {
	case <-c.ended:
		return c.unlock()
	case <-ctx.Done():
	}
	c.killOnce.Do(func() { close(c.kill) })
	<-c.ended
	return c.unlock()
}

func (c *Cluster) unlock() error {
	if err := c.lock.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// waitReady waits until the child is ready, ctx ends, or the cluster does.
func (c *Cluster) waitReady(ctx context.Context) error {
	_, err := c.currentAddress(ctx)
	return err
}

// currentAddress is the API server's, once it is ready.
func (c *Cluster) currentAddress(ctx context.Context) (string, error) {
	for {
		c.mu.Lock()
		ready, address := c.ready, c.address
		c.mu.Unlock()
		select {
		case <-ready:
			return address, nil
		case <-c.ended:
			return "", errors.Join(errors.New("the bootstrap cluster has ended"), c.Err())
		case <-ctx.Done():
			return "", fmt.Errorf("wait for the bootstrap cluster: %w", context.Cause(ctx))
		}
	}
}

func (c *Cluster) setReady(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.address = address
	close(c.ready)
}

// setUnready is for a child that has ended.
func (c *Cluster) setUnready() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.child = nil
	select {
	case <-c.ready:
		c.ready = make(chan struct{})
	default:
	}
}
