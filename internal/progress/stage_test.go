package progress

import (
	"errors"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers"
)

func TestStageAndLastWord(t *testing.T) {
	const unhealthy = metav1.ConditionFalse
	for _, test := range []struct {
		name     string
		machine  *clusterv1.Machine
		progress providers.Progress
		stage    event.Stage
		word     string
	}{
		{
			"nothing yet", newMachine("m", machineSays(clusterv1.BootstrapConfigReadyCondition, unhealthy, "waiting for the control plane")),
			providers.Progress{LastWord: "waiting for bootstrap data"}, event.StagePending, "waiting for the control plane",
		},
		{"bootstrap data", newMachine("m", booted), providers.Progress{Stage: event.StagePending, LastWord: "in the queue"}, event.StageBootstrap, "in the queue"},
		{
			"cloning", newMachine("m", booted, machineSays(clusterv1.InfrastructureReadyCondition, unhealthy, "not ready")),
			providers.Progress{Stage: event.StageCloning, LastWord: "task-12 runs"}, event.StageCloning, "task-12 runs",
		},
		{
			"the Machine speaks where the provider does not", newMachine("m", booted, machineSays(clusterv1.InfrastructureReadyCondition, unhealthy, "not ready")),
			providers.Progress{Stage: event.StagePoweredOn}, event.StagePoweredOn, "not ready",
		},
		{
			"a reason where there is no message", newMachine("m", booted, machineSays(clusterv1.InfrastructureReadyCondition, unhealthy, "")),
			providers.Progress{Stage: event.StageCloned}, event.StageCloned, "BecauseOfInfrastructureReady",
		},
		{
			"joining", newMachine("m", provisioned,
				machineSays(controlplanev1.KubeadmControlPlaneMachineAPIServerPodHealthyCondition, unhealthy, "Pod does not exist")),
			providers.Progress{Stage: event.StageAddressed, LastWord: "all is well"}, event.StageJoining, "Pod does not exist",
		},
		{
			"the node speaks first", newMachine("m", noded,
				machineSays(controlplanev1.KubeadmControlPlaneMachineEtcdMemberHealthyCondition, metav1.ConditionUnknown, "no answer"),
				machineSays(clusterv1.MachineNodeHealthyCondition, unhealthy, "container runtime network not ready")),
			providers.Progress{}, event.StageNode, "container runtime network not ready",
		},
		{"ready", newMachine("m", ready), providers.Progress{}, event.StageReady, ""},
		{
			"deleting", newMachine("m", ready, deleting, machineSays(clusterv1.DeletingCondition, metav1.ConditionTrue, "draining")),
			providers.Progress{}, event.StageDeleting, "draining",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			stage := stageOf(test.machine, test.progress)
			if word := lastWord(test.machine, stage, test.progress); stage != test.stage || word != test.word {
				t.Errorf("stage %q, last word %q; want %q, %q", stage, word, test.stage, test.word)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	gone := newCluster(func(c *clusterv1.Cluster) {
		c.DeletionTimestamp = &metav1.Time{Time: metav1.Now().Time}
		clusterSays(clusterv1.DeletingCondition, metav1.ConditionTrue, "2 workers left")(c)
	})
	view := func(c *clusterv1.Cluster, k *controlplanev1.KubeadmControlPlane, d ...*clusterv1.MachineDeployment) View {
		v := View{Key: demo, Cluster: c, ControlPlane: k, Known: c != nil}
		for _, one := range d {
			v.Deployments = append(v.Deployments, *one)
		}
		return v
	}
	wanting := func(name string, v View) View {
		v.Wanted = []string{"a", name}
		return v
	}
	rolling := newControlPlane(3, 3)
	rolling.Generation, rolling.Status.ObservedGeneration = 2, 1
	halfway := newControlPlane(3, 1)
	halfway.Status.Conditions = []metav1.Condition{says(clusterv1.AvailableCondition, metav1.ConditionFalse, "etcd has no quorum")}
	given := newCluster(func(c *clusterv1.Cluster) {
		message := "the endpoint is taken"
		c.Status.Deprecated = &clusterv1.ClusterDeprecatedStatus{V1Beta1: &clusterv1.ClusterV1Beta1DeprecatedStatus{FailureMessage: &message}}
	})
	for _, test := range []struct {
		name      string
		condition Condition
		view      View
		met       bool
		object    string
		word      string
		failed    bool
	}{
		{"no cluster yet", ClusterAvailable, view(nil, nil), false, "Cluster eksa-system/demo", "it does not exist yet", false},
		{"the cluster has gone", ClusterAvailable, View{Key: demo, Known: true}, false, "Cluster eksa-system/demo", "", true},
		{"the cluster is going", ControlPlaneReady, view(gone, nil), false, "Cluster eksa-system/demo", "", true},
		{"given up", WorkersReady, view(given, nil), false, "Cluster eksa-system/demo", "", true},
		{
			"not initialised", ControlPlaneInitialized,
			view(newCluster(clusterSays(clusterv1.ClusterControlPlaneInitializedCondition, metav1.ConditionFalse, "not yet")), nil),
			false, "Cluster eksa-system/demo", "not yet", false,
		},
		{"the control plane tells more", ControlPlaneInitialized, view(newCluster(), halfway), false, "Cluster eksa-system/demo", "etcd has no quorum", false},
		{"initialised", ControlPlaneInitialized, view(newCluster(clusterInitialized), nil), true, "", "", false},
		{"two of three", ControlPlaneReady, view(newCluster(), newControlPlane(3, 2)), false, "KubeadmControlPlane eksa-system/demo", "2 of 3 machines are ready", false},
		{"an old observation", ControlPlaneReady, view(newCluster(), rolling), false, "KubeadmControlPlane eksa-system/demo", "3 of 3 machines are ready", false},
		{"all three", ControlPlaneReady, view(newCluster(), newControlPlane(3, 3)), true, "", "", false},
		{
			"one group of two", WorkersReady, view(newCluster(), nil, newDeployment("a", 2, 2), newDeployment("b", 5, 4)),
			false, "MachineDeployment eksa-system/b", "4 of 5 machines are ready", false,
		},
		{
			"a group not seen yet", WorkersReady, wanting("b", view(newCluster(), nil, newDeployment("a", 2, 2))),
			false, "MachineDeployment eksa-system/b", "it is not there yet", false,
		},
		{"all groups", WorkersReady, view(newCluster(), nil, newDeployment("a", 2, 2), newDeployment("b", 0, 0)), true, "", "", false},
		{
			"not available", ClusterAvailable, view(newCluster(clusterSays(clusterv1.AvailableCondition, metav1.ConditionFalse, "no connection")), nil),
			false, "Cluster eksa-system/demo", "no connection", false,
		},
		{"available", ClusterAvailable, view(newCluster(clusterSays(clusterv1.AvailableCondition, metav1.ConditionTrue, "")), nil), true, "", "", false},
		{"deleting", ClusterDeleted, view(gone, nil), false, "Cluster eksa-system/demo", "2 workers left", false},
		{"deleted", ClusterDeleted, View{Key: demo, Known: true}, true, "", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := test.condition.Check(test.view)
			if f.Met != test.met || f.Object != test.object || f.LastWord != test.word || (f.Failed != nil) != test.failed {
				t.Errorf("found %+v", f)
			}
		})
	}
}

func TestTableKeepsWhatItCannotSee(t *testing.T) {
	w := newWorld(t, newCluster(), newMachine("m", booted))
	w.progress["m"] = providers.Progress{Stage: event.StagePoweredOn, Address: "10.0.0.9"}
	tracker := w.tracker()
	if err := tracker.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.progress["m"], w.blind = providers.Progress{}, errors.New("no kind VSphereMachine")
	if err := tracker.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := tracker.Machines()[0]
	if m.Stage != event.StagePoweredOn || m.Address != "10.0.0.9" || m.LastWord != "no kind VSphereMachine" {
		t.Errorf("the machine is %+v", m)
	}
}
