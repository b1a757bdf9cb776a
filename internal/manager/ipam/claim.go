package ipam

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
	poolv1 "sigs.k8s.io/cluster-api-ipam-provider-in-cluster/api/v1alpha2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	ipamv1 "sigs.k8s.io/cluster-api/api/ipam/v1beta2"
	"sigs.k8s.io/cluster-api/util/annotations"
	"sigs.k8s.io/cluster-api/util/conditions"
	"sigs.k8s.io/cluster-api/util/patch"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// readOwnWrite bounds how long the cache may lag behind a new address.
const readOwnWrite = 10 * time.Second

func ctrlOptions(concurrent int) controller.Options {
	return controller.Options{MaxConcurrentReconciles: concurrent}
}

// claims gives each IPAddressClaim an IPAddress of the same name.
type claims struct {
	client client.Client
	scheme *runtime.Scheme
}

// Reconcile implements reconcile.Reconciler.
func (c *claims) Reconcile(ctx context.Context, request ctrl.Request) (_ ctrl.Result, err error) {
	claim := &ipamv1.IPAddressClaim{}
	if err := c.client.Get(ctx, request.NamespacedName, claim); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	paused, err := c.paused(ctx, claim)
	if err != nil || paused {
		return ctrl.Result{}, err
	}
	helper, err := patch.NewHelper(claim, c.client)
	if err != nil {
		return ctrl.Result{}, err
	}
	defer func() {
		err = errors.Join(err, client.IgnoreNotFound(helper.Patch(ctx, claim,
			patch.WithOwnedConditions{Conditions: []string{ipamv1.IPAddressClaimReadyCondition}})))
	}()
	if !claim.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, c.release(ctx, claim)
	}
	// The finalizer has to be there before there is anything to release.
	if controllerutil.AddFinalizer(claim, releaseAddress) {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{}, c.satisfy(ctx, claim)
}

func (c *claims) paused(ctx context.Context, claim *ipamv1.IPAddressClaim) (bool, error) {
	name := claim.Spec.ClusterName
	if name == "" {
		name = claim.Labels[clusterv1.ClusterNameLabel]
	}
	if name == "" {
		return annotations.HasPaused(claim), nil
	}
	cluster := &clusterv1.Cluster{}
	err := c.client.Get(ctx, client.ObjectKey{Namespace: claim.Namespace, Name: name}, cluster)
	if apierrors.IsNotFound(err) {
		// Nothing left to wait for a deletion, and nobody to ask for an address.
		return claim.DeletionTimestamp.IsZero(), nil
	}
	return annotations.IsPaused(cluster, claim), err
}

func (c *claims) satisfy(ctx context.Context, claim *ipamv1.IPAddressClaim) error {
	pool := &poolv1.InClusterIPPool{}
	key := client.ObjectKey{Namespace: claim.Namespace, Name: claim.Spec.PoolRef.Name}
	if err := c.client.Get(ctx, key, pool); err != nil {
		if apierrors.IsNotFound(err) {
			notReady(claim, ipamv1.IPAddressClaimReadyPoolNotReadyReason, "%s %s does not exist", poolKind, key)
			return nil
		}
		return err
	}
	if annotations.HasPaused(pool) {
		return nil
	}
	address := &ipamv1.IPAddress{}
	err := c.client.Get(ctx, client.ObjectKeyFromObject(claim), address)
	switch {
	case apierrors.IsNotFound(err):
		address, err = c.allocate(ctx, claim, pool)
	case err == nil && address.Spec.PoolRef != claim.Spec.PoolRef:
		err = fmt.Errorf("an IPAddress of that name exists, from %s %s", address.Spec.PoolRef.Kind, address.Spec.PoolRef.Name)
	case err == nil:
		err = c.adopt(ctx, address, claim, pool)
	}
	switch {
	case errors.Is(err, errExhausted):
		notReady(claim, ipamv1.IPAddressClaimReadyPoolExhaustedReason,
			"every address of %s %s is in use: add addresses to it, or delete machines that hold some", poolKind, key)
		return nil // the next change of the pool or of its addresses comes back here
	case err != nil:
		notReady(claim, ipamv1.IPAddressClaimReadyAllocationFailedReason, "cannot take an address from %s %s: %v", poolKind, key, err)
		return err
	}
	claim.Status.AddressRef = ipamv1.IPAddressReference{Name: address.Name}
	conditions.Set(claim, metav1.Condition{
		Type: ipamv1.IPAddressClaimReadyCondition, Status: metav1.ConditionTrue, Reason: clusterv1.ReadyReason,
	})
	return nil
}

