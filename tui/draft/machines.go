package draft

import (
	"fmt"
	"slices"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// machineKinds are the kinds of machine configurations by the kind of the
// datacenter.
var machineKinds = map[string]string{
	v1alpha1.VSphereDatacenterKind:    v1alpha1.VSphereMachineConfigKind,
	v1alpha1.TinkerbellDatacenterKind: v1alpha1.TinkerbellMachineConfigKind,
	v1alpha1.SSHDatacenterKind:        v1alpha1.SSHMachineConfigKind,
}

// MachineKind is the kind of the provider's machine configurations.
func (d *Draft) MachineKind() string { return machineKinds[d.Provider()] }

// Machine is one machine configuration and what it is used for. Of VSphere,
// Tinkerbell and SSH, the provider's is set.
type Machine struct {
	Name string
	// Groups are what its machines are: "control plane", or the names of
	// worker groups.
	Groups     []string
	VSphere    *v1alpha1.VSphereMachineConfig
	Tinkerbell *v1alpha1.TinkerbellMachineConfig
	SSH        *v1alpha1.SSHMachineConfig
}

// ControlPlaneGroup and EtcdGroup stand among Machine.Groups for the machines
// that are in no worker group.
const (
	ControlPlaneGroup = "control plane"
	EtcdGroup         = "etcd"
)

// Machines are the machine configurations that are in use, each once: the
// control plane's first, then those of the worker groups in their order.
func (d *Draft) Machines() []Machine {
	var all []Machine
	for _, ref := range d.refs() {
		r := *ref.ref
		if r == nil || r.Kind != d.MachineKind() || !d.hasMachine(r.Name) {
			continue
		}
		if i := slices.IndexFunc(all, func(m Machine) bool { return m.Name == r.Name }); i >= 0 {
			all[i].Groups = append(all[i].Groups, ref.group)
			continue
		}
		all = append(all, Machine{Name: r.Name, Groups: []string{ref.group},
			VSphere: d.Config.VSphereMachines[r.Name], Tinkerbell: d.Config.TinkerbellMachines[r.Name], SSH: d.Config.SSHMachines[r.Name]}.of(d.Provider()))
	}
	return all
}

// of keeps the configuration of the provider alone: another kind's may have
// the same name.
func (m Machine) of(provider string) Machine {
	if provider != v1alpha1.VSphereDatacenterKind {
		m.VSphere = nil
	}
	if provider != v1alpha1.TinkerbellDatacenterKind {
		m.Tinkerbell = nil
	}
	if provider != v1alpha1.SSHDatacenterKind {
		m.SSH = nil
	}
	return m
}

// Object is the machine configuration as problems name it.
func (m Machine) Object() string {
	switch {
	case m.VSphere != nil:
		return Object(v1alpha1.VSphereMachineConfigKind, m.Name)
	case m.Tinkerbell != nil:
		return Object(v1alpha1.TinkerbellMachineConfigKind, m.Name)
	}
	return Object(v1alpha1.SSHMachineConfigKind, m.Name)
}

// Users are the users of its machines.
func (m Machine) Users() *[]v1alpha1.UserConfiguration {
	switch {
	case m.VSphere != nil:
		return &m.VSphere.Spec.Users
	case m.Tinkerbell != nil:
		return &m.Tinkerbell.Spec.Users
	}
	return &m.SSH.Spec.Users
}

// HostOS is the settings of its machines' operating system.
func (m Machine) HostOS() **v1alpha1.HostOSConfiguration {
	switch {
	case m.VSphere != nil:
		return &m.VSphere.Spec.HostOSConfiguration
	case m.Tinkerbell != nil:
		return &m.Tinkerbell.Spec.HostOSConfiguration
	}
	return &m.SSH.Spec.HostOSConfiguration
}

// OSFamily is what its machines run.
func (m Machine) OSFamily() *v1alpha1.OSFamily {
	switch {
	case m.VSphere != nil:
		return &m.VSphere.Spec.OSFamily
	case m.Tinkerbell != nil:
		return &m.Tinkerbell.Spec.OSFamily
	}
	return &m.SSH.Spec.OSFamily
}

// groupRef is a place that refers to a machine configuration.
type groupRef struct {
	ref **v1alpha1.Ref
	// group is what is there, suffix what its machine configuration's name has
	// after the cluster's.
	group, suffix string
}

// refs are all places that refer to machine configurations.
func (d *Draft) refs() []groupRef {
	spec := &d.Config.Cluster.Spec
	all := []groupRef{{&spec.ControlPlaneConfiguration.MachineGroupRef, ControlPlaneGroup, "cp"}}
	for i := range spec.WorkerNodeGroupConfigurations {
		group := &spec.WorkerNodeGroupConfigurations[i]
		all = append(all, groupRef{&group.MachineGroupRef, group.Name, groupSuffix(group.Name)})
	}
	if etcd := spec.ExternalEtcdConfiguration; etcd != nil {
		all = append(all, groupRef{&etcd.MachineGroupRef, EtcdGroup, "etcd"})
	}
	return all
}

// firstGroup is the worker group whose machine configuration has the
// cluster's own name.
const firstGroup = "md-0"

func groupSuffix(group string) string {
	if group == firstGroup {
		return ""
	}
	return group
}

// machineName names a machine configuration as EKS Anywhere does.
func machineName(cluster, suffix string) string {
	if suffix == "" {
		return cluster
	}
	return cluster + "-" + suffix
}

// unnamed stands for the name of a cluster that has none yet.
const unnamed = "cluster"

// baseName is what other objects' names begin with.
func (d *Draft) baseName() string {
	if name := d.Name(); name != "" {
		return name
	}
	return unnamed
}

// freeName is name, or with a number where that is taken.
func (d *Draft) freeName(name string) string {
	free := name
	for n := 2; d.hasMachine(free); n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free
}
