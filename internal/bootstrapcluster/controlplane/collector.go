package controlplane

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	namespacecontroller "k8s.io/kubernetes/pkg/controller/namespace"
)

const (
	collectorResync = 12 * time.Hour
	// collectorPeriod is how often new kinds are looked for, kube-controller-manager's.
	collectorPeriod  = 30 * time.Second
	collectorWorkers = 5
	namespaceResync  = 5 * time.Minute
	namespaceWorkers = 2
)

// collected are the two controllers of kube-controller-manager that Cluster
// API relies on: what an owner or a namespace leaves behind is deleted.
type collected struct {
	collector  *garbagecollector.GarbageCollector
	namespaces *namespacecontroller.NamespaceController
	client     *kubernetes.Clientset
	start      func(context.Context)
}

// newCollected sets them up. The API server has to answer: the namespace
// controller asks it what there is, and ends the process where it cannot.
func newCollected(ctx context.Context, config *rest.Config) (*collected, error) {
	config = rest.CopyConfig(config)
	config.UserAgent, config.QPS = "garbage-collector", -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("set the garbage collector up: %w", err)
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("set the garbage collector up: %w", err)
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	typed := informers.NewSharedInformerFactoryWithOptions(client, collectorResync, informers.WithTransform(dropManagedFields))
	untyped := metadatainformer.NewSharedInformerFactoryWithOptions(metadataClient, collectorResync, metadatainformer.WithTransform(dropManagedFields))
	started := make(chan struct{})
	collector, err := garbagecollector.NewGarbageCollector(ctx, client, metadataClient, mapper, uncollected(),
		informerfactory.NewInformerFactory(typed, untyped), started)
	if err != nil {
		return nil, fmt.Errorf("set the garbage collector up: %w", err)
	}
	namespaces := namespacecontroller.NewNamespaceController(ctx, client, metadataClient,
		client.Discovery().ServerPreferredNamespacedResources, typed.Core().V1().Namespaces(), namespaceResync, corev1.FinalizerKubernetes)
	return &collected{
		collector: collector, namespaces: namespaces, client: client,
		start: func(ctx context.Context) {
			typed.Start(ctx.Done())
			untyped.Start(ctx.Done())
			close(started)
		},
	}, nil
}

// run runs both controllers until ctx ends; the API server has to answer.
func (c *collected) run(ctx context.Context) error {
	c.start(ctx)
	go c.collector.Sync(ctx, c.client.Discovery(), collectorPeriod)
	go c.namespaces.Run(ctx, namespaceWorkers)
	c.collector.Run(ctx, collectorWorkers, collectorPeriod)
	return nil
}

// waitReady waits until the collector has seen every object.
func (c *collected) waitReady(ctx context.Context) error {
	err := wait.PollUntilContextCancel(ctx, 10*time.Millisecond, true, func(context.Context) (bool, error) {
		return c.collector.IsSynced(klog.Logger{}), nil
	})
	if err != nil {
		return fmt.Errorf("wait for the garbage collector: %w", err)
	}
	return nil
}

// uncollected are kinds that neither own anything nor are owned, and those
// behind feature gates that are off. Each kind that is watched costs a
// watch, and a custom one the set-up of its schemas.
func uncollected() map[schema.GroupResource]struct{} {
	ignored := garbagecollector.DefaultIgnoredResources()
	for group, resources := range map[string][]string{
		"":                                {"namespaces", "serviceaccounts"},
		"admissionregistration.k8s.io":    {"mutatingwebhookconfigurations", "validatingwebhookconfigurations"},
		"apiextensions.k8s.io":            {"customresourcedefinitions"},
		"cluster.x-k8s.io":                {"clusterclasses", "machinepools"},
		"controlplane.cluster.x-k8s.io":   {"kubeadmcontrolplanetemplates"},
		"infrastructure.cluster.x-k8s.io": {"vsphereclustertemplates"},
		"runtime.cluster.x-k8s.io":        {"extensionconfigs"},
	} {
		for _, resource := range resources {
			ignored[schema.GroupResource{Group: group, Resource: resource}] = struct{}{}
		}
	}
	return ignored
}

func dropManagedFields(o any) (any, error) {
	if accessor, err := meta.Accessor(o); err == nil {
		accessor.SetManagedFields(nil)
	}
	return o, nil
}
