package manager

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/cluster-api-provider-vsphere/pkg/session"
	"sigs.k8s.io/cluster-api/api/core/v1beta2/index"
	"sigs.k8s.io/cluster-api/controllers/clustercache"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"groundwork.dev/bootstrap/internal/manager/ipam"
)

const userAgent = "groundwork-manager"

// shutdownTimeout bounds how long the controllers may finish what they are
// at. All of them can be interrupted at any moment.
const shutdownTimeout = 5 * time.Second

// Options say what the manager works on.
type Options struct {
	// Config reaches the management cluster.
	Config *rest.Config
	// Mapper finds resources; nil asks the cluster.
	Mapper meta.RESTMapper
	// Webhooks serves the admission and conversion webhooks.
	Webhooks webhook.Server
	// MachineSetPreflightChecks is their state at first, see
	// SetMachineSetPreflightChecks.
	MachineSetPreflightChecks bool
	// Probe asks an endpoint of a workload cluster for a sign of life; nil
	// sends an HTTPS request through the proxy that the environment names.
	Probe Probe
}

// Manager holds the controllers of a management cluster.
type Manager struct{ ctrl.Manager }

// New sets every controller and webhook up; Start runs them. There can be one
// manager a process: the providers' feature gates and sessions are global.
// ctx bounds the work of the controllers that outlives New.
func New(ctx context.Context, o Options) (*Manager, error) {
	if err := errors.Join(setFeatures(), SetMachineSetPreflightChecks(o.MachineSetPreflightChecks)); err != nil {
		return nil, err
	}
	mgr, err := newManager(o)
	if err != nil {
		return nil, fmt.Errorf("set the manager up: %w", err)
	}
	secrets, err := secretClient(mgr)
	if err != nil {
		return nil, fmt.Errorf("set the client for Secrets up: %w", err)
	}
	if err := index.AddDefaultIndexes(ctx, mgr); err != nil {
		return nil, fmt.Errorf("set the indexes up: %w", err)
	}
	endpoints := newEndpoints(ctx, mgr.GetClient(), o.Probe)
	clusters, err := clustercache.SetupWithManager(ctx, mgr,
		clusterCacheOptions(secrets, endpoints.answers), concurrency(10))
	if err != nil {
		return nil, fmt.Errorf("set the cluster cache up: %w", err)
	}
	setAPIVersionGetters(ctx, mgr.GetClient())
	for _, part := range []struct {
		name  string
		setUp func() error
	}{
		{"webhooks", func() error { return addWebhooks(mgr, clusters) }},
		{"Cluster API core", func() error { return addCore(ctx, mgr, clusters) }},
		{"kubeadm providers", func() error { return addKubeadm(ctx, mgr, clusters, secrets) }},
		{"vSphere provider", func() error { return addVSphere(ctx, mgr, clusters) }},
		{"SSH provider", func() error { return addSSH(ctx, mgr) }},
		{"attention to control planes", func() error { return addAttention(mgr) }},
		{"static addresses", func() error { return ipam.SetupWithManager(ctx, mgr) }},
	} {
		if err := part.setUp(); err != nil {
			return nil, fmt.Errorf("set the %s up: %w", part.name, err)
		}
	}
	return &Manager{Manager: mgr}, nil
}

func newManager(o Options) (ctrl.Manager, error) {
	cacheOptions, err := cacheOptions()
	if err != nil {
		return nil, err
	}
	cfg := rest.CopyConfig(o.Config)
	cfg.QPS = -1 // the only client but for its own user: nothing to protect the API server from
	cfg.UserAgent = userAgent
	cfg.WarningHandler = rest.NoWarnings{}
	options := ctrl.Options{
		Scheme:                  Scheme(),
		Cache:                   cacheOptions,
		Client:                  clientOptions(),
		WebhookServer:           o.Webhooks,
		HealthProbeBindAddress:  "0",
		PprofBindAddress:        "0",
		Metrics:                 metricsserver.Options{BindAddress: "0"},
		GracefulShutdownTimeout: ptr.To(shutdownTimeout),
		Controller: config.Controller{
			UsePriorityQueue: ptr.To(true),
			CacheSyncTimeout: 5 * time.Minute, // upstream's, for many objects
		},
	}
	if o.Mapper != nil {
		options.MapperProvider = func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return o.Mapper, nil }
	}
	return ctrl.NewManager(cfg, options)
}

// Start runs the controllers and webhooks until ctx ends, then ends the
// vCenter sessions.
func (m *Manager) Start(ctx context.Context) error {
	defer session.Clear()
	return m.Manager.Start(ctx)
}

// WaitReady waits until the caches hold what the cluster holds and every
// controller has been started.
func (m *Manager) WaitReady(ctx context.Context) error {
	if !m.GetCache().WaitForCacheSync(ctx) {
		return fmt.Errorf("wait for the manager's caches: %w", context.Cause(ctx))
	}
	select {
	case <-m.Elected(): // closed when the controllers start, also without an election
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the controllers: %w", context.Cause(ctx))
	}
}

func concurrency(n int) controller.Options { return controller.Options{MaxConcurrentReconciles: n} }
