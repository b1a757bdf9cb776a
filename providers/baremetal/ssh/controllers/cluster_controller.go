package controllers

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util"
	"sigs.k8s.io/cluster-api/util/conditions"
	"sigs.k8s.io/cluster-api/util/finalizers"
	"sigs.k8s.io/cluster-api/util/patch"
	"sigs.k8s.io/cluster-api/util/paused"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// clusterReconciler says when machines can be made, and keeps the hosts for
// as long as machines have them.
type clusterReconciler struct {
	client.Client
	live client.Reader
}

// Reconcile implements reconcile.Reconciler.
func (r *clusterReconciler) Reconcile(ctx context.Context, request ctrl.Request) (_ ctrl.Result, err error) {
	c := &infrav1.SSHCluster{}
	if err := r.Get(ctx, request.NamespacedName, c); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if added, err := finalizers.EnsureFinalizer(ctx, r.Client, c, infrav1.ClusterFinalizer); added || err != nil {
		return ctrl.Result{}, err
	}
	cluster, err := util.GetOwnerCluster(ctx, r.Client, c.ObjectMeta)
	if client.IgnoreNotFound(err) != nil {
		return ctrl.Result{}, fmt.Errorf("read the Cluster of SSHCluster %s: %w", request, err)
	}
	if is, requeue, err := paused.EnsurePausedCondition(ctx, r.Client, cluster, c); err != nil || is || requeue {
		return ctrl.Result{}, err
	}
	helper, err := patch.NewHelper(c, r.Client)
	if err != nil {
		return ctrl.Result{}, err
	}
	defer func() {
		owned := patch.WithOwnedConditions{Conditions: []string{clusterv1.ReadyCondition, clusterv1.PausedCondition}}
		if patchErr := helper.Patch(ctx, c, owned); err == nil {
			err = client.IgnoreNotFound(patchErr)
		}
	}()
	if !c.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, r.delete(ctx, c)
	}
	if !c.Spec.ControlPlaneEndpoint.IsValid() {
		set(c, clusterv1.ReadyCondition, metav1.ConditionFalse, clusterv1.NotReadyReason, "spec.controlPlaneEndpoint has no host or no port")
		return ctrl.Result{}, nil
	}
	set(c, clusterv1.ReadyCondition, metav1.ConditionTrue, clusterv1.ReadyReason, "")
	c.Status.Initialization.Provisioned = ptr.To(true)
	return ctrl.Result{}, nil
}

// delete waits until no machine is left, and no host is being reset that can
// be.
func (r *clusterReconciler) delete(ctx context.Context, c *infrav1.SSHCluster) error {
	wait := func(message string) error {
		set(c, clusterv1.ReadyCondition, metav1.ConditionFalse, clusterv1.DeletingReason, message)
		return nil
	}
	machines := &infrav1.SSHMachineList{}
	err := r.live.List(ctx, machines, client.InNamespace(c.Namespace),
		client.MatchingLabels{clusterNameLabel: c.Labels[clusterNameLabel]})
	if err != nil {
		return fmt.Errorf("list the SSHMachines of SSHCluster %s: %w", c.Name, err)
	}
	if len(machines.Items) > 0 {
		var names []string
		for _, m := range machines.Items {
			names = append(names, m.Name)
		}
		return wait("waiting until the SSHMachines are gone: " + strings.Join(names, ", "))
	}
	hosts, err := hostsOf(ctx, r.live, c)
	if err != nil {
		return err
	}
	var resetting []string
	for i := range hosts {
		if beingReset(&hosts[i]) {
			resetting = append(resetting, hosts[i].Name)
		}
	}
	if len(resetting) > 0 {
		return wait("waiting until the hosts are reset: " + strings.Join(resetting, ", "))
	}
	controllerutil.RemoveFinalizer(c, infrav1.ClusterFinalizer)
	return nil
}

// beingReset reports whether the host waits to be reset and answers. One that
// does not, or cannot be reset, holds nothing up.
func beingReset(host *infrav1.SSHHost) bool {
	return host.Annotations[infrav1.NeedsCleaningAnnotation] != "" &&
		conditions.IsTrue(host, infrav1.ReachableCondition) &&
		conditions.GetReason(host, infrav1.CleanCondition) != infrav1.CleaningFailedReason
}
