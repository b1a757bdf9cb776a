package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// delete resets the machine's host and releases it, whatever was being done.
func (r *machineReconciler) delete(ctx context.Context, s *machineScope) (ctrl.Result, error) {
	m := s.machine
	m.Status.Phase = infrav1.MachineDeleting
	name, _, _ := r.jobs.state(m.UID)
	if name != "" && name != deleteMachine {
		if !r.jobs.stop(m.UID) {
			deleting(m, infrav1.WaitingReason, "stopping what was being done")
			return ctrl.Result{}, nil
		}
		r.well(m)
	}
	if err := r.findHost(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	if s.host == nil {
		return r.gone(s)
	}
	name, news, ended := r.jobs.take(m.UID)
	switch {
	case name != "" && !ended:
		deleting(m, news.reason, news.message)
		return ctrl.Result{}, nil
	case name != "" && news.result == resultDone:
		if err := r.release(ctx, s, releaseClean, news); err != nil {
			return ctrl.Result{}, err
		}
		return r.gone(s)
	case name != "" && news.result != resultStopped:
		if over, err := r.notReset(ctx, s, news); over || err != nil {
			return ctrl.Result{}, err
		}
	}
	if delay := r.delay(m.UID); delay > 0 {
		return ctrl.Result{RequeueAfter: delay}, nil
	}
	work, err := r.work(ctx, s, false)
	if errors.Is(err, errNoCredentials) {
		over, err := r.notReset(ctx, s, machineNews{result: resultLost, reason: infrav1.HostUnreachableReason, message: err.Error()})
		if over || err != nil {
			return ctrl.Result{}, err
		}
		return ctrl.Result{RequeueAfter: r.delay(m.UID)}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	r.jobs.start(m, deleteMachine, func(ctx context.Context, tell func(machineNews)) machineNews {
		return r.takeOff(ctx, work, tell)
	})
	return ctrl.Result{}, nil
}

// maxResetJobs is how many jobs in a row may fail to reset a host that answers
// until the machine goes without.
const maxResetJobs = 2

// notReset decides what becomes of a machine whose host could not be reset.
// over is true when the machine goes all the same.
func (r *machineReconciler) notReset(ctx context.Context, s *machineScope, news machineNews) (over bool, err error) {
	m := s.machine
	failures, lasting := r.again(m, news, 0)
	if news.result != resultLost && failures < maxResetJobs {
		deleting(m, news.reason, news.message)
		return false, nil
	}
	if news.result == resultLost {
		since := max(lasting, 0)
		if failures > 1 && m.DeletionTimestamp.Before(&metav1.Time{Time: r.began}) {
			// The process before this one has waited too.
			since = time.Since(m.DeletionTimestamp.Time)
		}
		if left := r.timing.deletionGrace - since; left > 0 {
			deleting(m, news.reason, fmt.Sprintf("%s; in %s the machine goes without its host, which is reset when it answers again",
				news.message, left.Round(time.Second)))
			return false, nil
		}
	}
	if err := r.release(ctx, s, releaseDirty, news); err != nil {
		return false, err
	}
	_, err = r.gone(s)
	return true, err
}

func (r *machineReconciler) gone(s *machineScope) (ctrl.Result, error) {
	r.well(s.machine)
	deleting(s.machine, infrav1.ReleasedReason, "")
	controllerutil.RemoveFinalizer(s.machine, infrav1.MachineFinalizer)
	return ctrl.Result{}, nil
}

func deleting(m *infrav1.SSHMachine, reason, message string) {
	if reason == "" {
		reason = infrav1.ConnectingReason
	}
	set(m, infrav1.DeletingCondition, metav1.ConditionTrue, reason, message)
}
