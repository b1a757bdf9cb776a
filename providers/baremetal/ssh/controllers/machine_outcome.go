package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/cluster-api/util"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
)

// finished shows how a job ended and draws the consequences; done is true
// when there is nothing more to do now.
func (r *machineReconciler) finished(ctx context.Context, s *machineScope, job string, news machineNews) (done bool, err error) {
	m := s.machine
	progressed(m, job, news)
	switch news.result {
	case resultDone:
		r.well(m)
		return r.succeeded(s, job), nil
	case resultForgotten:
		waiting(m, infrav1.NodeFilesInstalledCondition, infrav1.WaitingReason, news.message)
		return false, nil
	case resultRefused:
		r.avoid(m, s.host, news)
		return false, r.release(ctx, s, releaseRefused, news)
	case resultLost, resultFailed, resultNoFiles:
		if job == bootstrapMachine && news.result == resultFailed && (news.certain || news.reason == infrav1.BootstrapFailedReason) {
			r.bootstrapFailed(s, news)
			return false, nil
		}
		_, lasting := r.again(m, news, 0)
		waiting(m, conditionOf(job), news.reason, news.message)
		return r.perhapsAnother(ctx, s, job, news, lasting)
	}
	return false, nil
}

func (r *machineReconciler) succeeded(s *machineScope, job string) (done bool) {
	m := s.machine
	switch job {
	case installMachine:
		// The bootstrap data is not started before this has been stored: from
		// then on the machine keeps its host.
		set(m, infrav1.NodeFilesInstalledCondition, metav1.ConditionTrue, infrav1.InstalledReason, "")
		set(m, infrav1.BootstrappedCondition, metav1.ConditionFalse, infrav1.WaitingReason, "")
		m.Status.FailedAttempt = 0 // the host may count anew
		return true
	case bootstrapMachine:
		m.Spec.ProviderID = infrav1.ProviderIDPrefix + string(s.host.UID)
		r.provisioned(s)
		return true
	}
	return false
}

// bootstrapFailed counts the failure; the data is run again, after the host
// has taken away what was left, unless that has been tried often enough.
func (r *machineReconciler) bootstrapFailed(s *machineScope, news machineNews) {
	m := s.machine
	m.Status.BootstrapFailures++
	m.Status.FailedAttempt, m.Status.LastBootstrapFailure = news.attempt, ptr.To(metav1.Now())
	failures, most := int(m.Status.BootstrapFailures), maxJoinFailures
	if util.IsControlPlaneMachine(s.owner) && !ptr.Deref(s.cluster.Status.Initialization.ControlPlaneInitialized, false) {
		most = maxInitFailures
	}
	if failures >= most || news.certain {
		set(m, infrav1.BootstrappedCondition, metav1.ConditionFalse, infrav1.BootstrapFailedReason, news.message)
		m.Status.Phase = infrav1.MachineFailed
		noteFailure(m, infrav1.BootstrapFailedReason, news.message)
		return
	}
	after := r.timing.bootstrapRetry << (failures - 1)
	r.again(m, machineNews{result: resultFailed, reason: infrav1.BootstrapRetryingReason, message: news.message}, after)
	set(m, infrav1.BootstrappedCondition, metav1.ConditionFalse, infrav1.BootstrapRetryingReason,
		fmt.Sprintf("attempt %d of %d failed, the next follows in %s: %s", failures, most, after, news.message))
}

// perhapsAnother gives a host up that has failed the machine for long, for
// another one that is free. done is false when one was claimed.
func (r *machineReconciler) perhapsAnother(ctx context.Context, s *machineScope, job string, news machineNews, lasting time.Duration) (done bool, err error) {
	m := s.machine
	patience := r.timing.switchLater
	switch {
	case news.certain:
		patience = 0
	case m.Status.Phase == infrav1.MachineClaiming:
		patience = r.timing.switchFirst
	}
	if job != installMachine || news.result == resultNoFiles || lasting < patience {
		return false, nil
	}
	free, _, err := r.freeHosts(ctx, m)
	if err != nil || len(free) == 0 || r.isAvoided(m, &free[0]) {
		return false, err
	}
	r.avoid(m, s.host, news)
	return false, r.release(ctx, s, releaseDirty, news)
}

// notStarted shows why a job could not be started.
func (r *machineReconciler) notStarted(s *machineScope, job string, err error) (ctrl.Result, error) {
	if !errors.Is(err, errNoCredentials) && !errors.Is(err, errNoBootstrapData) {
		return ctrl.Result{}, err
	}
	news := machineNews{result: resultFailed, reason: infrav1.CredentialsMissingReason, message: err.Error()}
	if errors.Is(err, errNoBootstrapData) {
		news.reason = infrav1.BootstrapDataUnusableReason
	}
	r.again(s.machine, news, 0)
	waiting(s.machine, conditionOf(job), news.reason, news.message)
	return ctrl.Result{RequeueAfter: r.delay(s.machine.UID)}, nil
}

// errNoBootstrapData: the Secret with it cannot be used.
var errNoBootstrapData = errors.New("the bootstrap data cannot be used")

// work is what a job of the machine needs to know.
func (r *machineReconciler) work(ctx context.Context, s *machineScope, withData bool) (machineWork, error) {
	m, host := s.machine, s.host
	t, err := target(ctx, r.live, host)
	if err != nil {
		return machineWork{}, err
	}
	w := machineWork{
		target: t, files: m.Spec.NodeFiles, failedAttempt: m.Status.FailedAttempt, requirements: m.Spec.Requirements,
		node: node.Work{
			Owner:    node.Owner{Cluster: m.Labels[clusterNameLabel], Machine: m.Name, UID: host.Spec.ConsumerRef.UID},
			Hostname: host.Spec.Hostname, InstanceID: string(host.UID), Address: host.Spec.Address,
			ControlPlane: s.owner != nil && util.IsControlPlaneMachine(s.owner),
			SandboxImage: m.Spec.SandboxImage,
		},
	}
	if withData {
		w.node.BootstrapData, err = r.bootstrapData(ctx, client.ObjectKey{Namespace: m.Namespace, Name: *s.owner.Spec.Bootstrap.DataSecretName})
	}
	return w, err
}

// The keys of a Secret with bootstrap data, by Cluster API's contract.
const (
	bootstrapDataKey   = "value"
	bootstrapFormatKey = "format"
	cloudConfigFormat  = "cloud-config"
)

func (r *machineReconciler) bootstrapData(ctx context.Context, key client.ObjectKey) ([]byte, error) {
	data := &corev1.Secret{}
	if err := r.live.Get(ctx, key, data); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return nil, fmt.Errorf("%w: Secret %s does not exist", errNoBootstrapData, key)
		}
		return nil, fmt.Errorf("read Secret %s: %w", key, err)
	}
	if format := string(data.Data[bootstrapFormatKey]); format != "" && format != cloudConfigFormat {
		return nil, fmt.Errorf("%w: Secret %s is of format %s, hosts take %s", errNoBootstrapData, key, format, cloudConfigFormat)
	}
	if len(data.Data[bootstrapDataKey]) == 0 {
		return nil, fmt.Errorf("%w: Secret %s has no %s", errNoBootstrapData, key, bootstrapDataKey)
	}
	return data.Data[bootstrapDataKey], nil
}
