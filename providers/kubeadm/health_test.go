package kubeadm

import (
	"math"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

func TestHealthChecksTakeTheNearestSetting(t *testing.T) {
	minutes := func(n int) *metav1.Duration {
		return &metav1.Duration{Duration: time.Duration(n) * time.Minute}
	}
	three := intstr.FromInt32(3)
	cluster := testNode(func(c *v1alpha1.ClusterSpec) {
		c.MachineHealthCheck = &v1alpha1.MachineHealthCheck{NodeStartupTimeout: minutes(30)}
		c.WorkerNodeGroupConfigurations = []v1alpha1.WorkerNodeGroupConfiguration{
			{Name: "plain"},
			{Name: "own", MachineHealthCheck: &v1alpha1.MachineHealthCheck{NodeStartupTimeout: minutes(1), UnhealthyMachineTimeout: minutes(2), MaxUnhealthy: &three}},
		}
	}).Config.Cluster

	want := []struct {
		name               string
		startup, unhealthy int32
		maxUnhealthy       string
	}{
		{"small-kcp-unhealthy", 1800, 300, "100%"},
		{"small-plain-worker-unhealthy", 1800, 300, "40%"},
		{"small-own-worker-unhealthy", 60, 120, "3"},
	}
	checks := HealthChecks(cluster)
	if len(checks) != len(want) {
		t.Fatalf("there are %d checks, want %d", len(checks), len(want))
	}
	for i, check := range checks {
		startup := *check.Spec.Checks.NodeStartupTimeoutSeconds
		max := check.Spec.Remediation.TriggerIf.UnhealthyLessThanOrEqualTo.String()
		if check.Name != want[i].name || startup != want[i].startup || max != want[i].maxUnhealthy {
			t.Errorf("%s starts within %d s, at most %s unhealthy; want %+v", check.Name, startup, max, want[i])
		}
		for _, condition := range check.Spec.Checks.UnhealthyNodeConditions {
			if *condition.TimeoutSeconds != want[i].unhealthy {
				t.Errorf("%s: Ready=%s for %d s, want %d", check.Name, condition.Status, *condition.TimeoutSeconds, want[i].unhealthy)
			}
		}
	}
}

func TestSecondsStayInTheirType(t *testing.T) {
	if got := seconds(&metav1.Duration{Duration: 100 * 365 * 24 * time.Hour}, 0); got != math.MaxInt32 {
		t.Errorf("a hundred years are %d s", got)
	}
}
