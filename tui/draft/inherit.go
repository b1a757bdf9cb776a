package draft

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// The machines that may be unhealthy at once by default (EKS Anywhere,
// pkg/clusterapi/machine_health_check.go).
const (
	DefaultControlPlaneMaxUnhealthy = "100%"
	DefaultWorkersMaxUnhealthy      = "40%"
)

// StartupTimeout is how long a node of the provider may take to appear, by
// default.
func (d *Draft) StartupTimeout() time.Duration {
	if d.Provider() == v1alpha1.VSphereDatacenterKind {
		return v1alpha1.DefaultNodeStartupTimeout
	}
	return v1alpha1.DefaultTinkerbellNodeStartupTimeout
}

// inherit empties what Decode has copied from above: decoding fills it again.
func (d *Draft) inherit() {
	spec := &d.Config.Cluster.Spec
	cluster := spec.MachineHealthCheck
	controlPlane := &spec.ControlPlaneConfiguration
	controlPlane.MachineHealthCheck = ownCheck(controlPlane.MachineHealthCheck, cluster, DefaultControlPlaneMaxUnhealthy)
	for i := range spec.WorkerNodeGroupConfigurations {
		group := &spec.WorkerNodeGroupConfigurations[i]
		group.MachineHealthCheck = ownCheck(group.MachineHealthCheck, cluster, DefaultWorkersMaxUnhealthy)
	}
	spec.MachineHealthCheck = ownCheck(cluster, &v1alpha1.MachineHealthCheck{
		NodeStartupTimeout:      &metav1.Duration{Duration: d.StartupTimeout()},
		UnhealthyMachineTimeout: &metav1.Duration{Duration: v1alpha1.DefaultUnhealthyMachineTimeout},
	}, "")
	if site := d.Config.SSHDatacenter; site != nil {
		for i := range site.Spec.Hosts {
			ownHost(&site.Spec.Hosts[i], &site.Spec)
		}
		if site.Spec.Port == v1alpha1.DefaultSSHPort {
			site.Spec.Port = 0
		}
	}
}

// ownCheck is what check has and above does not say; nil for nothing.
func ownCheck(check, above *v1alpha1.MachineHealthCheck, maxUnhealthy string) *v1alpha1.MachineHealthCheck {
	if check == nil {
		return nil
	}
	if above == nil {
		above = &v1alpha1.MachineHealthCheck{}
	}
	own := *check
	own.NodeStartupTimeout = ownValue(check.NodeStartupTimeout, above.NodeStartupTimeout)
	own.UnhealthyMachineTimeout = ownValue(check.UnhealthyMachineTimeout, above.UnhealthyMachineTimeout)
	most := above.MaxUnhealthy
	if most == nil && maxUnhealthy != "" {
		byDefault := intstr.FromString(maxUnhealthy)
		most = &byDefault
	}
	own.MaxUnhealthy = ownValue(check.MaxUnhealthy, most)
	if own == (v1alpha1.MachineHealthCheck{}) {
		return nil
	}
	return &own
}

// ownValue is value, nil where it is that of above.
func ownValue[T comparable](value, above *T) *T {
	if value != nil && above != nil && *value == *above {
		return nil
	}
	return value
}

func ownHost(host *v1alpha1.SSHHost, site *v1alpha1.SSHDatacenterConfigSpec) {
	if host.User == site.User {
		host.User = ""
	}
	if host.KeyFile == site.KeyFile {
		host.KeyFile = ""
	}
	if host.Port == site.Port {
		host.Port = 0
	}
}

// Host is the host over SSH at index with what it inherits from the
// datacenter.
func (d *Draft) Host(index int) v1alpha1.SSHHost {
	site := &d.Config.SSHDatacenter.Spec
	host := site.Hosts[index]
	if host.User == "" {
		host.User = site.User
	}
	if host.KeyFile == "" {
		host.KeyFile = site.KeyFile
	}
	if host.Port == 0 {
		host.Port = site.Port
	}
	if host.Port == 0 {
		host.Port = v1alpha1.DefaultSSHPort
	}
	return host
}
