package vsphere

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	infrav1 "sigs.k8s.io/cluster-api-provider-vsphere/api/govmomi/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	deprecatedconditions "sigs.k8s.io/cluster-api/util/conditions/deprecated/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers"
)

const provisioned = infrav1.VSphereVMVirtualMachineProvisionedCondition

func notProvisioned(reason, message string) metav1.Condition {
	return metav1.Condition{Type: provisioned, Status: metav1.ConditionFalse, Reason: reason, Message: message}
}

// machineWith is a Machine, its VSphereMachine and its VSphereVM with a
// status; no VSphereVM where status is nil.
func machineWith(status *infrav1.VSphereVMStatus) (*clusterv1.Machine, []client.Object) {
	meta := metav1.ObjectMeta{Namespace: providers.Namespace, Name: "full-abc"}
	machine := &clusterv1.Machine{ObjectMeta: meta}
	machine.Spec.InfrastructureRef.Name = "full-control-plane-xyz"
	vsphereMachine := &infrav1.VSphereMachine{ObjectMeta: metav1.ObjectMeta{Namespace: providers.Namespace, Name: "full-control-plane-xyz"}}
	vsphereMachine.Status.Conditions = []metav1.Condition{notProvisioned("WaitingForBootstrapData", "")}
	objects := []client.Object{vsphereMachine}
	if status != nil {
		objects = append(objects, &infrav1.VSphereVM{ObjectMeta: meta, Status: *status})
	}
	return machine, objects
}

// progressTwice looks twice, with time for an error to settle in between.
func progressTwice(t *testing.T, machine *clusterv1.Machine, objects []client.Object) providers.Progress {
	t.Helper()
	p := newProvider(t, fullConfig(t, nil))
	now := time.Now()
	p.errors.now = func() time.Time { return now }
	c := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(objects...).WithStatusSubresource().Build()
	first, err := p.Progress(context.Background(), c, machine)
	if err != nil {
		t.Fatal(err)
	}
	if first.Failed != nil {
		t.Errorf("failed at first sight: %v", first.Failed)
	}
	now = now.Add(settled)
	second, err := p.Progress(context.Background(), c, machine)
	if err != nil {
		t.Fatal(err)
	}
	return second
}

func TestStagesOfAMachine(t *testing.T) {
	poweredOn := notProvisioned(infrav1.VSphereVMVirtualMachineWaitingForIPAllocationReason, "")
	for name, test := range map[string]struct {
		status   *infrav1.VSphereVMStatus
		stage    event.Stage
		address  string
		lastWord string
	}{
		"no virtual machine yet": {nil, event.StagePending, "", "WaitingForBootstrapData"},
		"clone under way": {
			&infrav1.VSphereVMStatus{TaskRef: "task-1", Conditions: []metav1.Condition{notProvisioned(infrav1.VSphereVMVirtualMachineWaitingForCloneReason, "")}},
			event.StageCloning, "", "WaitingForClone",
		},
		"powering on": {
			&infrav1.VSphereVMStatus{Conditions: []metav1.Condition{notProvisioned(infrav1.VSphereVMVirtualMachinePoweringOnReason, "")}},
			event.StageCloned, "", "PoweringOn",
		},
		"waiting for a pool's address": {
			&infrav1.VSphereVMStatus{Conditions: []metav1.Condition{
				notProvisioned(infrav1.VSphereVMVirtualMachineWaitingForIPAddressReason, "waiting for IP address claims"),
				{Type: infrav1.VSphereVMIPAddressClaimsFulfilledCondition, Status: metav1.ConditionFalse, Reason: "WaitingForIPAddress", Message: "0/1 claims fulfilled"},
			}},
			event.StageCloned, "", "WaitingForIPAddress: 0/1 claims fulfilled",
		},
		"no address yet": {
			&infrav1.VSphereVMStatus{Host: "esx-1", Conditions: []metav1.Condition{poweredOn}},
			event.StagePoweredOn, "", "WaitingForIPAllocation",
		},
		"has its address": {
			&infrav1.VSphereVMStatus{Host: "esx-1", Addresses: []string{"10.0.0.20", "10.1.0.20"}, Conditions: []metav1.Condition{
				{Type: provisioned, Status: metav1.ConditionTrue, Reason: "Provisioned"},
			}},
			event.StageAddressed, "10.0.0.20", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := progressTwice(t, first(machineWith(test.status)), second(machineWith(test.status)))
			if got.Stage != test.stage || got.Address != test.address || got.LastWord != test.lastWord {
				t.Errorf("got %q, address %q, last word %q; want %q, %q, %q",
					got.Stage, got.Address, got.LastWord, test.stage, test.address, test.lastWord)
			}
			if got.Failed != nil {
				t.Errorf("failed: %v", got.Failed)
			}
		})
	}
}

func first(m *clusterv1.Machine, _ []client.Object) *clusterv1.Machine { return m }

func second(_ *clusterv1.Machine, o []client.Object) []client.Object { return o }

