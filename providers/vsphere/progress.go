package vsphere

import (
	"context"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	infrav1 "sigs.k8s.io/cluster-api-provider-vsphere/api/govmomi/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util/conditions"
	deprecatedconditions "sigs.k8s.io/cluster-api/util/conditions/deprecated/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers"
)

// settled is how long CAPV must repeat an error before it counts as certain.
// After a restart the last run's error stands until CAPV has tried again,
// which it does within seconds.
const settled = 5 * time.Second

// sightings remembers since when an object has had the same error.
type sightings struct {
	began time.Time // when this program did
	mu    sync.Mutex
	now   func() time.Time
	seen  map[string]sighting
}

type sighting struct {
	message string
	since   time.Time
}

// settled reports whether the object has had this error for long enough. An
// empty message forgets the object.
func (s *sightings) settled(object, message string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if message == "" {
		delete(s.seen, object)
		return false
	}
	now := s.now()
	last, known := s.seen[object]
	if !known || last.message != message {
		s.seen[object] = sighting{message: message, since: now}
		return false
	}
	return now.Sub(last.since) >= settled
}

// Progress implements providers.Provider.
func (p *Provider) Progress(ctx context.Context, c client.Reader, machine *clusterv1.Machine) (providers.Progress, error) {
	none := providers.Progress{Stage: event.StagePending}
	vsphereMachine := &infrav1.VSphereMachine{}
	name := machine.Spec.InfrastructureRef.Name
	if name == "" {
		return none, nil
	}
	if found, err := get(ctx, c, machine.Namespace, name, vsphereMachine); err != nil || !found {
		return none, err
	}
	vm := &infrav1.VSphereVM{}
	// CAPV names the VSphereVM after the Machine.
	found, err := get(ctx, c, machine.Namespace, machine.Name, vm)
	if err != nil {
		return none, err
	}
	if !found {
		none.LastWord = lastWord(vsphereMachine, infrav1.VSphereMachineVirtualMachineProvisionedCondition, "")
		return none, nil
	}
	return p.progressOf(vm), nil
}

// progressOf reads a VSphereVM as CAPV's vspherevm_controller and its
// services/govmomi write it.
func (p *Provider) progressOf(vm *infrav1.VSphereVM) providers.Progress {
	progress := providers.Progress{Stage: stageOf(vm), LastWord: p.withoutPassword(vmLastWord(vm))}
	if len(vm.Status.Addresses) > 0 {
		progress.Address = vm.Status.Addresses[0]
	}
	object := fmt.Sprintf("VSphereVM %s/%s", vm.Namespace, vm.Name)
	message := ""
	if vm.DeletionTimestamp.IsZero() {
		message = currentError(vm, p.errors.began)
	}
	progress.Failed = p.judge(object, message)
	return progress
}

// stageOf is how far the virtual machine has got.
func stageOf(vm *infrav1.VSphereVM) event.Stage {
	if !vm.DeletionTimestamp.IsZero() {
		return event.StageDeleting
	}
	if len(vm.Status.Addresses) > 0 {
		return event.StageAddressed
	}
	switch reason := conditions.GetReason(vm, infrav1.VSphereVMVirtualMachineProvisionedCondition); {
	case reason == infrav1.VSphereVMVirtualMachineWaitingForIPAllocationReason || vm.Status.Host != "":
		return event.StagePoweredOn
	case reason == infrav1.VSphereVMVirtualMachinePoweringOnReason,
		reason == infrav1.VSphereVMVirtualMachineWaitingForIPAddressReason:
		return event.StageCloned
	}
	return event.StageCloning
}

// vmLastWord is what CAPV last said about the virtual machine.
func vmLastWord(vm *infrav1.VSphereVM) string {
	for _, condition := range []struct{ now, deprecated string }{
		{infrav1.VSphereVMVCenterAvailableCondition, string(infrav1.VCenterAvailableV1Beta1Condition)},
		{infrav1.VSphereVMIPAddressClaimsFulfilledCondition, string(infrav1.IPAddressClaimedV1Beta1Condition)},
		{infrav1.VSphereVMVirtualMachineProvisionedCondition, string(infrav1.VMProvisionedV1Beta1Condition)},
	} {
		if word := lastWord(vm, condition.now, condition.deprecated); word != "" {
			return word
		}
	}
	return ""
}