// allocate gives claim the first free address, and returns when later
// allocations will see it.
func (c *claims) allocate(ctx context.Context, claim *ipamv1.IPAddressClaim, pool *poolv1.InClusterIPPool) (*ipamv1.IPAddress, error) {
	set, err := assignable(pool.Spec)
	if err != nil {
		return nil, err
	}
	taken, err := used(ctx, c.client, pool.Namespace, pool.Name)
	if err != nil {
		return nil, err
	}
	free, err := firstFree(set, taken)
	if err != nil {
		return nil, err
	}
	address := &ipamv1.IPAddress{
		ObjectMeta: metav1.ObjectMeta{Namespace: claim.Namespace, Name: claim.Name, Finalizers: []string{protectAddress}},
		Spec: ipamv1.IPAddressSpec{
			ClaimRef: ipamv1.IPAddressClaimReference{Name: claim.Name}, PoolRef: claim.Spec.PoolRef,
			Address: free.String(), Prefix: ptr.To(int32(pool.Spec.Prefix)), Gateway: pool.Spec.Gateway, //nolint:gosec // the CRD bounds it by 128
		},
	}
	if err := c.own(address, claim, pool); err != nil {
		return nil, err
	}
	if err := c.client.Create(ctx, address); err != nil {
		return nil, err
	}
	key := client.ObjectKeyFromObject(address)
	err = wait.PollUntilContextTimeout(ctx, 2*time.Millisecond, readOwnWrite, true, func(ctx context.Context) (bool, error) {
		err := c.client.Get(ctx, key, &ipamv1.IPAddress{})
		return err == nil, client.IgnoreNotFound(err)
	})
	return address, err
}

// adopt makes sure that an address that is there belongs to its claim: a move
// from another cluster makes the objects anew, with new identities.
func (c *claims) adopt(ctx context.Context, address *ipamv1.IPAddress, claim *ipamv1.IPAddressClaim, pool *poolv1.InClusterIPPool) error {
	if !address.DeletionTimestamp.IsZero() {
		return nil // it goes when the claim does
	}
	before := address.DeepCopy()
	controllerutil.AddFinalizer(address, protectAddress)
	if err := c.own(address, claim, pool); err != nil {
		return err
	}
	patch := client.MergeFrom(before)
	if data, err := patch.Data(address); err != nil || string(data) == "{}" {
		return err
	}
	return c.client.Patch(ctx, address, patch)
}

func (c *claims) own(address *ipamv1.IPAddress, claim *ipamv1.IPAddressClaim, pool *poolv1.InClusterIPPool) error {
	if cluster, ok := claim.Labels[clusterv1.ClusterNameLabel]; ok {
		metav1.SetMetaDataLabel(&address.ObjectMeta, clusterv1.ClusterNameLabel, cluster)
	}
	if err := controllerutil.SetControllerReference(claim, address, c.scheme); err != nil {
		return err
	}
	return controllerutil.SetOwnerReference(pool, address, c.scheme, controllerutil.WithBlockOwnerDeletion(true))
}

// release deletes the claim's address, then lets the claim go.
func (c *claims) release(ctx context.Context, claim *ipamv1.IPAddressClaim) error {
	address := &ipamv1.IPAddress{}
	err := c.client.Get(ctx, client.ObjectKeyFromObject(claim), address)
	if err == nil {
		before := address.DeepCopy()
		if controllerutil.RemoveFinalizer(address, protectAddress) {
			err = c.client.Patch(ctx, address, client.MergeFrom(before))
		}
		if err == nil {
			err = c.client.Delete(ctx, address)
		}
	}
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("release the address of IPAddressClaim %s/%s: %w", claim.Namespace, claim.Name, err)
	}
	controllerutil.RemoveFinalizer(claim, releaseAddress)
	return nil
}

func notReady(claim *ipamv1.IPAddressClaim, reason, format string, args ...any) {
	conditions.Set(claim, metav1.Condition{
		Type: ipamv1.IPAddressClaimReadyCondition, Status: metav1.ConditionFalse,
		Reason: reason, Message: fmt.Sprintf(format, args...),
	})
}
