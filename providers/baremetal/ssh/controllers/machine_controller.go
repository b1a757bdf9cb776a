package controllers

import (
	"context"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util"
	"sigs.k8s.io/cluster-api/util/conditions"
	"sigs.k8s.io/cluster-api/util/finalizers"
	"sigs.k8s.io/cluster-api/util/patch"
	"sigs.k8s.io/cluster-api/util/paused"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// machineReconciler makes nodes of hosts and gives the hosts back.
type machineReconciler struct {
	client.Client
	// live reads past the cache.
	live    client.Reader
	hosts   Hosts
	bundles *bundles
	jobs    *runner[machineNews]
	timing  timing
	// signed says whether a machine can join with its token.
	signed func(context.Context, discovery) bool
	// began is when this process did: what failed for good before is tried
	// again, for whoever starts the process anew has mended something.
	began time.Time

	mu       sync.Mutex
	attempts map[types.UID]*attempt
	avoided  map[avoided]avoidance
}

// attempt is what is remembered of what failed for a machine. It is lost with
// the process.
type attempt struct {
	// failures counts those in a row, since is when the first was, result
	// what the last was.
	failures int
	since    time.Time
	result   result
	// next is when to try again.
	next time.Time
}

// machineScope is one reconcile.
type machineScope struct {
	machine *infrav1.SSHMachine
	owner   *clusterv1.Machine // nil where there is none
	cluster *clusterv1.Cluster // nil where there is none
	host    *infrav1.SSHHost   // the one that the machine has; nil for none
}

// ownedMachineConditions are written by nobody else.
var ownedMachineConditions = []string{
	infrav1.HostClaimedCondition, infrav1.NodeFilesInstalledCondition, infrav1.BootstrappedCondition,
	infrav1.MachineReadyCondition, infrav1.DeletingCondition, clusterv1.PausedCondition,
}

// Reconcile implements reconcile.Reconciler.
func (r *machineReconciler) Reconcile(ctx context.Context, request ctrl.Request) (_ ctrl.Result, err error) {
	s := &machineScope{machine: &infrav1.SSHMachine{}}
	m := s.machine
	// Past the cache: what this reconciler wrote last decides what it does next.
	if err := r.live.Get(ctx, request.NamespacedName, m); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if added, err := finalizers.EnsureFinalizer(ctx, r.Client, m, infrav1.MachineFinalizer); added || err != nil {
		return ctrl.Result{}, err
	}
	if s.owner, err = util.GetOwnerMachine(ctx, r.Client, m.ObjectMeta); client.IgnoreNotFound(err) != nil {
		return ctrl.Result{}, fmt.Errorf("read the Machine of SSHMachine %s: %w", request, err)
	}
	if s.cluster, err = clusterOf(ctx, r.Client, m); err != nil {
		return ctrl.Result{}, err
	}
	if is, requeue, err := paused.EnsurePausedCondition(ctx, r.Client, s.cluster, m); err != nil || is || requeue {
		return ctrl.Result{}, err
	}
	helper, err := patch.NewHelper(m, r.Client)
	if err != nil {
		return ctrl.Result{}, err
	}
	defer func() {
		summarize(m)
		if patchErr := helper.Patch(ctx, m, patch.WithOwnedConditions{Conditions: ownedMachineConditions}); err == nil {
			// The last patch of a deletion finds nothing any more.
			err = client.IgnoreNotFound(patchErr)
		}
	}()
	if !m.DeletionTimestamp.IsZero() {
		return r.delete(ctx, s)
	}
	if s.owner == nil || s.cluster == nil {
		// Cluster API sets the owner right after it has made the SSHMachine.
		waiting(m, infrav1.HostClaimedCondition, infrav1.WaitingReason, "waiting for the Machine and Cluster that it belongs to")
		return ctrl.Result{}, nil
	}
	return r.provision(ctx, s)
}

// provision brings the machine a step further.
func (r *machineReconciler) provision(ctx context.Context, s *machineScope) (ctrl.Result, error) {
	m := s.machine
	if !ptr.Deref(s.cluster.Status.Initialization.InfrastructureProvisioned, false) && m.Spec.ProviderID == "" {
		waiting(m, infrav1.HostClaimedCondition, infrav1.WaitingForClusterInfrastructureReason, "waiting until the cluster's infrastructure is there")
		m.Status.Phase = infrav1.MachinePending
		return ctrl.Result{}, nil
	}
	if err := r.findHost(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	if s.host != nil && m.Spec.ProviderID != "" {
		// Also after a clusterctl move, which restores no status.
		r.provisioned(s)
		return ctrl.Result{}, nil
	}
	if s.host != nil {
		claimed(m, s.host)
	}
	name, news, ended := r.jobs.take(m.UID)
	switch {
	case name != "" && s.host == nil:
		// Somebody took the claim away.
		if !ended {
			r.jobs.stop(m.UID)
			return ctrl.Result{}, nil
		}
	case name != "" && !ended:
		progressed(m, name, news)
		if news.owned {
			r.answers(m)
		}
		return ctrl.Result{}, nil
	case name != "":
		if done, err := r.finished(ctx, s, name, news); done || err != nil {
			return ctrl.Result{}, err
		}
	}
	if s.host == nil {
		if claimed, err := r.claim(ctx, s); err != nil || !claimed {
			return ctrl.Result{RequeueAfter: r.timing.wait}, err
		}
	}
	return r.next(ctx, s)
}

// next starts the job that the conditions ask for.
func (r *machineReconciler) next(ctx context.Context, s *machineScope) (ctrl.Result, error) {
	m := s.machine
	if bootstrapFailed(m) {
		if at := m.Status.LastBootstrapFailure; at != nil && !at.Time.Before(r.began) {
			return ctrl.Result{}, nil
		}
		m.Status.BootstrapFailures = 0
		set(m, infrav1.BootstrappedCondition, metav1.ConditionFalse, infrav1.BootstrapRetryingReason,
			"it is tried again since the controllers have been started again")
	}
	if delay := r.delay(m.UID); delay > 0 {
		return ctrl.Result{RequeueAfter: delay}, nil
	}
	name := wanted(m)
	if name == bootstrapMachine && s.owner.Spec.Bootstrap.DataSecretName == nil {
		waiting(m, infrav1.BootstrappedCondition, infrav1.WaitingForBootstrapDataReason, "waiting for the bootstrap data")
		return ctrl.Result{}, nil
	}
	work, err := r.work(ctx, s, name == bootstrapMachine)
	if err != nil {
		return r.notStarted(s, name, err)
	}
	r.jobs.start(m, name, func(ctx context.Context, tell func(machineNews)) machineNews {
		if name == installMachine {
			return r.install(ctx, work, tell)
		}
		return r.bootstrap(ctx, work, tell)
	})
	return ctrl.Result{}, nil
}

// wanted is the job that the machine needs.
func wanted(m *infrav1.SSHMachine) string {
	if conditions.IsTrue(m, infrav1.NodeFilesInstalledCondition) {
		return bootstrapMachine
	}
	return installMachine
}

// delay is how long nothing more is tried for the machine.
func (r *machineReconciler) delay(uid types.UID) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.attempts[uid]; a != nil {
		return time.Until(a.next)
	}
	return 0
}

// again notes a failure and says how many there were in a row, and for how
// long; after is how long to wait before the next attempt, 0 for the usual
// time.
func (r *machineReconciler) again(m *infrav1.SSHMachine, news machineNews, after time.Duration) (failures int, lasting time.Duration) {
	noteFailure(m, news.reason, news.message)
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.attempts[m.UID]
	if a == nil {
		a = &attempt{since: time.Now()}
		r.attempts[m.UID] = a
	}
	a.failures++
	a.result = news.result
	if after == 0 {
		after = r.timing.retry(a.failures)
	}
	a.next = time.Now().Add(after)
	return a.failures, time.Since(a.since)
}

// well forgets the failures.
func (r *machineReconciler) well(m *infrav1.SSHMachine) {
	m.Status.Failure = infrav1.MachineFailure{}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.attempts, m.UID)
}