// conditioned is an object with conditions of both kinds: CAPV writes the
// message of a failed task into the deprecated one only.
type conditioned interface {
	conditions.Getter
	deprecatedconditions.Getter
}

// lastWord is the condition's reason and message while it is not true.
func lastWord(object conditioned, name, deprecated string) string {
	condition := conditions.Get(object, name)
	if condition == nil || condition.Status == metav1.ConditionTrue {
		return ""
	}
	message := conditionMessage(object, condition, deprecated)
	if message == "" {
		return condition.Reason
	}
	return condition.Reason + ": " + message
}

func conditionMessage(object conditioned, condition *metav1.Condition, deprecated string) string {
	if condition.Message != "" || deprecated == "" {
		return condition.Message
	}
	for _, old := range object.GetV1Beta1Conditions() {
		if string(old.Type) == deprecated {
			return old.Message
		}
	}
	return ""
}

// taskRetry is how long CAPV waits after a failed task before the next attempt
// (reconcileInFlightTask in its pkg/services/govmomi).
const taskRetry = time.Minute

// currentError is CAPV's error of the last attempt, or "" while an attempt is
// under way: CAPV leaves the error of the one before in place meanwhile. A
// task that failed before since is not current either: whoever ran the tool
// again has mended something, and CAPV has not tried yet.
func currentError(vm *infrav1.VSphereVM, since time.Time) string {
	condition := conditions.Get(vm, infrav1.VSphereVMVirtualMachineProvisionedCondition)
	if condition == nil || condition.Status != metav1.ConditionFalse {
		return ""
	}
	switch condition.Reason {
	case infrav1.VSphereVMVirtualMachineNotProvisionedReason:
		if vm.Status.TaskRef != "" {
			return ""
		}
	case infrav1.VSphereVMVirtualMachineTaskFailedReason:
		// Set from the failure until the next attempt.
		if vm.Status.RetryAfter.IsZero() || vm.Status.RetryAfter.Add(-taskRetry).Before(since) {
			return ""
		}
	default:
		return ""
	}
	return conditionMessage(vm, condition, string(infrav1.VMProvisionedV1Beta1Condition))
}

// ClusterProgress is what holds the whole cluster up: before the vCenter has
// answered once there are no machines to ask about. LastWord is empty when
// the vCenter answers.
func (p *Provider) ClusterProgress(ctx context.Context, c client.Reader) (providers.Progress, error) {
	progress := providers.Progress{Stage: event.StagePending}
	cluster := &infrav1.VSphereCluster{}
	found, err := get(ctx, c, providers.Namespace, p.cluster.Name, cluster)
	if err != nil || !found {
		return progress, err
	}
	object := fmt.Sprintf("VSphereCluster %s/%s", cluster.Namespace, cluster.Name)
	progress.LastWord = p.withoutPassword(lastWord(cluster, infrav1.VSphereClusterVCenterAvailableCondition, string(infrav1.VCenterAvailableV1Beta1Condition)))
	message := ""
	condition := conditions.Get(cluster, infrav1.VSphereClusterVCenterAvailableCondition)
	if condition != nil && condition.Status == metav1.ConditionFalse && cluster.DeletionTimestamp.IsZero() {
		message = condition.Message
	}
	progress.Failed = p.judge(object, message)
	return progress, nil
}

// judge says whether the error is certain and has settled.
func (p *Provider) judge(object, message string) error {
	failed := p.certainFailure(object, message)
	if failed == nil {
		message = ""
	}
	if !p.errors.settled(object, message) {
		return nil
	}
	return failed
}

// get reads an object; found is false where there is none.
func get(ctx context.Context, c client.Reader, namespace, name string, object client.Object) (found bool, err error) {
	err = c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, object)
	switch {
	case apierrors.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("reading %T %s/%s: %w", object, namespace, name, err)
	}
	return true, nil
}
