package progress

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

// Condition is something to wait for: the same value says what it is and
// looks whether it is true.
type Condition interface {
	// String says what is waited for: "control plane initialised".
	String() string
	// Check looks at v.
	Check(v View) Finding
	// Concerns reports whether a machine of role can hold the condition up.
	Concerns(role string) bool
}

// Finding is what a condition found.
type Finding struct {
	Met bool
	// Object and LastWord say what holds it up, where it is not met.
	Object, LastWord string
	// Failed is set when the condition will certainly never be met.
	Failed error
}

// View is the part of the bootstrap cluster's API that conditions look at.
type View struct {
	Key client.ObjectKey
	// Cluster is nil when there is none.
	Cluster *clusterv1.Cluster
	// Known is set when there has been one.
	Known bool
	// ControlPlane is nil when there is none.
	ControlPlane *controlplanev1.KubeadmControlPlane
	Deployments  []clusterv1.MachineDeployment
	// Wanted are the names of the MachineDeployments that there have to be.
	Wanted []string
	// Machines is the machine table.
	Machines []event.Machine
}

// readView reads a View with at most three requests.
func readView(ctx context.Context, c client.Reader, key client.ObjectKey) (View, error) {
	v := View{Key: key}
	cluster := &clusterv1.Cluster{}
	err := c.Get(ctx, key, cluster)
	if apierrors.IsNotFound(err) {
		return v, nil
	}
	if err != nil {
		return v, fmt.Errorf("read Cluster %s: %w", key, err)
	}
	v.Cluster = cluster
	if name := cluster.Spec.ControlPlaneRef.Name; name != "" {
		controlPlane := &controlplanev1.KubeadmControlPlane{}
		err := c.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: name}, controlPlane)
		if client.IgnoreNotFound(err) != nil {
			return v, fmt.Errorf("read KubeadmControlPlane %s/%s: %w", key.Namespace, name, err)
		}
		if err == nil {
			v.ControlPlane = controlPlane
		}
	}
	deployments := &clusterv1.MachineDeploymentList{}
	err = c.List(ctx, deployments, client.InNamespace(key.Namespace), client.MatchingLabels{clusterv1.ClusterNameLabel: key.Name})
	if err != nil {
		return v, fmt.Errorf("list the MachineDeployments of Cluster %s: %w", key, err)
	}
	v.Deployments = deployments.Items
	return v, nil
}

// infrastructureWord is what holds up the cluster's own infrastructure,
// without which no machine is made.
func (v View) infrastructureWord() string {
	if v.Cluster == nil || ptr.Deref(v.Cluster.Status.Initialization.InfrastructureProvisioned, false) {
		return ""
	}
	return wordOf(v.Cluster, clusterv1.ClusterInfrastructureReadyCondition)
}

// The conditions of a cluster.
var (
	// ControlPlaneInitialized is met when the first control-plane machine's
	// API server answers.
	ControlPlaneInitialized Condition = controlPlaneInitialized{}
	// ControlPlaneReady is met when every control-plane machine is Ready.
	ControlPlaneReady Condition = controlPlaneReady{}
	// WorkersReady is met when every machine of every MachineDeployment is.
	WorkersReady Condition = workersReady{}
	// ClusterAvailable is met when Cluster API says that the cluster is.
	ClusterAvailable Condition = clusterAvailable{}
	// ClusterDeleted is met when the Cluster, and with it all it owned, is
	// gone.
	ClusterDeleted Condition = clusterDeleted{}
)

const (
	controlPlaneRole = "control-plane"
	workerRole       = "worker"
)

type controlPlaneInitialized struct{}

func (controlPlaneInitialized) String() string            { return "control plane initialised" }
func (controlPlaneInitialized) Concerns(role string) bool { return role == controlPlaneRole }

func (controlPlaneInitialized) Check(v View) Finding {
	if f, ended := v.ended(); ended {
		return f
	}
	if ptr.Deref(v.Cluster.Status.Initialization.ControlPlaneInitialized, false) {
		return Finding{Met: true}
	}
	return v.unmetCluster(oneOf(v.controlPlaneWord(), wordOf(v.Cluster, clusterv1.ClusterControlPlaneInitializedCondition)))
}

type controlPlaneReady struct{}

func (controlPlaneReady) String() string            { return "control plane ready" }
func (controlPlaneReady) Concerns(role string) bool { return role == controlPlaneRole }

func (controlPlaneReady) Check(v View) Finding {
	if f, ended := v.ended(); ended {
		return f
	}
	k := v.ControlPlane
	if k == nil {
		return v.unmetCluster("there is no KubeadmControlPlane yet")
	}
	s := k.Status
	if ptr.Deref(s.Initialization.ControlPlaneInitialized, false) &&
		complete(k, s.ObservedGeneration, k.Spec.Replicas, s.Replicas, s.UpToDateReplicas, s.ReadyReplicas) {
		return Finding{Met: true}
	}
	return Finding{
		Object: objectName("KubeadmControlPlane", client.ObjectKeyFromObject(k)),
		LastWord: oneOf(v.controlPlaneWord(), fmt.Sprintf("%d of %d machines are ready",
			ptr.Deref(s.ReadyReplicas, 0), ptr.Deref(k.Spec.Replicas, 1))),
	}
}

