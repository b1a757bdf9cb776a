package controllers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util/conditions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

const clusterNameLabel = clusterv1.ClusterNameLabel

// findHost finds the host that the machine has. The cache may lag behind a
// claim, so that only the API server knows that there is none.
func (r *machineReconciler) findHost(ctx context.Context, s *machineScope) error {
	for _, reader := range []client.Reader{r.Client, r.live} {
		hosts, err := hostsOf(ctx, reader, s.machine)
		if err != nil {
			return err
		}
		for i := range hosts {
			if hosts[i].Spec.ConsumerRef.Name == s.machine.Name {
				s.host = &hosts[i]
				return nil
			}
		}
	}
	return nil
}

// hostsOf are the hosts of an object's cluster by name.
func hostsOf(ctx context.Context, c client.Reader, o client.Object) ([]infrav1.SSHHost, error) {
	list := &infrav1.SSHHostList{}
	err := c.List(ctx, list, client.InNamespace(o.GetNamespace()),
		client.MatchingLabels{clusterNameLabel: o.GetLabels()[clusterNameLabel]})
	if err != nil {
		return nil, fmt.Errorf("list the SSHHosts of %s/%s: %w", o.GetNamespace(), o.GetLabels()[clusterNameLabel], err)
	}
	slices.SortFunc(list.Items, func(a, b infrav1.SSHHost) int { return strings.Compare(a.Name, b.Name) })
	return list.Items, nil
}

// freeHosts are the hosts that the machine can claim, those first that have
// not failed it, and why it cannot claim the others.
func (r *machineReconciler) freeHosts(ctx context.Context, m *infrav1.SSHMachine) (free []infrav1.SSHHost, why []string, err error) {
	selector, err := metav1.LabelSelectorAsSelector(&m.Spec.HostSelector)
	if err != nil {
		return nil, nil, fmt.Errorf("read the hostSelector of SSHMachine %s: %w", m.Name, err)
	}
	hosts, err := hostsOf(ctx, r.live, m)
	if err != nil {
		return nil, nil, err
	}
	others := 0
	for _, host := range hosts {
		switch reason := unavailable(&host); {
		case !selector.Matches(labels.Set(host.Labels)):
			others++
		case r.unfit(m, &host) != "":
			why = append(why, host.Name+" is not fit: "+r.unfit(m, &host))
		case reason != "":
			why = append(why, host.Name+" "+reason)
		default:
			free = append(free, host)
		}
	}
	switch {
	case len(hosts) == 0:
		why = append(why, "the cluster has no SSHHost")
	case others > 0:
		why = append(why, fmt.Sprintf("%d of %d hosts are not of %s", others, len(hosts), selector))
	}
	slices.SortStableFunc(free, func(a, b infrav1.SSHHost) int {
		return rank(r.isAvoided(m, &a)) - rank(r.isAvoided(m, &b))
	})
	return free, why, nil
}

func rank(last bool) int {
	if last {
		return 1
	}
	return 0
}

// unavailable is why a host cannot be claimed, "" where it can.
func unavailable(host *infrav1.SSHHost) string {
	if host.Spec.ConsumerRef.Name != "" {
		return "has machine " + host.Spec.ConsumerRef.Name
	}
	if !host.DeletionTimestamp.IsZero() {
		return "is being deleted"
	}
	if host.Annotations[infrav1.NeedsCleaningAnnotation] != "" {
		return "waits to be reset"
	}
	switch available := conditions.Get(host, infrav1.AvailableCondition); {
	case available == nil:
		return "has not been looked at yet"
	case available.Status != metav1.ConditionTrue:
		return oneLine(available.Message)
	}
	return ""
}

func oneLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// claim takes a free host; false where there is none.
func (r *machineReconciler) claim(ctx context.Context, s *machineScope) (bool, error) {
	m := s.machine
	free, why, err := r.freeHosts(ctx, m)
	if err != nil {
		return false, err
	}
	for i := range free {
		host := &free[i]
		got, err := r.claimHost(ctx, m, host)
		if err != nil {
			return false, err
		}
		if !got {
			why = append(why, host.Name+" has just been taken by another machine")
			continue
		}
		s.host = host
		m.Status.HostRef = infrav1.HostReference{}
		claimed(m, host)
		r.well(m)
		return true, nil
	}
	message := "no host is free: " + strings.Join(why, "; ")
	waiting(m, infrav1.HostClaimedCondition, infrav1.NoHostAvailableReason, message)
	noteFailure(m, infrav1.NoHostAvailableReason, message)
	m.Status.HostRef, m.Status.Phase = infrav1.HostReference{}, infrav1.MachinePending
	return false, nil
}

// claimed shows that the machine has the host. The process that claimed it may
// have ended before it could.
func claimed(m *infrav1.SSHMachine, host *infrav1.SSHHost) {
	set(m, infrav1.HostClaimedCondition, metav1.ConditionTrue, infrav1.HostClaimedReason, "")
	if m.Status.HostRef.Name == host.Name {
		return
	}
	waiting(m, infrav1.NodeFilesInstalledCondition, infrav1.WaitingReason, "")
	m.Status.HostRef = infrav1.HostReference{Name: host.Name}
	m.Status.Phase, m.Status.Copied = infrav1.MachineClaiming, infrav1.Copied{}
	m.Status.BootstrapFailures, m.Status.FailedAttempt = 0, 0
}

// claimHost writes the claim, unless somebody else has changed the host since
// it was read; where that was no claim, it tries once more.
func (r *machineReconciler) claimHost(ctx context.Context, m *infrav1.SSHMachine, host *infrav1.SSHHost) (bool, error) {
	for range 3 {
		before := host.DeepCopy()
		host.Spec.ConsumerRef = infrav1.ConsumerReference{Name: m.Name, UID: string(m.UID)}
		err := r.Patch(ctx, host, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
		if err == nil {
			return true, nil
		}
		if !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
			return false, fmt.Errorf("claim SSHHost %s: %w", host.Name, err)
		}
		*host = infrav1.SSHHost{}
		if err := r.live.Get(ctx, client.ObjectKeyFromObject(before), host); err != nil {
			return false, client.IgnoreNotFound(err)
		}
		if unavailable(host) != "" {
			return false, nil
		}
	}
	return false, nil
}
