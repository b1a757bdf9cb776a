package controllers

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util"
	"sigs.k8s.io/cluster-api/util/finalizers"
	"sigs.k8s.io/cluster-api/util/patch"
	"sigs.k8s.io/cluster-api/util/paused"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// hostReconciler looks at hosts, and resets those that a machine could not.
type hostReconciler struct {
	client.Client
	live   client.Reader
	hosts  Hosts
	jobs   *runner[hostNews]
	timing timing
	// slots has an entry for each host that is being looked at.
	slots chan struct{}

	mu     sync.Mutex
	memory map[types.UID]hostMemory
}

// hostMemory is what is remembered of a host; it is lost with the process.
type hostMemory struct {
	// next is when the host is to be looked at again, use whose it was when
	// that was set.
	next time.Time
	use  hostUse
	// failures is how often in a row the host could not be reset.
	failures int
	// owns is true when the host's Secret is known to go with the host.
	owns bool
}

// hostUse is what a host is used for.
type hostUse string

const (
	useFree    hostUse = "free"
	useClaimed hostUse = "claimed"
	useDirty   hostUse = "to be reset"
)

func useOf(host *infrav1.SSHHost) hostUse {
	switch {
	case host.Spec.ConsumerRef.Name != "":
		return useClaimed
	case host.Annotations[infrav1.NeedsCleaningAnnotation] != "":
		return useDirty
	}
	return useFree
}

var ownedHostConditions = []string{
	infrav1.ReachableCondition, infrav1.CleanCondition, infrav1.AvailableCondition, clusterv1.PausedCondition,
}

// Reconcile implements reconcile.Reconciler.
func (r *hostReconciler) Reconcile(ctx context.Context, request ctrl.Request) (_ ctrl.Result, err error) {
	host := &infrav1.SSHHost{}
	// Past the cache: what this reconciler wrote last decides what it does next.
	if err := r.live.Get(ctx, request.NamespacedName, host); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if added, err := finalizers.EnsureFinalizer(ctx, r.Client, host, infrav1.HostFinalizer); added || err != nil {
		return ctrl.Result{}, err
	}
	cluster, err := clusterOf(ctx, r.Client, host)
	if err != nil {
		return ctrl.Result{}, err
	}
	if is, requeue, err := paused.EnsurePausedCondition(ctx, r.Client, cluster, host); err != nil || is || requeue {
		return ctrl.Result{}, err
	}
	if changed, err := r.own(ctx, cluster, host); changed || err != nil {
		return ctrl.Result{}, err
	}
	if changed, err := r.dropOrphanedClaim(ctx, host); changed || err != nil {
		return ctrl.Result{}, err
	}
	helper, err := patch.NewHelper(host, r.Client)
	if err != nil {
		return ctrl.Result{}, err
	}
	defer func() {
		setAvailable(host)
		if patchErr := helper.Patch(ctx, host, patch.WithOwnedConditions{Conditions: ownedHostConditions}); err == nil {
			err = client.IgnoreNotFound(patchErr)
		}
	}()
	name, news, ended := r.jobs.take(host.UID)
	if name != "" {
		r.show(host, news, ended)
	}
	if !host.DeletionTimestamp.IsZero() && r.mayGo(ctx, host) {
		if !ended && name != "" {
			r.jobs.stop(host.UID)
			return ctrl.Result{}, nil
		}
		controllerutil.RemoveFinalizer(host, infrav1.HostFinalizer)
		r.forget(host.UID)
		return ctrl.Result{}, nil
	}
	if name != "" && !ended {
		return ctrl.Result{}, nil
	}
	return r.look(ctx, host)
}