type workersReady struct{}

func (workersReady) String() string            { return "workers ready" }
func (workersReady) Concerns(role string) bool { return role == workerRole }

func (workersReady) Check(v View) Finding {
	if f, ended := v.ended(); ended {
		return f
	}
	// One that has just been made may not be seen yet.
	for _, name := range v.Wanted {
		if !slices.ContainsFunc(v.Deployments, func(d clusterv1.MachineDeployment) bool { return d.Name == name }) {
			return Finding{
				Object:   objectName("MachineDeployment", client.ObjectKey{Namespace: v.Key.Namespace, Name: name}),
				LastWord: "it is not there yet",
			}
		}
	}
	for i := range v.Deployments {
		d := &v.Deployments[i]
		s := d.Status
		if complete(d, s.ObservedGeneration, d.Spec.Replicas, s.Replicas, s.UpToDateReplicas, s.ReadyReplicas) {
			continue
		}
		return Finding{
			Object: objectName("MachineDeployment", client.ObjectKeyFromObject(d)),
			LastWord: oneOf(wordOf(d, clusterv1.MachineDeploymentAvailableCondition),
				fmt.Sprintf("%d of %d machines are ready", ptr.Deref(s.ReadyReplicas, 0), ptr.Deref(d.Spec.Replicas, 1))),
		}
	}
	return Finding{Met: true}
}

type clusterAvailable struct{}

func (clusterAvailable) String() string       { return "cluster available" }
func (clusterAvailable) Concerns(string) bool { return true }

func (clusterAvailable) Check(v View) Finding {
	if f, ended := v.ended(); ended {
		return f
	}
	if v.Cluster.Status.ObservedGeneration >= v.Cluster.Generation && isTrue(v.Cluster, clusterv1.ClusterAvailableCondition) {
		return Finding{Met: true}
	}
	return v.unmetCluster(wordOf(v.Cluster, clusterv1.ClusterAvailableCondition))
}

type clusterDeleted struct{}

func (clusterDeleted) String() string       { return "cluster deleted" }
func (clusterDeleted) Concerns(string) bool { return true }

func (clusterDeleted) Check(v View) Finding {
	if v.Cluster == nil {
		return Finding{Met: true}
	}
	return v.unmetCluster(wordOf(v.Cluster, clusterv1.ClusterDeletingCondition))
}

// ended is what every condition of a living cluster finds first: one that is
// not there, is on its way out, or has failed for good.
func (v View) ended() (Finding, bool) {
	object := objectName("Cluster", v.Key)
	switch {
	case v.Cluster == nil && !v.Known:
		return Finding{Object: object, LastWord: "it does not exist yet"}, true
	case v.Cluster == nil, !v.Cluster.DeletionTimestamp.IsZero():
		return Finding{Object: object, Failed: &failure.Error{
			Code: failure.Bootstrap, Summary: "the cluster is being deleted, or was, while it was waited for", Object: object,
			Remedy: "run the delete command to its end, then create the cluster again",
		}}, true
	}
	if message := v.terminalFailure(); message != "" {
		return Finding{Object: object, Failed: &failure.Error{
			Code: failure.Bootstrap, Summary: "Cluster API has given the cluster up: " + message, Object: object,
			Remedy: "delete the cluster, correct what the message names, and create it again",
		}}, true
	}
	return Finding{}, false
}

// terminalFailure is the message that Cluster API reserves for what its
// controllers will not try again (the failureMessage of its v1beta1 contract).
func (v View) terminalFailure() string {
	if d := v.Cluster.Status.Deprecated; d != nil && d.V1Beta1 != nil && d.V1Beta1.FailureMessage != nil {
		return *d.V1Beta1.FailureMessage
	}
	if v.ControlPlane == nil {
		return ""
	}
	if d := v.ControlPlane.Status.Deprecated; d != nil && d.V1Beta1 != nil && d.V1Beta1.FailureMessage != nil {
		return *d.V1Beta1.FailureMessage
	}
	return ""
}

func (v View) unmetCluster(word string) Finding {
	return Finding{Object: objectName("Cluster", v.Key), LastWord: word}
}

// controlPlaneWord is what holds up the control plane as a whole.
func (v View) controlPlaneWord() string {
	if v.ControlPlane == nil {
		return ""
	}
	return oneOf(
		wordOf(v.ControlPlane, controlplanev1.KubeadmControlPlaneCertificatesAvailableCondition),
		wordOf(v.ControlPlane, controlplanev1.KubeadmControlPlaneAvailableCondition),
		wordOf(v.ControlPlane, controlplanev1.KubeadmControlPlaneMachinesReadyCondition),
	)
}

// complete reports whether the counts say that every wanted machine is there
// and none other. A spec without replicas means one.
func complete(o metav1.Object, observed int64, wanted *int32, counts ...*int32) bool {
	for _, count := range counts {
		if ptr.Deref(count, 0) != ptr.Deref(wanted, 1) {
			return false
		}
	}
	return observed >= o.GetGeneration()
}
