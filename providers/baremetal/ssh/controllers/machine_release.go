package controllers

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/cluster-api/util/patch"
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

// release gives the machine's host back. What its conditions say is from
// before the claim: it is not claimed again before it has been looked at.
func (r *machineReconciler) release(ctx context.Context, s *machineScope, kind releaseKind, news machineNews) error {
	host := &infrav1.SSHHost{}
	err := r.live.Get(ctx, client.ObjectKeyFromObject(s.host), host)
	if err != nil {
		return client.IgnoreNotFound(err)
	}
	s.host = nil
	if host.Spec.ConsumerRef.Name != s.machine.Name {
		return nil
	}
	before := host.DeepCopy()
	if kind == releaseDirty {
		if host.Annotations == nil {
			host.Annotations = map[string]string{}
		}
		host.Annotations[infrav1.NeedsCleaningAnnotation] = host.Spec.ConsumerRef.UID
	}
	host.Spec.ConsumerRef = infrav1.ConsumerReference{}
	if err := r.Patch(ctx, host, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("release SSHHost %s: %w", host.Name, err)
	}
	s.machine.Status.HostRef = infrav1.HostReference{}
	// The status comes second: written first, it would make the host another
	// than the one that the claim was read from.
	helper, err := patch.NewHelper(host, r.Client)
	if err != nil {
		return err
	}
	switch {
	case kind == releaseRefused && news.reason != infrav1.HostUnfitReason:
		set(host, infrav1.CleanCondition, metav1.ConditionFalse, news.reason, news.message)
	case kind == releaseDirty && news.result == resultLost:
		set(host, infrav1.ReachableCondition, metav1.ConditionFalse, infrav1.UnreachableReason, news.message)
	}
	set(host, infrav1.AvailableCondition, metav1.ConditionFalse, infrav1.NotYetProbedReason,
		"has not been looked at since machine "+s.machine.Name+" had it")
	return client.IgnoreNotFound(helper.Patch(ctx, host))
}