// answers forgets that the host did not answer.
func (r *machineReconciler) answers(m *infrav1.SSHMachine) {
	r.mu.Lock()
	a := r.attempts[m.UID]
	r.mu.Unlock()
	if m.Status.Failure.Reason == infrav1.HostUnreachableReason || a != nil && a.result == resultLost {
		r.well(m)
	}
}

// noteFailure shows what keeps the machine from coming up.
func noteFailure(m *infrav1.SSHMachine, reason, message string) {
	f := &m.Status.Failure
	if f.Reason != reason {
		f.Since = metav1.Now()
	}
	f.Reason, f.Message = reason, bounded(message)
}

// clusterOf is the Cluster that an object's label names; nil where there is
// none.
func clusterOf(ctx context.Context, c client.Client, o client.Object) (*clusterv1.Cluster, error) {
	name := o.GetLabels()[clusterv1.ClusterNameLabel]
	if name == "" {
		return nil, nil
	}
	cluster := &clusterv1.Cluster{}
	if err := c.Get(ctx, client.ObjectKey{Namespace: o.GetNamespace(), Name: name}, cluster); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return nil, nil
		}
		return nil, fmt.Errorf("read Cluster %s/%s: %w", o.GetNamespace(), name, err)
	}
	return cluster, nil
}
