package ipam

import (
	"context"
	"errors"
	"net/netip"

	"go4.org/netipx"
	poolv1 "sigs.k8s.io/cluster-api-ipam-provider-in-cluster/api/v1alpha2"
	ipamv1 "sigs.k8s.io/cluster-api/api/ipam/v1beta2"
	"sigs.k8s.io/cluster-api/util/patch"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// pools keeps a pool as long as addresses of it are in use, and counts them.
type pools struct{ client client.Client }

func (*pools) ofAddress(_ context.Context, o client.Object) []reconcile.Request {
	var requests []reconcile.Request
	for _, name := range poolNames(o.(*ipamv1.IPAddress).Spec.PoolRef) {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKey{Namespace: o.GetNamespace(), Name: name}})
	}
	return requests
}

// Reconcile implements reconcile.Reconciler.
func (p *pools) Reconcile(ctx context.Context, request ctrl.Request) (_ ctrl.Result, err error) {
	pool := &poolv1.InClusterIPPool{}
	if err := p.client.Get(ctx, request.NamespacedName, pool); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	helper, err := patch.NewHelper(pool, p.client)
	if err != nil {
		return ctrl.Result{}, err
	}
	defer func() { err = errors.Join(err, client.IgnoreNotFound(helper.Patch(ctx, pool))) }()

	taken, err := used(ctx, p.client, pool.Namespace, pool.Name)
	if err != nil {
		return ctrl.Result{}, err
	}
	if !pool.DeletionTimestamp.IsZero() {
		if len(taken) == 0 {
			controllerutil.RemoveFinalizer(pool, protectPool)
		}
		return ctrl.Result{}, nil
	}
	controllerutil.AddFinalizer(pool, protectPool)
	set, err := assignable(pool.Spec)
	if err != nil {
		return ctrl.Result{}, reconcile.TerminalError(err)
	}
	pool.Status.Addresses = tally(set, taken)
	return ctrl.Result{}, nil
}

func tally(set *netipx.IPSet, taken []netip.Addr) *poolv1.InClusterIPPoolStatusIPAddresses {
	status := &poolv1.InClusterIPPoolStatusIPAddresses{Total: count(set), Used: len(taken)}
	for _, address := range taken {
		if !set.Contains(address) {
			status.OutOfRange++
		}
	}
	status.Free = status.Total - (status.Used - status.OutOfRange)
	return status
}