func TestAMachineIsGivenUpOnlyWhenItsErrorIsCurrent(t *testing.T) {
	const missing = `unable to find template by name "/North/vm/Templates/gone": vm '/North/vm/Templates/gone' not found`
	retry, before := metav1.NewTime(time.Now().Add(2*taskRetry)), metav1.NewTime(time.Now().Add(taskRetry/2))
	// CAPV has a failed task's message in the deprecated condition only.
	full := &infrav1.VSphereVM{}
	deprecatedconditions.MarkFalse(full, infrav1.VMProvisionedV1Beta1Condition, infrav1.TaskFailure, "Info", "Insufficient disk space on datastore 'shared'.")
	taskMessage := full.Status.Deprecated
	for name, test := range map[string]struct {
		status infrav1.VSphereVMStatus
		remedy string // empty: not given up
	}{
		"template missing": {
			infrav1.VSphereVMStatus{Conditions: []metav1.Condition{notProvisioned("NotProvisioned", missing)}},
			"template",
		},
		"a clone is under way again": {
			infrav1.VSphereVMStatus{TaskRef: "task-2", Conditions: []metav1.Condition{notProvisioned("NotProvisioned", missing)}},
			"",
		},
		"the error may pass": {
			infrav1.VSphereVMStatus{Conditions: []metav1.Condition{notProvisioned("NotProvisioned", "Post \"https://vcenter/sdk\": dial tcp: connect: connection refused")}},
			"",
		},
		"task failed for want of space": {
			infrav1.VSphereVMStatus{TaskRef: "task-3", RetryAfter: retry, Deprecated: taskMessage,
				Conditions: []metav1.Condition{notProvisioned(infrav1.VSphereVMVirtualMachineTaskFailedReason, "")}},
			"free space",
		},
		"the task failed before this run": {
			infrav1.VSphereVMStatus{TaskRef: "task-3", RetryAfter: before, Deprecated: taskMessage,
				Conditions: []metav1.Condition{notProvisioned(infrav1.VSphereVMVirtualMachineTaskFailedReason, "")}},
			"",
		},
		"the task runs again": {
			infrav1.VSphereVMStatus{TaskRef: "task-4", Deprecated: taskMessage,
				Conditions: []metav1.Condition{notProvisioned(infrav1.VSphereVMVirtualMachineTaskFailedReason, "")}},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := progressTwice(t, first(machineWith(&test.status)), second(machineWith(&test.status)))
			if test.remedy == "" {
				if got.Failed != nil {
					t.Errorf("given up: %v", got.Failed)
				}
				return
			}
			var failed *failure.Error
			if !errors.As(got.Failed, &failed) {
				t.Fatalf("not given up; last word %q", got.LastWord)
			}
			if failed.Code != failure.Infrastructure || failed.Object != "VSphereVM eksa-system/full-abc" || !strings.Contains(failed.Remedy, test.remedy) {
				t.Errorf("got code %d, object %q, remedy %q", failed.Code, failed.Object, failed.Remedy)
			}
		})
	}
}

func TestTheVCenterRefusesTheWholeCluster(t *testing.T) {
	cluster := &infrav1.VSphereCluster{ObjectMeta: metav1.ObjectMeta{Namespace: providers.Namespace, Name: "full"}}
	cluster.Status.Conditions = []metav1.Condition{{
		Type: infrav1.VSphereClusterVCenterAvailableCondition, Status: metav1.ConditionFalse, Reason: infrav1.VSphereClusterVCenterUnreachableReason,
		Message: "failed to create vCenter session: failed to create client: failed to login: ServerFaultCode: Cannot complete login due to an incorrect user name or password. (" + plantedVCenterPassword + ")",
	}}
	c := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(cluster).Build()
	p := newProvider(t, fullConfig(t, nil))
	now := time.Now()
	p.errors.now = func() time.Time { return now }
	if got, err := p.ClusterProgress(context.Background(), c); err != nil || got.Failed != nil {
		t.Fatalf("at first sight: %v, %v", got.Failed, err)
	}
	now = now.Add(settled)
	got, err := p.ClusterProgress(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	if got.Failed == nil || !strings.Contains(failure.Remedy(got.Failed), "EKSA_VSPHERE_PASSWORD") {
		t.Errorf("got %v, remedy %q", got.Failed, failure.Remedy(got.Failed))
	}
	if !strings.HasPrefix(got.LastWord, "VCenterUnreachable: ") {
		t.Errorf("the last word is %q", got.LastWord)
	}
	if text := got.LastWord + got.Failed.Error(); strings.Contains(text, plantedVCenterPassword) {
		t.Errorf("the password is in %q", text)
	}
}

func TestAnErrorMustStandBeforeItCounts(t *testing.T) {
	now := time.Now()
	s := &sightings{now: func() time.Time { return now }, seen: map[string]sighting{}}
	steps := []struct {
		after   time.Duration
		message string
		want    bool
	}{
		{0, "a", false},
		{settled - 1, "a", false},
		{1, "a", true},
		{0, "b", false}, // another error starts anew
		{settled, "b", true},
		{0, "", false}, // gone
		{settled, "b", false},
	}
	for i, step := range steps {
		now = now.Add(step.after)
		if got := s.settled("VSphereVM x", step.message); got != step.want {
			t.Errorf("step %d: settled is %v, want %v", i, got, step.want)
		}
	}
}
