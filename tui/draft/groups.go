package draft

import (
	"encoding/json"
	"fmt"
	"slices"

	"k8s.io/utils/ptr"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// Groups are the worker groups.
func (d *Draft) Groups() []v1alpha1.WorkerNodeGroupConfiguration {
	return d.Config.Cluster.Spec.WorkerNodeGroupConfigurations
}

// Group is the worker group at index, to be changed in place.
func (d *Draft) Group(index int) *v1alpha1.WorkerNodeGroupConfiguration {
	return &d.Config.Cluster.Spec.WorkerNodeGroupConfigurations[index]
}

// AddGroup adds a worker group of one machine, with a machine configuration of
// its own that is as the last group's, and returns its index.
func (d *Draft) AddGroup() int {
	groups := &d.Config.Cluster.Spec.WorkerNodeGroupConfigurations
	name := ""
	for n := len(*groups); ; n++ {
		name = fmt.Sprintf("md-%d", n)
		if !slices.ContainsFunc(*groups, func(g v1alpha1.WorkerNodeGroupConfiguration) bool { return g.Name == name }) {
			break
		}
	}
	machine := d.freeName(machineName(d.baseName(), groupSuffix(name)))
	from := d.ControlPlane().MachineGroupRef
	if len(*groups) > 0 {
		from = (*groups)[len(*groups)-1].MachineGroupRef
	}
	group := v1alpha1.WorkerNodeGroupConfiguration{Name: name, Count: ptr.To(1),
		MachineGroupRef: &v1alpha1.Ref{Kind: d.MachineKind(), Name: machine}}
	if len(*groups) > 0 {
		group.UpgradeRolloutStrategy = clone((*groups)[len(*groups)-1].UpgradeRolloutStrategy)
	}
	if from != nil && from.Kind == d.MachineKind() && d.hasMachine(from.Name) {
		d.copyMachine(from.Name, machine)
	} else {
		d.addMachine(machine)
	}
	*groups = append(*groups, group)
	d.Changed()
	return len(*groups) - 1
}

// RemoveGroup removes the worker group at index, and its machine configuration
// where no other uses it.
func (d *Draft) RemoveGroup(index int) {
	groups := &d.Config.Cluster.Spec.WorkerNodeGroupConfigurations
	ref := (*groups)[index].MachineGroupRef
	*groups = slices.Delete(*groups, index, index+1)
	if len(*groups) == 0 {
		*groups = nil
	}
	if ref != nil {
		d.dropMachine(ref.Name)
	}
	d.Changed()
}

// RenameGroup gives the worker group at index another name, and its machine
// configuration too where that is its alone and named for it.
func (d *Draft) RenameGroup(index int, name string) {
	group := d.Group(index)
	own := d.ownsMachine(index) && group.MachineGroupRef.Name == machineName(d.baseName(), groupSuffix(group.Name))
	group.Name = name
	if own && name != "" {
		d.renameMachine(group.MachineGroupRef.Name, machineName(d.baseName(), groupSuffix(name)))
	}
	d.Changed()
}

// ownsMachine reports whether the machine configuration of the worker group at
// index is used by no other.
func (d *Draft) ownsMachine(index int) bool {
	own := d.Group(index).MachineGroupRef
	if own == nil {
		return false
	}
	users := 0
	for _, ref := range d.refs() {
		if r := *ref.ref; r != nil && *r == *own {
			users++
		}
	}
	return users == 1
}

// ShareMachine lets the worker group at index use a machine configuration that
// is there already; its former one goes where no other uses it.
func (d *Draft) ShareMachine(index int, name string) {
	group := d.Group(index)
	former := group.MachineGroupRef
	group.MachineGroupRef = &v1alpha1.Ref{Kind: d.MachineKind(), Name: name}
	if former != nil && former.Name != name {
		d.dropMachine(former.Name)
	}
	d.Changed()
}

// OwnMachine gives the worker group at index a machine configuration of its
// own where it shares one: a copy.
func (d *Draft) OwnMachine(index int) {
	group := d.Group(index)
	if group.MachineGroupRef != nil && d.ownsMachine(index) {
		return
	}
	name := d.freeName(machineName(d.baseName(), groupSuffix(group.Name)))
	if shared := group.MachineGroupRef; shared != nil && d.hasMachine(shared.Name) {
		d.copyMachine(shared.Name, name)
	} else {
		d.addMachine(name)
	}
	group.MachineGroupRef = &v1alpha1.Ref{Kind: d.MachineKind(), Name: name}
	d.Changed()
}

// clone is a deep copy of a value of the configuration, through the JSON that
// makes the file. The one thing that does not survive it, the licence token,
// is in none of what is copied.
func clone[T any](value *T) *T {
	if value == nil {
		return nil
	}
	copied := new(T)
	data, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(data, copied)
	}
	if err != nil {
		*copied = *value
	}
	return copied
}

// AddEtcd puts etcd on 3 machines of its own, which are as those of the
// control plane.
func (d *Draft) AddEtcd() {
	spec := &d.Config.Cluster.Spec
	if spec.ExternalEtcdConfiguration != nil {
		return
	}
	name := d.freeName(machineName(d.baseName(), "etcd"))
	if from := d.ControlPlane().MachineGroupRef; from != nil && d.hasMachine(from.Name) {
		d.copyMachine(from.Name, name)
	} else {
		d.addMachine(name)
	}
	spec.ExternalEtcdConfiguration = &v1alpha1.ExternalEtcdConfiguration{Count: 3, MachineGroupRef: &v1alpha1.Ref{Kind: d.MachineKind(), Name: name}}
	d.Changed()
}

// RemoveEtcd puts etcd on the control plane's machines.
func (d *Draft) RemoveEtcd() {
	spec := &d.Config.Cluster.Spec
	etcd := spec.ExternalEtcdConfiguration
	if etcd == nil {
		return
	}
	spec.ExternalEtcdConfiguration = nil
	if etcd.MachineGroupRef != nil {
		d.dropMachine(etcd.MachineGroupRef.Name)
	}
	d.Changed()
}
