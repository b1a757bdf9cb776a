package manager

import (
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/controllers/clustercache"
	"sigs.k8s.io/cluster-api/util/secret"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// syncPeriod is how often everything is reconciled even if nothing changed;
// upstream's own figure.
const syncPeriod = 10 * time.Minute

// cacheOptions caches the Secrets of clusters only, and of these the content
// of those only that the controllers read: certificates and kubeconfigs.
//
// Managed fields stay in the cache: the control plane and MachineSet
// controllers compare them.
func cacheOptions() (cache.Options, error) {
	ofCluster, err := labels.NewRequirement(clusterv1.ClusterNameLabel, selection.Exists, nil)
	if err != nil {
		return cache.Options{}, fmt.Errorf("select the Secrets of clusters: %w", err)
	}
	period := syncPeriod
	return cache.Options{
		SyncPeriod: &period,
		ByObject: map[client.Object]cache.ByObject{
			&corev1.Secret{}: {Label: labels.NewSelector().Add(*ofCluster), Transform: stripSecret},
		},
	}, nil
}

func stripSecret(in any) (any, error) {
	if s, ok := in.(*corev1.Secret); ok {
		s.SetManagedFields(nil)
		if !secret.HasPurposeSuffix(s.Name) {
			s.Data = nil
		}
	}
	return in, nil
}

// clientOptions reads unstructured objects from the cache too: Cluster API
// reads every provider's objects so.
func clientOptions() client.Options {
	return client.Options{Cache: &client.CacheOptions{
		DisableFor:   []client.Object{&corev1.ConfigMap{}, &corev1.Secret{}},
		Unstructured: true,
	}}
}

// secretClient reads Secrets from the cache, which the manager's own client
// never does.
func secretClient(mgr ctrl.Manager) (client.Client, error) {
	return client.New(mgr.GetConfig(), client.Options{
		HTTPClient: mgr.GetHTTPClient(), Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper(),
		Cache: &client.CacheOptions{Reader: mgr.GetCache()},
	})
}

// secretMetadataCache holds the metadata of every Secret, which
// ClusterResourceSets watch whatever cluster it belongs to.
func secretMetadataCache(mgr ctrl.Manager) (cache.Cache, error) {
	period := syncPeriod
	secrets, err := cache.New(mgr.GetConfig(), cache.Options{
		HTTPClient: mgr.GetHTTPClient(), Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper(),
		SyncPeriod: &period, DefaultTransform: onlySecretMetadata,
	})
	if err != nil {
		return nil, err
	}
	return secrets, mgr.Add(secrets)
}

func onlySecretMetadata(in any) (any, error) {
	if _, ok := in.(*metav1.PartialObjectMetadata); !ok {
		return nil, fmt.Errorf("the cache of Secrets' metadata was given a %T", in)
	}
	return cache.TransformStripManagedFields()(in)
}

// clusterCacheOptions are for the connections to workload clusters: of those,
// only Nodes are watched.
func clusterCacheOptions(secrets client.Reader, answers clustercache.ClusterFilter) clustercache.Options {
	return clustercache.Options{
		SecretClient:  secrets,
		ClusterFilter: answers,
		Cache: clustercache.CacheOptions{
			Indexes:          []clustercache.CacheOptionsIndex{clustercache.NodeProviderIDIndex},
			DefaultTransform: cache.TransformStripManagedFields(),
		},
		Client: clustercache.ClientOptions{
			QPS: 200, Burst: 400, UserAgent: userAgent,
			Cache: clustercache.ClientCacheOptions{DisableFor: []client.Object{
				&corev1.ConfigMap{}, &corev1.Secret{}, &corev1.Pod{}, &corev1.Namespace{}, &corev1.PersistentVolume{},
				&appsv1.Deployment{}, &appsv1.DaemonSet{}, &storagev1.VolumeAttachment{},
			}},
		},
	}
}
