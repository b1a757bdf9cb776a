package ipam

import (
	"context"
	"net/netip"

	poolv1 "sigs.k8s.io/cluster-api-ipam-provider-in-cluster/api/v1alpha2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	ipamv1 "sigs.k8s.io/cluster-api/api/ipam/v1beta2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// poolKind is the kind of pool that claims are served from.
const poolKind = "InClusterIPPool"

// Finalizers; the in-cluster provider's own.
const (
	releaseAddress = "ipam.cluster.x-k8s.io/ReleaseAddress" // on claims
	protectAddress = "ipam.cluster.x-k8s.io/ProtectAddress" // on addresses
	protectPool    = "ipam.cluster.x-k8s.io/ProtectPool"    // on pools
)

// byPool indexes claims and addresses by the name of their InClusterIPPool.
const byPool = "inClusterIPPool"

// SetupWithManager adds the controllers of claims and of pools.
func SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	indexer := mgr.GetFieldIndexer()
	if err := indexer.IndexField(ctx, &ipamv1.IPAddressClaim{}, byPool, func(o client.Object) []string {
		return poolNames(o.(*ipamv1.IPAddressClaim).Spec.PoolRef)
	}); err != nil {
		return err
	}
	if err := indexer.IndexField(ctx, &ipamv1.IPAddress{}, byPool, func(o client.Object) []string {
		return poolNames(o.(*ipamv1.IPAddress).Spec.PoolRef)
	}); err != nil {
		return err
	}
	claims := &claims{client: mgr.GetClient(), scheme: mgr.GetScheme()}
	if err := ctrl.NewControllerManagedBy(mgr).
		Named("inclusterippool-claims").
		For(&ipamv1.IPAddressClaim{}, builder.WithPredicates(predicate.NewPredicateFuncs(func(o client.Object) bool {
			return len(poolNames(o.(*ipamv1.IPAddressClaim).Spec.PoolRef)) > 0
		}))).
		Owns(&ipamv1.IPAddress{}).
		Watches(&poolv1.InClusterIPPool{}, handler.EnqueueRequestsFromMapFunc(claims.ofPool)).
		// A move pauses the cluster and lets it go on elsewhere.
		Watches(&clusterv1.Cluster{}, handler.EnqueueRequestsFromMapFunc(claims.ofCluster),
			builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))).
		// One at a time: two would give one address away twice.
		WithOptions(ctrlOptions(1)).
		Complete(claims); err != nil {
		return err
	}
	pools := &pools{client: mgr.GetClient()}
	return ctrl.NewControllerManagedBy(mgr).
		Named("inclusterippools").
		For(&poolv1.InClusterIPPool{}).
		Watches(&ipamv1.IPAddress{}, handler.EnqueueRequestsFromMapFunc(pools.ofAddress)).
		WithOptions(ctrlOptions(1)).
		Complete(pools)
}

// poolNames is the name of the InClusterIPPool that ref refers to; nothing
// where it refers to something else.
func poolNames(ref ipamv1.IPPoolReference) []string {
	if ref.APIGroup != poolv1.GroupVersion.Group || ref.Kind != poolKind {
		return nil
	}
	return []string{ref.Name}
}

func (c *claims) ofPool(ctx context.Context, pool client.Object) []reconcile.Request {
	return c.requests(ctx, client.InNamespace(pool.GetNamespace()), client.MatchingFields{byPool: pool.GetName()})
}

func (c *claims) ofCluster(ctx context.Context, cluster client.Object) []reconcile.Request {
	return c.requests(ctx, client.InNamespace(cluster.GetNamespace()),
		client.MatchingLabels{clusterv1.ClusterNameLabel: cluster.GetName()})
}

func (c *claims) requests(ctx context.Context, which ...client.ListOption) []reconcile.Request {
	var list ipamv1.IPAddressClaimList
	if err := c.client.List(ctx, &list, which...); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "cannot list IPAddressClaims")
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		if claim := &list.Items[i]; len(poolNames(claim.Spec.PoolRef)) > 0 {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(claim)})
		}
	}
	return requests
}

// used lists the addresses given out of a pool. Text that is no address
// cannot be in the way of one.
func used(ctx context.Context, c client.Reader, namespace, pool string) ([]netip.Addr, error) {
	var list ipamv1.IPAddressList
	if err := c.List(ctx, &list, client.InNamespace(namespace), client.MatchingFields{byPool: pool}); err != nil {
		return nil, err
	}
	var addresses []netip.Addr
	for i := range list.Items {
		if address, err := netip.ParseAddr(list.Items[i].Spec.Address); err == nil {
			addresses = append(addresses, address)
		}
	}
	return addresses, nil
}
