package draft

import (
	"groundwork.dev/bootstrap/api/v1alpha1"
)

// hasMachine reports whether the provider has a machine configuration of that
// name.
func (d *Draft) hasMachine(name string) bool {
	switch c := d.Config; d.Provider() {
	case v1alpha1.VSphereDatacenterKind:
		return c.VSphereMachines[name] != nil
	case v1alpha1.TinkerbellDatacenterKind:
		return c.TinkerbellMachines[name] != nil
	default:
		return c.SSHMachines[name] != nil
	}
}

// addMachine adds a machine configuration with nothing but what every cluster
// can begin with.
func (d *Draft) addMachine(name string) {
	switch c := d.Config; d.Provider() {
	case v1alpha1.VSphereDatacenterKind:
		put(&c.VSphereMachines, name, &v1alpha1.VSphereMachineConfig{Spec: v1alpha1.VSphereMachineConfigSpec{
			NumCPUs: v1alpha1.DefaultNumCPUs, MemoryMiB: v1alpha1.DefaultMemoryMiB, DiskGiB: v1alpha1.DefaultDiskGiB,
			OSFamily: v1alpha1.Ubuntu, Users: []v1alpha1.UserConfiguration{{Name: v1alpha1.DefaultUser}},
		}}).Name = name
	case v1alpha1.TinkerbellDatacenterKind:
		put(&c.TinkerbellMachines, name, &v1alpha1.TinkerbellMachineConfig{Spec: v1alpha1.TinkerbellMachineConfigSpec{
			OSFamily: v1alpha1.Ubuntu, Users: []v1alpha1.UserConfiguration{{Name: v1alpha1.DefaultBottlerocketUser}},
		}}).Name = name
	default:
		put(&c.SSHMachines, name, &v1alpha1.SSHMachineConfig{}).Name = name
	}
}

// copyMachine adds a copy of a machine configuration, but for what chooses its
// servers: two groups would claim the same.
func (d *Draft) copyMachine(from, to string) {
	switch c := d.Config; d.Provider() {
	case v1alpha1.VSphereDatacenterKind:
		put(&c.VSphereMachines, to, clone(c.VSphereMachines[from])).Name = to
	case v1alpha1.TinkerbellDatacenterKind:
		machine := put(&c.TinkerbellMachines, to, clone(c.TinkerbellMachines[from]))
		machine.Name, machine.Spec.HardwareSelector, machine.Spec.HardwareAffinity = to, nil, nil
	default:
		machine := put(&c.SSHMachines, to, clone(c.SSHMachines[from]))
		machine.Name, machine.Spec.HardwareSelector = to, nil
	}
	// Its addresses come from where those of the original do.
	for _, pool := range d.Config.AddressPools {
		for _, ref := range pool.Spec.MachineConfigRefs {
			if ref.Kind == d.MachineKind() && ref.Name == from {
				pool.Spec.MachineConfigRefs = append(pool.Spec.MachineConfigRefs, v1alpha1.Ref{Kind: ref.Kind, Name: to})
				break
			}
		}
	}
}

// dropMachine removes a machine configuration that nothing uses any more.
func (d *Draft) dropMachine(name string) {
	for _, ref := range d.refs() {
		if r := *ref.ref; r != nil && r.Kind == d.MachineKind() && r.Name == name {
			return
		}
	}
	switch c := d.Config; d.Provider() {
	case v1alpha1.VSphereDatacenterKind:
		delete(c.VSphereMachines, name)
	case v1alpha1.TinkerbellDatacenterKind:
		delete(c.TinkerbellMachines, name)
	default:
		delete(c.SSHMachines, name)
	}
	for _, pool := range d.Config.AddressPools {
		var kept []v1alpha1.Ref
		for _, ref := range pool.Spec.MachineConfigRefs {
			if ref.Kind != d.MachineKind() || ref.Name != name {
				kept = append(kept, ref)
			}
		}
		pool.Spec.MachineConfigRefs = kept
	}
}

// renameMachine gives a machine configuration another name wherever it is
// named; it keeps its own where the new one is taken.
func (d *Draft) renameMachine(from, to string) {
	if from == to || !d.hasMachine(from) || d.hasMachine(to) {
		return
	}
	switch c := d.Config; d.Provider() {
	case v1alpha1.VSphereDatacenterKind:
		move(c.VSphereMachines, from, to).Name = to
	case v1alpha1.TinkerbellDatacenterKind:
		machine := move(c.TinkerbellMachines, from, to)
		machine.Name = to
		// Generated templates have the name of their machines.
		if template := machine.Spec.TemplateRef; template.Name == from && c.TinkerbellTemplates[from] != nil && c.TinkerbellTemplates[to] == nil {
			move(c.TinkerbellTemplates, from, to).Name = to
			for _, other := range c.TinkerbellMachines {
				if other.Spec.TemplateRef == template {
					other.Spec.TemplateRef.Name = to
				}
			}
		}
	default:
		move(c.SSHMachines, from, to).Name = to
	}
	renamed := func(ref *v1alpha1.Ref) {
		if ref != nil && ref.Kind == d.MachineKind() && ref.Name == from {
			ref.Name = to
		}
	}
	for _, ref := range d.refs() {
		renamed(*ref.ref)
	}
	for _, pool := range d.Config.AddressPools {
		for i := range pool.Spec.MachineConfigRefs {
			renamed(&pool.Spec.MachineConfigRefs[i])
		}
	}
}

func put[T any](objects *map[string]*T, name string, object *T) *T {
	if *objects == nil {
		*objects = map[string]*T{}
	}
	(*objects)[name] = object
	return object
}

func move[T any](objects map[string]*T, from, to string) *T {
	object := objects[from]
	delete(objects, from)
	objects[to] = object
	return object
}
