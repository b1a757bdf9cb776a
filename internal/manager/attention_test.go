package manager

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func controlPlane(change func(*controlplanev1.KubeadmControlPlane)) *controlplanev1.KubeadmControlPlane {
	kcp := &controlplanev1.KubeadmControlPlane{ObjectMeta: metav1.ObjectMeta{Namespace: "eksa-system", Name: "demo"}}
	kcp.Status.Replicas = ptr.To[int32](1)
	change(kcp)
	return kcp
}

func condition(kind string, status metav1.ConditionStatus) func(*controlplanev1.KubeadmControlPlane) {
	return func(kcp *controlplanev1.KubeadmControlPlane) {
		kcp.Status.Conditions = append(kcp.Status.Conditions, metav1.Condition{Type: kind, Status: status})
	}
}

func TestControlPlaneIsLookedAtUntilItIsHealthy(t *testing.T) {
	const healthy = controlplanev1.KubeadmControlPlaneControlPlaneComponentsHealthyCondition
	looked := func(ago time.Duration) func(*controlplanev1.KubeadmControlPlane) {
		return func(kcp *controlplanev1.KubeadmControlPlane) {
			kcp.Annotations = map[string]string{LookedAtAnnotation: noon.Add(-ago).Format(time.RFC3339Nano)}
		}
	}
	for name, test := range map[string]struct {
		change func(*controlplanev1.KubeadmControlPlane)
		looks  bool
		again  time.Duration
	}{
		"nothing known yet":   {func(*controlplanev1.KubeadmControlPlane) {}, true, lookInterval},
		"not healthy":         {condition(healthy, metav1.ConditionFalse), true, lookInterval},
		"healthy":             {condition(healthy, metav1.ConditionTrue), false, 0},
		"paused":              {condition(clusterv1.PausedCondition, metav1.ConditionTrue), false, 0},
		"no machines":         {func(kcp *controlplanev1.KubeadmControlPlane) { kcp.Status.Replicas = nil }, false, 0},
		"looked a moment ago": {looked(lookInterval / 4), false, lookInterval * 3 / 4},
		"looked long ago":     {looked(time.Minute), true, lookInterval},
		"looked in future":    {looked(-time.Hour), true, lookInterval},
	} {
		t.Run(name, func(t *testing.T) {
			kcp := controlPlane(test.change)
			before := kcp.Annotations[LookedAtAnnotation]
			c := fake.NewClientBuilder().WithScheme(Scheme()).WithObjects(kcp).Build()
			a := &attention{client: c, now: func() time.Time { return noon }}
			result, err := a.Reconcile(t.Context(), kcp.DeepCopy())
			if err != nil || result.RequeueAfter != test.again {
				t.Errorf("it looks again after %v, error %v; want %v", result.RequeueAfter, err, test.again)
			}
			got := &controlplanev1.KubeadmControlPlane{}
			if err := c.Get(t.Context(), client.ObjectKeyFromObject(kcp), got); err != nil {
				t.Fatal(err)
			}
			if touched := got.Annotations[LookedAtAnnotation] != before; touched != test.looks {
				t.Errorf("touched is %v, want %v", touched, test.looks)
			}
		})
	}
	gone := &attention{client: fake.NewClientBuilder().WithScheme(Scheme()).Build(), now: func() time.Time { return noon }}
	if _, err := gone.Reconcile(t.Context(), controlPlane(func(*controlplanev1.KubeadmControlPlane) {})); err != nil {
		t.Errorf("a control plane that went is an error: %v", err)
	}
}
