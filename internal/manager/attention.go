package manager

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util/conditions"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// LookedAtAnnotation is set on a KubeadmControlPlane, to the time, while its
// components are waited for.
const LookedAtAnnotation = "groundwork.dev/looked-at"

// lookInterval is how often a control plane's components are looked at while
// they are not all healthy.
const lookInterval = time.Second

// attention has the control plane controller look at a control plane whose
// components are not healthy yet. By itself it looks every 20 s, as nothing
// tells it of Pods and ConfigMaps in the new cluster, and a create would wait
// for that look.
type attention struct {
	client client.Client
	now    func() time.Time
}

func addAttention(mgr ctrl.Manager) error {
	a := &attention{client: mgr.GetClient(), now: time.Now}
	return ctrl.NewControllerManagedBy(mgr).Named("attention").
		For(&controlplanev1.KubeadmControlPlane{}).
		WithOptions(concurrency(rarely)).
		Complete(reconcile.AsReconciler(a.client, a))
}

// Reconcile touches the control plane once an interval until it is healthy.
func (a *attention) Reconcile(ctx context.Context, controlPlane *controlplanev1.KubeadmControlPlane) (ctrl.Result, error) {
	if !awaited(controlPlane) {
		return ctrl.Result{}, nil
	}
	now := a.now()
	if last, err := time.Parse(time.RFC3339Nano, controlPlane.Annotations[LookedAtAnnotation]); err == nil {
		// A time to come is of a clock that was set back.
		if wait := last.Add(lookInterval).Sub(now); wait > 0 && wait <= lookInterval {
			return ctrl.Result{RequeueAfter: wait}, nil
		}
	}
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, LookedAtAnnotation, now.UTC().Format(time.RFC3339Nano))
	err := a.client.Patch(ctx, controlPlane, client.RawPatch(types.MergePatchType, []byte(patch)))
	return ctrl.Result{RequeueAfter: lookInterval}, client.IgnoreNotFound(err)
}

// awaited says whether looking again could show something new. A control
// plane without machines waits for other things, of which the control plane
// controller hears; a paused one is not to be touched.
func awaited(controlPlane *controlplanev1.KubeadmControlPlane) bool {
	return controlPlane.DeletionTimestamp.IsZero() &&
		controlPlane.Status.Replicas != nil && *controlPlane.Status.Replicas > 0 &&
		!conditions.IsTrue(controlPlane, clusterv1.PausedCondition) &&
		!conditions.IsTrue(controlPlane, controlplanev1.KubeadmControlPlaneControlPlaneComponentsHealthyCondition)
}
