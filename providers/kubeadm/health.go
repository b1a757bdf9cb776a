package kubeadm

import (
	"cmp"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// EKS Anywhere's defaults for virtual machines.
const (
	defaultNodeStartup      = 10 * time.Minute
	defaultUnhealthyMachine = 5 * time.Minute
)

var (
	defaultMaxUnhealthyControlPlane = intstr.FromString("100%")
	defaultMaxUnhealthyWorkers      = intstr.FromString("40%")
)

// HealthChecks replace the machines of the control plane and of each worker
// group when their nodes stay unhealthy. What a group does not say, the
// cluster's settings say, and then the defaults.
func HealthChecks(cluster *v1alpha1.Cluster) []*clusterv1.MachineHealthCheck {
	cp := healthCheck(cluster, cluster.Name+"-kcp-unhealthy", cluster.Spec.ControlPlaneConfiguration.MachineHealthCheck,
		defaultMaxUnhealthyControlPlane, map[string]string{clusterv1.MachineControlPlaneLabel: ""})
	checks := []*clusterv1.MachineHealthCheck{cp}
	for _, group := range cluster.Spec.WorkerNodeGroupConfigurations {
		name := GroupName(cluster, group)
		checks = append(checks, healthCheck(cluster, name+"-worker-unhealthy", group.MachineHealthCheck,
			defaultMaxUnhealthyWorkers, map[string]string{clusterv1.MachineDeploymentNameLabel: name}))
	}
	return checks
}

func healthCheck(cluster *v1alpha1.Cluster, name string, own *v1alpha1.MachineHealthCheck, maxUnhealthy intstr.IntOrString, selector map[string]string) *clusterv1.MachineHealthCheck {
	var none v1alpha1.MachineHealthCheck
	own, all := cmp.Or(own, &none), cmp.Or(cluster.Spec.MachineHealthCheck, &none)
	unhealthy := seconds(cmp.Or(own.UnhealthyMachineTimeout, all.UnhealthyMachineTimeout), defaultUnhealthyMachine)
	startup := seconds(cmp.Or(own.NodeStartupTimeout, all.NodeStartupTimeout), defaultNodeStartup)
	return &clusterv1.MachineHealthCheck{
		TypeMeta:   metav1.TypeMeta{APIVersion: clusterv1.GroupVersion.String(), Kind: "MachineHealthCheck"},
		ObjectMeta: Meta(cluster, name),
		Spec: clusterv1.MachineHealthCheckSpec{
			ClusterName: cluster.Name,
			Selector:    metav1.LabelSelector{MatchLabels: selector},
			Checks: clusterv1.MachineHealthCheckChecks{
				NodeStartupTimeoutSeconds: &startup,
				UnhealthyNodeConditions: []clusterv1.UnhealthyNodeCondition{
					{Type: corev1.NodeReady, Status: corev1.ConditionUnknown, TimeoutSeconds: &unhealthy},
					{Type: corev1.NodeReady, Status: corev1.ConditionFalse, TimeoutSeconds: &unhealthy},
				},
			},
			Remediation: clusterv1.MachineHealthCheckRemediation{
				TriggerIf: clusterv1.MachineHealthCheckRemediationTriggerIf{
					UnhealthyLessThanOrEqualTo: cmp.Or(own.MaxUnhealthy, all.MaxUnhealthy, &maxUnhealthy),
				},
			},
		},
	}
}

// seconds is the duration as the API holds it, which is not longer than an
// int32 of seconds.
func seconds(d *metav1.Duration, byDefault time.Duration) int32 {
	value := byDefault
	if d != nil {
		value = d.Duration
	}
	return int32(min(value/time.Second, math.MaxInt32))
}
