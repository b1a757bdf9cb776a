package controllers

import (
	"context"
	"errors"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/cluster-api/util/conditions"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// The jobs of a host.
const (
	probeHost = "probe"
	cleanHost = "clean"
)

// probesAtOnce is how many hosts are looked at at the same time: after a start
// all are due at once.
const probesAtOnce = 32

// hostNews is what a job tells of its host.
type hostNews struct {
	// claim is the machine that had the host when it was looked at.
	claim string
	facts node.Facts
	seen  time.Time // when it answered; zero where it did not
	// message is what is being done.
	message string
	// cleaned is true when nothing of the owner is left on the host.
	cleaned bool
	err     error
}

// probe looks at the host.
func (r *hostReconciler) probe(ctx context.Context, t remote.Target, claim string) hostNews {
	news := hostNews{claim: claim}
	news.err = r.facts(ctx, t, &news)
	return news
}

func (r *hostReconciler) facts(ctx context.Context, t remote.Target, news *hostNews) error {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*r.timing.answer)
	defer cancel()
	h, err := r.hosts.Connect(ctx, t)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }()
	if news.facts, err = h.Look(ctx); err != nil {
		return err
	}
	news.seen = time.Now()
	return nil
}

// clean resets the host for the owner whose machine is gone, and looks at it.
func (r *hostReconciler) clean(ctx context.Context, t remote.Target, owner string, tell func(hostNews)) hostNews {
	h, err := r.hosts.Connect(ctx, t)
	if err != nil {
		return hostNews{err: err}
	}
	defer func() { _ = h.Close() }()
	news := hostNews{seen: time.Now()}
	err = reset(ctx, h, owner, r.timing, func(message string) {
		news.message, news.seen = message, time.Now()
		tell(news)
	})
	if err != nil {
		news.err = err
		return news
	}
	news = hostNews{cleaned: true}
	news.err = answered(ctx, r.timing, func(ctx context.Context) error {
		news.facts, err = h.Look(ctx)
		return err
	})
	news.seen = time.Now()
	return news
}

// show writes what a job has told into the host's status, and sets when it is
// looked at again.
func (r *hostReconciler) show(host *infrav1.SSHHost, news hostNews, ended bool) {
	if !news.seen.IsZero() {
		set(host, infrav1.ReachableCondition, metav1.ConditionTrue, infrav1.ReachableReason, "")
		if last := host.Status.LastSeen; last == nil || news.seen.Sub(last.Time) >= r.timing.seen || !ended {
			host.Status.LastSeen = &metav1.Time{Time: news.seen}
		}
	}
	if !ended {
		if news.message != "" {
			set(host, infrav1.CleanCondition, metav1.ConditionFalse, infrav1.CleaningReason, news.message)
		}
		return
	}
	if unreachable(news) {
		set(host, infrav1.ReachableCondition, metav1.ConditionFalse, infrav1.UnreachableReason, explain(news.err))
	}
	if news.cleaned {
		delete(host.Annotations, infrav1.NeedsCleaningAnnotation)
		r.remember(host.UID, func(m *hostMemory) { m.failures = 0 })
	}
	r.schedule(host, r.interval(host))
	var failed *resetFailedError
	if errors.As(news.err, &failed) {
		set(host, infrav1.CleanCondition, metav1.ConditionFalse, infrav1.CleaningFailedReason, explain(failed))
		memory := r.remember(host.UID, func(m *hostMemory) { m.failures++ })
		r.schedule(host, r.timing.probeDirty<<min(memory.failures, maxCleaningDoublings))
	}
	if news.err == nil {
		showFacts(host, news)
	}
}

// maxCleaningDoublings bounds how seldom a reset is tried that always fails.
const maxCleaningDoublings = 5

// interval is how often the host is looked at.
func (r *hostReconciler) interval(host *infrav1.SSHHost) time.Duration {
	switch use := useOf(host); {
	case use == useClaimed:
		return r.timing.probeClaimed
	case use == useDirty, !conditions.IsTrue(host, infrav1.ReachableCondition):
		return r.timing.probeDirty
	}
	return r.timing.probe
}

// unreachable reports whether a job found that the host does not answer, or
// lets nobody in.
func unreachable(news hostNews) bool {
	var failed *resetFailedError
	return news.err != nil && !errors.As(news.err, &failed) && !errors.Is(news.err, context.Canceled)
}

func showFacts(host *infrav1.SSHHost, news hostNews) {
	f := news.facts
	host.Status.Facts = infrav1.HostFacts{
		Hostname: f.Hostname, OS: f.OSName, Kernel: f.Kernel, Arch: f.Arch, CPUs: int32(f.CPUs), Memory: f.Memory,
	}
	if news.claim != host.Spec.ConsumerRef.Name || news.claim != "" {
		return // what is on it is the machine's
	}
	if reason, message := dirt(f); reason != "" {
		set(host, infrav1.CleanCondition, metav1.ConditionFalse, reason, message)
		return
	}
	set(host, infrav1.CleanCondition, metav1.ConditionTrue, infrav1.CleanReason, "")
}

// setAvailable sets Available from everything else. Its messages follow the
// host's name.
func setAvailable(host *infrav1.SSHHost) {
	no := func(reason, message string) {
		set(host, infrav1.AvailableCondition, metav1.ConditionFalse, reason, message)
	}
	reachable, clean := conditions.Get(host, infrav1.ReachableCondition), conditions.Get(host, infrav1.CleanCondition)
	switch {
	case host.Spec.ConsumerRef.Name != "":
		if clean == nil || clean.Reason != infrav1.InUseReason {
			set(host, infrav1.CleanCondition, metav1.ConditionFalse, infrav1.InUseReason, "machine "+host.Spec.ConsumerRef.Name+" has the host")
		}
		no(infrav1.InUseReason, "has machine "+host.Spec.ConsumerRef.Name)
	case !host.DeletionTimestamp.IsZero():
		no(infrav1.BeingDeletedReason, "is being deleted")
	case reachable == nil:
		no(infrav1.NotYetProbedReason, "has not been looked at yet")
	case reachable.Status != metav1.ConditionTrue:
		no(infrav1.NotReachableReason, "does not answer: "+reachable.Message)
	case host.Annotations[infrav1.NeedsCleaningAnnotation] != "":
		no(infrav1.NotCleanReason, "waits to be reset")
	case clean == nil || clean.Reason == infrav1.InUseReason:
		no(infrav1.NotYetProbedReason, "has not been looked at since a machine had it")
	case clean.Status != metav1.ConditionTrue:
		no(infrav1.NotCleanReason, "is not clean: "+clean.Message)
	default:
		set(host, infrav1.AvailableCondition, metav1.ConditionTrue, infrav1.AvailableReason, "")
	}
}