// own lets the host go with its Cluster, and its credentials with the last
// host that needs them; clusterctl move follows the same references.
func (r *hostReconciler) own(ctx context.Context, cluster *clusterv1.Cluster, host *infrav1.SSHHost) (changed bool, err error) {
	if cluster != nil && host.DeletionTimestamp.IsZero() && cluster.DeletionTimestamp.IsZero() {
		owner := metav1.OwnerReference{APIVersion: clusterv1.GroupVersion.String(), Kind: "Cluster", Name: cluster.Name, UID: cluster.UID}
		before := host.DeepCopy()
		host.OwnerReferences = util.EnsureOwnerRef(host.OwnerReferences, owner)
		if !slices.Equal(before.OwnerReferences, host.OwnerReferences) {
			return true, r.Patch(ctx, host, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
		}
	}
	return false, r.ownCredentials(ctx, host)
}

func (r *hostReconciler) ownCredentials(ctx context.Context, host *infrav1.SSHHost) error {
	if r.recall(host.UID).owns || !host.DeletionTimestamp.IsZero() {
		return nil
	}
	credentials := &metav1.PartialObjectMetadata{}
	credentials.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	key := client.ObjectKey{Namespace: host.Namespace, Name: host.Spec.CredentialsRef.Name}
	if err := r.live.Get(ctx, key, credentials); err != nil {
		return client.IgnoreNotFound(err)
	}
	if slices.ContainsFunc(credentials.OwnerReferences, func(o metav1.OwnerReference) bool { return o.UID == host.UID }) {
		r.remember(host.UID, func(m *hostMemory) { m.owns = true })
		return nil
	}
	// Strategic merge patches add to the list, whoever else does at the moment.
	before := credentials.DeepCopy()
	credentials.OwnerReferences = append(credentials.OwnerReferences, metav1.OwnerReference{
		APIVersion: infrav1.GroupVersion.String(), Kind: "SSHHost", Name: host.Name, UID: host.UID,
	})
	if err := r.Patch(ctx, credentials, client.StrategicMergeFrom(before)); err != nil {
		return fmt.Errorf("own Secret %s: %w", key, err)
	}
	return nil
}

// dropOrphanedClaim releases a host whose SSHMachine is gone without having
// reset it, by force.
func (r *hostReconciler) dropOrphanedClaim(ctx context.Context, host *infrav1.SSHHost) (changed bool, err error) {
	claim := host.Spec.ConsumerRef
	if claim.Name == "" {
		return false, nil
	}
	key := client.ObjectKey{Namespace: host.Namespace, Name: claim.Name}
	for _, reader := range []client.Reader{r.Client, r.live} { // the cache may lag behind
		if err := reader.Get(ctx, key, &infrav1.SSHMachine{}); err == nil || !apierrors.IsNotFound(err) {
			return false, err
		}
	}
	before := host.DeepCopy()
	if host.Annotations == nil {
		host.Annotations = map[string]string{}
	}
	host.Annotations[infrav1.NeedsCleaningAnnotation] = claim.UID
	host.Spec.ConsumerRef = infrav1.ConsumerReference{}
	err = r.Patch(ctx, host, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	return true, client.IgnoreNotFound(err)
}

// mayGo reports whether a host that is to be deleted is no longer needed.
func (r *hostReconciler) mayGo(ctx context.Context, host *infrav1.SSHHost) bool {
	if host.Spec.ConsumerRef.Name != "" {
		return false
	}
	owner := host.Annotations[infrav1.NeedsCleaningAnnotation]
	if owner == "" {
		return true
	}
	if time.Since(host.DeletionTimestamp.Time) < r.timing.cleaningGrace {
		return false
	}
	ctrl.LoggerFrom(ctx).Info("the host goes with remains of a machine on it", "owner", owner, "address", host.Spec.Address)
	return true
}

// look starts a job for the host when it is time for one.
func (r *hostReconciler) look(ctx context.Context, host *infrav1.SSHHost) (ctrl.Result, error) {
	if delay := r.delay(host); delay > 0 {
		return ctrl.Result{RequeueAfter: delay}, nil
	}
	t, err := target(ctx, r.live, host)
	if err != nil {
		set(host, infrav1.ReachableCondition, metav1.ConditionFalse, infrav1.CredentialsMissingReason, err.Error())
		r.schedule(host, r.timing.probeDirty)
		return ctrl.Result{RequeueAfter: r.timing.probeDirty}, nil
	}
	if useOf(host) == useDirty {
		owner := host.Annotations[infrav1.NeedsCleaningAnnotation]
		r.jobs.start(host, cleanHost, func(ctx context.Context, tell func(hostNews)) hostNews {
			return r.clean(ctx, t, owner, tell)
		})
		return ctrl.Result{}, nil
	}
	claim := host.Spec.ConsumerRef.Name
	r.jobs.start(host, probeHost, func(ctx context.Context, _ func(hostNews)) hostNews { return r.probe(ctx, t, claim) })
	return ctrl.Result{}, nil
}

// delay is how long the host is left alone. One that has been released is
// looked at at once.
func (r *hostReconciler) delay(host *infrav1.SSHHost) time.Duration {
	memory := r.recall(host.UID)
	if use := useOf(host); use != memory.use {
		if use != useClaimed || memory.use == "" {
			return 0
		}
		r.schedule(host, r.timing.probeClaimed)
		return r.timing.probeClaimed
	}
	return time.Until(memory.next)
}

// schedule sets when the host is looked at again.
func (r *hostReconciler) schedule(host *infrav1.SSHHost, after time.Duration) {
	r.remember(host.UID, func(m *hostMemory) { m.next, m.use = time.Now().Add(after), useOf(host) })
}

func (r *hostReconciler) recall(uid types.UID) hostMemory {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.memory[uid]
}

func (r *hostReconciler) remember(uid types.UID, change func(*hostMemory)) hostMemory {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.memory[uid]
	change(&m)
	r.memory[uid] = m
	return m
}

func (r *hostReconciler) forget(uid types.UID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.memory, uid)
}
