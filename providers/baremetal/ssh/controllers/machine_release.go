package controllers

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// How a host is released.
type releaseKind int

const (
	// releaseClean: nothing of the machine is on it.
	releaseClean releaseKind = iota
	// releaseRefused: the host is not to be had.
	releaseRefused
	// releaseDirty: there may be something of the machine on it.
	releaseDirty
)

// release gives the machine's host back.
func (r *machineReconciler) release(ctx context.Context, s *machineScope, kind releaseKind, news machineNews) error {
	key := client.ObjectKeyFromObject(s.host)
	// The SSHHost's controller may write at the same moment.
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		host := &infrav1.SSHHost{}
		if err := r.live.Get(ctx, key, host); err != nil {
			return client.IgnoreNotFound(err)
		}
		if host.Spec.ConsumerRef.Name != s.machine.Name {
			return nil
		}
		return r.releaseHost(ctx, host, kind, news)
	})
	if err != nil {
		return fmt.Errorf("release SSHHost %s: %w", key.Name, err)
	}
	s.host = nil
	s.machine.Status.HostRef = infrav1.HostReference{}
	return nil
}

// releaseHost writes the status first: what it says is from before the claim,
// and the host is not to be claimed again before it has been looked at.
func (r *machineReconciler) releaseHost(ctx context.Context, host *infrav1.SSHHost, kind releaseKind, news machineNews) error {
	before := host.DeepCopy()
	switch {
	case kind == releaseRefused && news.reason != infrav1.HostUnfitReason:
		set(host, infrav1.CleanCondition, metav1.ConditionFalse, news.reason, news.message)
	case kind == releaseDirty && news.result == resultLost:
		set(host, infrav1.ReachableCondition, metav1.ConditionFalse, infrav1.UnreachableReason, news.message)
	}
	set(host, infrav1.AvailableCondition, metav1.ConditionFalse, infrav1.NotYetProbedReason,
		"has not been looked at since machine "+host.Spec.ConsumerRef.Name+" had it")
	if err := r.Status().Patch(ctx, host, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return client.IgnoreNotFound(err)
	}
	before = host.DeepCopy()
	if kind == releaseDirty {
		if host.Annotations == nil {
			host.Annotations = map[string]string{}
		}
		host.Annotations[infrav1.NeedsCleaningAnnotation] = host.Spec.ConsumerRef.UID
	}
	host.Spec.ConsumerRef = infrav1.ConsumerReference{}
	return client.IgnoreNotFound(r.Patch(ctx, host, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})))
}
