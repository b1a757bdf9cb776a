package controllers

import (
	"net/netip"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util/conditions"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// steps are a machine's conditions in the order in which they become true.
var steps = []string{infrav1.HostClaimedCondition, infrav1.NodeFilesInstalledCondition, infrav1.BootstrappedCondition}

func set(o conditions.Setter, condition string, status metav1.ConditionStatus, reason, message string) {
	conditions.Set(o, metav1.Condition{Type: condition, Status: status, Reason: reason, Message: bounded(message)})
}

// waiting makes a condition false, and those after it wait for it.
func waiting(m *infrav1.SSHMachine, condition, reason, message string) {
	set(m, condition, metav1.ConditionFalse, reason, message)
	after := false
	for _, step := range steps {
		if after {
			set(m, step, metav1.ConditionFalse, infrav1.WaitingReason, "")
		}
		after = after || step == condition
	}
}

// summarize sets Ready from the others.
func summarize(m *infrav1.SSHMachine) {
	if !m.DeletionTimestamp.IsZero() {
		set(m, infrav1.MachineReadyCondition, metav1.ConditionFalse, clusterv1.DeletingReason,
			conditions.GetMessage(m, infrav1.DeletingCondition))
		return
	}
	for _, step := range steps {
		if c := conditions.Get(m, step); c == nil || c.Status != metav1.ConditionTrue {
			reason, message := infrav1.WaitingReason, ""
			if c != nil {
				reason, message = c.Reason, c.Message
			}
			set(m, infrav1.MachineReadyCondition, metav1.ConditionFalse, reason, message)
			return
		}
	}
	set(m, infrav1.MachineReadyCondition, metav1.ConditionTrue, clusterv1.ReadyReason, "")
}

// conditionOf is the condition that a job works on.
func conditionOf(job string) string {
	if job == installMachine {
		return infrav1.NodeFilesInstalledCondition
	}
	return infrav1.BootstrappedCondition
}

// progressed shows what a job tells.
func progressed(m *infrav1.SSHMachine, job string, news machineNews) {
	if news.reason == "" {
		return
	}
	switch job {
	case installMachine:
		waiting(m, infrav1.NodeFilesInstalledCondition, news.reason, news.message)
		if news.owned {
			m.Status.Phase = infrav1.MachineInstalling
		}
		if news.copied != (infrav1.Copied{}) {
			m.Status.Copied = news.copied
		}
	case bootstrapMachine:
		set(m, infrav1.BootstrappedCondition, metav1.ConditionFalse, news.reason, news.message)
		m.Status.Phase = infrav1.MachineBootstrapping
	}
}

// bootstrapFailed reports whether the bootstrap data has failed for good.
func bootstrapFailed(m *infrav1.SSHMachine) bool {
	return conditions.GetReason(m, infrav1.BootstrappedCondition) == infrav1.BootstrapFailedReason
}

// provisioned says that the machine is a node.
func (r *machineReconciler) provisioned(s *machineScope) {
	m := s.machine
	set(m, infrav1.HostClaimedCondition, metav1.ConditionTrue, infrav1.HostClaimedReason, "")
	set(m, infrav1.NodeFilesInstalledCondition, metav1.ConditionTrue, infrav1.InstalledReason, "")
	set(m, infrav1.BootstrappedCondition, metav1.ConditionTrue, infrav1.BootstrappedReason, "")
	m.Status.Phase = infrav1.MachineProvisioned
	m.Status.Initialization.Provisioned = ptr.To(true)
	m.Status.BootstrapFailures, m.Status.FailedAttempt = 0, 0
	m.Status.HostRef = infrav1.HostReference{Name: s.host.Name}
	m.Status.Addresses = addresses(s.host)
}

func addresses(host *infrav1.SSHHost) []clusterv1.MachineAddress {
	kind := clusterv1.MachineInternalDNS
	if _, err := netip.ParseAddr(host.Spec.Address); err == nil {
		kind = clusterv1.MachineInternalIP
	}
	return []clusterv1.MachineAddress{
		{Type: clusterv1.MachineHostName, Address: host.Spec.Hostname},
		{Type: kind, Address: host.Spec.Address},
	}
}
