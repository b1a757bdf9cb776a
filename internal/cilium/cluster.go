package cilium

import (
	"context"
	"log/slog"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"

	"groundwork.dev/bootstrap/internal/failure"
)

const (
	// requestTimeout bounds a single request: an address that swallows
	// packets must not hold up a run that can be told so.
	requestTimeout = 30 * time.Second
	// One installation is some hundred requests at once; the API server's
	// own fairness keeps order among them.
	queriesPerSecond, burst = 100, 200
)

// cluster is the way to the cluster's API. It comes from the kubeconfig's
// bytes alone: no environment variable, no file of the user's is read or
// written, except for the proxy that the environment names.
type cluster struct {
	kubeconfig clientcmd.ClientConfig
	config     *rest.Config // for requests that end by themselves
	clients    kubernetes.Interface
	metadata   metadata.Interface
	discovery  discovery.CachedDiscoveryInterface
}

func (o Options) connect() (*cluster, error) {
	unusable := func(err error) error {
		return &failure.Error{
			Code: failure.AddOns, Err: err, Summary: "the cluster's kubeconfig cannot be used",
			Remedy: "give the admin kubeconfig of a cluster whose control plane is up",
		}
	}
	kubeconfig, err := clientcmd.NewClientConfigFromBytes(o.Kubeconfig)
	if err != nil {
		return nil, unusable(err)
	}
	config, err := kubeconfig.ClientConfig()
	if err != nil {
		return nil, unusable(err)
	}
	config.QPS, config.Burst = queriesPerSecond, burst
	config.Timeout = requestTimeout
	config.UserAgent = "groundwork"
	config.WarningHandlerWithContext = warnings{o.log()}
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, unusable(err)
	}
	objects, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, unusable(err)
	}
	return &cluster{
		kubeconfig: kubeconfig, config: config, clients: clients, metadata: objects,
		discovery: memory.NewMemCacheClient(clients.Discovery()),
	}, nil
}

// warnings logs the API server's warnings, which client-go would print.
type warnings struct{ log *slog.Logger }

func (w warnings) HandleWarningHeaderWithContext(_ context.Context, code int, _ string, text string) {
	if code == 299 && text != "" { // RFC 7234, 5.5: a persistent warning
		w.log.Debug("the API server warns", "warning", text)
	}
}

// The methods that make a cluster a genericclioptions.RESTClientGetter, as
// Helm wants it.

// ToRESTConfig returns a copy: Helm sets defaults in it.
func (c *cluster) ToRESTConfig() (*rest.Config, error) { return rest.CopyConfig(c.config), nil }

// ToDiscoveryClient returns a client that remembers in memory.
func (c *cluster) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	return c.discovery, nil
}

// ToRESTMapper returns a mapper that asks the API server when it must.
func (c *cluster) ToRESTMapper() (meta.RESTMapper, error) {
	return restmapper.NewDeferredDiscoveryRESTMapper(c.discovery), nil
}

// ToRawKubeConfigLoader returns the kubeconfig.
func (c *cluster) ToRawKubeConfigLoader() clientcmd.ClientConfig { return c.kubeconfig }
