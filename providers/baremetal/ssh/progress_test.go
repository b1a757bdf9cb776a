package ssh

import (
	"errors"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

func testClient(t *testing.T, objects ...client.Object) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(clusterv1.AddToScheme(scheme), infrav1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
}

func TestProgress(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ago := func(d time.Duration) metav1.Time { return metav1.NewTime(now.Add(-d)) }
	at := func(d time.Duration) *metav1.Time { at := ago(d); return &at }
	condition := func(kind, status, reason, message string) metav1.Condition {
		return metav1.Condition{Type: kind, Status: metav1.ConditionStatus(status), Reason: reason, Message: message}
	}
	claimed := infrav1.HostReference{Name: "full-cp-1"}
	for name, test := range map[string]struct {
		status infrav1.SSHMachineStatus
		stage  event.Stage
		word   string
		failed string // part of the error; "" for none
	}{
		"nothing": {stage: event.StagePending},
		"no host": {
			status: infrav1.SSHMachineStatus{
				Conditions: []metav1.Condition{condition("Ready", "False", infrav1.NoHostAvailableReason, "no host is free: host-1 has machine b")},
				Failure:    infrav1.MachineFailure{Reason: infrav1.NoHostAvailableReason, Message: "m", Since: ago(time.Minute)},
			},
			stage: event.StagePending, word: "NoHostAvailable: no host is free: host-1 has machine b",
		},
		"no host for long": {
			status: infrav1.SSHMachineStatus{
				Failure: infrav1.MachineFailure{Reason: infrav1.NoHostAvailableReason, Message: "no host is free", Since: ago(6 * time.Minute)},
			},
			stage: event.StagePending, failed: "no host is free",
		},
		"copying": {
			status: infrav1.SSHMachineStatus{
				HostRef:    claimed,
				Conditions: []metav1.Condition{condition("Ready", "False", infrav1.InstallingReason, "copying (1 of 2 MiB)")},
			},
			stage: event.StageCopying, word: "Installing: copying (1 of 2 MiB)",
		},
		"installed": {
			status: infrav1.SSHMachineStatus{
				HostRef:    claimed,
				Conditions: []metav1.Condition{condition(infrav1.NodeFilesInstalledCondition, "True", infrav1.InstalledReason, "")},
			},
			stage: event.StageInstalled,
		},
		"joining": {
			status: infrav1.SSHMachineStatus{
				HostRef: claimed,
				Conditions: []metav1.Condition{
					condition(infrav1.NodeFilesInstalledCondition, "True", infrav1.InstalledReason, ""),
					condition(infrav1.BootstrappedCondition, "False", infrav1.BootstrappingReason, "kubeadm join"),
				},
			},
			stage: event.StageJoining,
		},
		"failed for good": {
			status: infrav1.SSHMachineStatus{
				HostRef: claimed, LastBootstrapFailure: at(time.Minute),
				Conditions: []metav1.Condition{condition("Ready", "False", infrav1.BootstrapFailedReason, "it failed\n[preflight] why")},
				Failure:    infrav1.MachineFailure{Reason: infrav1.BootstrapFailedReason, Message: "it failed\n[preflight] why", Since: ago(time.Minute)},
			},
			stage: event.StageCopying, word: "BootstrapFailed: it failed", failed: "[preflight] why",
		},
		"failed in an earlier run": {
			status: infrav1.SSHMachineStatus{
				HostRef: claimed, LastBootstrapFailure: at(time.Hour),
				Failure: infrav1.MachineFailure{Reason: infrav1.BootstrapFailedReason, Message: "m", Since: ago(time.Hour)},
			},
			stage: event.StageCopying,
		},
		"away since an earlier run": {
			status: infrav1.SSHMachineStatus{
				HostRef: claimed,
				Failure: infrav1.MachineFailure{Reason: infrav1.HostUnreachableReason, Message: "m", Since: ago(time.Hour)},
			},
			stage: event.StageCopying,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, fullConfig(t, nil), nil)
			p.began, p.now = now.Add(-7*time.Minute), func() time.Time { return now }
			m := &infrav1.SSHMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "a"}, Status: test.status}
			host := &infrav1.SSHHost{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "full-cp-1"}, Spec: infrav1.SSHHostSpec{Address: "10.0.0.11"}}
			machine := &clusterv1.Machine{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "a"}}
			machine.Spec.InfrastructureRef.Name = "a"
			got, err := p.Progress(t.Context(), testClient(t, m, host), machine)
			if err != nil || got.Stage != test.stage || got.LastWord != test.word {
				t.Errorf("got %+v, %v", got, err)
			}
			if (got.Failed != nil) != (test.failed != "") || got.Failed != nil && !strings.Contains(got.Failed.Error(), test.failed) {
				t.Errorf("failed: %v", got.Failed)
			}
			if got.Failed != nil && failure.Remedy(got.Failed) == "" {
				t.Errorf("there is no remedy for %v", got.Failed)
			}
			if test.status.HostRef.Name != "" && got.Address != "10.0.0.11" {
				t.Errorf("the address is %q", got.Address)
			}
		})
	}
}

func TestMachineWithoutInfrastructureIsPending(t *testing.T) {
	p := newProvider(t, fullConfig(t, nil), nil)
	machine := &clusterv1.Machine{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "a"}}
	for _, name := range []string{"", "not-there-yet"} {
		machine.Spec.InfrastructureRef.Name = name
		if got, err := p.Progress(t.Context(), testClient(t), machine); err != nil || got.Stage != event.StagePending {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
}

func TestUncleanedHosts(t *testing.T) {
	host := func(name, cluster, owner string) *infrav1.SSHHost {
		h := &infrav1.SSHHost{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name, Labels: map[string]string{clusterv1.ClusterNameLabel: cluster}}}
		if owner != "" {
			h.Annotations = map[string]string{infrav1.NeedsCleaningAnnotation: owner}
		}
		return h
	}
	c := testClient(t, host("b", "full", "u"), host("a", "full", "u"), host("clean", "full", ""), host("other", "another", "u"))
	got, err := Uncleaned(t.Context(), c, client.ObjectKey{Namespace: "ns", Name: "full"})
	if err != nil || len(got) != 2 || got[0].Name != "a" || got[1].Name != "b" {
		t.Errorf("got %v, %v", got, err)
	}
}
