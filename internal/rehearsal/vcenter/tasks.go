package vcenter

import (
	"context"
	"fmt"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// keptTasks is how many tasks can still be asked for. The simulator itself
// forgets none, and searches all its objects often.
const keptTasks = 1024

// taskLog knows the tasks in the order they were made.
type taskLog struct {
	mu   sync.Mutex
	refs []types.ManagedObjectReference
}

// add returns the task that is to be forgotten for ref, if any.
func (l *taskLog) add(ref types.ManagedObjectReference) (old types.ManagedObjectReference, forget bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refs = append(l.refs, ref)
	if len(l.refs) <= keptTasks {
		return old, false
	}
	old, l.refs = l.refs[0], l.refs[1:]
	return old, true
}

// taskHook puts the site's own work around what the simulator's tasks do to
// machines. A task holds its machine's lock while it runs, and tells of its
// end afterwards: what is written here is written before a client can see it.
type taskHook Server

// Reference implements simulator.RegisterObject.
func (h *taskHook) Reference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "RehearsalTaskHook", Value: "RehearsalTaskHook"}
}

// UpdateObject implements simulator.RegisterObject. A task that fails says
// why in a vCenter's words; the simulator's are the names of Go types.
func (h *taskHook) UpdateObject(_ *simulator.Context, obj mo.Reference, _ []types.PropertyChange) {
	task, ok := obj.(*mo.Task)
	if !ok || task.Info.Error == nil {
		return
	}
	switch fault := task.Info.Error.Fault.(type) {
	case *types.NoDiskSpace:
		task.Info.Error.LocalizedMessage = fmt.Sprintf("Insufficient disk space on datastore '%s'.", fault.Datastore)
	case *types.DuplicateName:
		task.Info.Error.LocalizedMessage = fmt.Sprintf("The name '%s' already exists.", fault.Name)
	case *types.InvalidPowerState:
		task.Info.Error.LocalizedMessage = "The attempted operation cannot be performed in the current state."
	case *types.SystemErrorFault:
		task.Info.Error.LocalizedMessage = "A general system error occurred: " + fault.Reason
	}
}

// RemoveObject implements simulator.RegisterObject.
func (h *taskHook) RemoveObject(*simulator.Context, types.ManagedObjectReference) {}

// PutObject implements simulator.RegisterObject. A task is put into the
// registry by the call that makes it, before it starts to run.
func (h *taskHook) PutObject(ctx *simulator.Context, obj mo.Reference) {
	s := (*Server)(h)
	task, ok := obj.(*simulator.Task)
	if !ok {
		return
	}
	if old, forget := s.tasks.add(task.Self); forget {
		s.registry.Remove(ctx, old)
	}
	if task.Info.Entity == nil {
		return
	}
	vm, ok := s.registry.Get(*task.Info.Entity).(*simulator.VirtualMachine)
	if !ok {
		return
	}
	run := task.Execute
	wrap := func(around func(run func() types.BaseMethodFault) types.BaseMethodFault) {
		task.Execute = func(t *simulator.Task) (result types.AnyType, fault types.BaseMethodFault) {
			fault = around(func() types.BaseMethodFault {
				result, fault = run(t)
				return fault
			})
			return result, fault
		}
	}
	switch task.Info.DescriptionId {
	case "VirtualMachine.cloneVm":
		request := s.pending
		if request == nil {
			return
		}
		task.Execute = func(t *simulator.Task) (types.AnyType, types.BaseMethodFault) {
			return s.clone(request, func() (types.AnyType, types.BaseMethodFault) { return run(t) })
		}
	case "VirtualMachine.powerOn":
		wrap(func(run func() types.BaseMethodFault) types.BaseMethodFault { return s.powerOn(vm, run) })
	case "VirtualMachine.powerOff":
		wrap(func(run func() types.BaseMethodFault) types.BaseMethodFault { return s.powerOff(vm, run) })
	case "VirtualMachine.destroy":
		wrap(func(run func() types.BaseMethodFault) types.BaseMethodFault { return s.destroy(vm, run) })
	default: // reconfigured in some way
		wrap(func(run func() types.BaseMethodFault) types.BaseMethodFault {
			fault := run()
			if fault == nil && !vm.Config.Template {
				fault = s.save(vm)
			}
			return fault
		})
	}
}

// powerOn decides on the guest's addresses, writes them with the power state,
// and only then lets the machine have power.
func (s *Server) powerOn(vm *simulator.VirtualMachine, run func() types.BaseMethodFault) types.BaseMethodFault {
	if vm.Config.Template || vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		return run()
	}
	v, err := s.describe(vm)
	if err != nil {
		return s.failed(err)
	}
	addresses := s.opts.Guests.PoweringOn(v)
	v.PoweredOn = true
	for i := range v.Cards {
		if i < len(addresses) {
			v.Cards[i].Address = addresses[i]
		}
	}
	if err := s.keep(v); err != nil {
		return s.failed(err)
	}
	if fault := s.carryOut(vm, run); fault != nil {
		return fault
	}
	s.registry.Update(s.context(), vm, shows(vm, addresses, true))
	s.opts.Guests.PoweredOn(v)
	return nil
}

func (s *Server) powerOff(vm *simulator.VirtualMachine, run func() types.BaseMethodFault) types.BaseMethodFault {
	if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOff {
		return run()
	}
	v, err := s.describe(vm)
	if err != nil {
		return s.failed(err)
	}
	v.PoweredOn = false
	for i := range v.Cards {
		v.Cards[i].Address = Address{}
	}
	if err := s.keep(v); err != nil {
		return s.failed(err)
	}
	if fault := s.carryOut(vm, run); fault != nil {
		return fault
	}
	s.registry.Update(s.context(), vm, shows(vm, nil, false))
	s.opts.Guests.PoweredOff(v)
	return nil
}

// destroy forgets the machine before it goes: clients that look for it never
// find it again, not even after a restart.
func (s *Server) destroy(vm *simulator.VirtualMachine, run func() types.BaseMethodFault) types.BaseMethodFault {
	if vm.Config.Template {
		return run()
	}
	v, err := s.describe(vm)
	if err != nil {
		return s.failed(err)
	}
	if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn { // else it is refused
		if err := s.forget(v); err != nil {
			return s.failed(err)
		}
	}
	if fault := s.carryOut(vm, run); fault != nil {
		return fault
	}
	s.opts.Guests.Destroyed(v)
	return nil
}

// carryOut does what was written down ahead; where that fails, what is
// written is made true of the machine again.
func (s *Server) carryOut(vm *simulator.VirtualMachine, run func() types.BaseMethodFault) types.BaseMethodFault {
	fault := run()
	if fault == nil {
		return nil
	}
	if again := s.save(vm); again != nil {
		return again
	}
	return fault
}

// SetAddresses makes a running guest show addresses, one a card.
func (s *Server) SetAddresses(id string, addresses []Address) error {
	vm, ok := s.registry.Get(types.ManagedObjectReference{Type: "VirtualMachine", Value: id}).(*simulator.VirtualMachine)
	if !ok {
		return fmt.Errorf("there is no machine %s", id)
	}
	var fault types.BaseMethodFault
	ctx := s.context()
	ctx.WithLock(vm, func() {
		if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
			return
		}
		v, err := s.describe(vm)
		if err != nil {
			fault = s.failed(err)
			return
		}
		for i := range v.Cards {
			if i < len(addresses) {
				v.Cards[i].Address = addresses[i]
			}
		}
		if err := s.keep(v); err != nil {
			fault = s.failed(err)
			return
		}
		s.registry.Update(ctx, vm, shows(vm, addresses, true))
	})
	if fault != nil {
		return fmt.Errorf("giving machine %s its address: %w", id, asError(fault))
	}
	return nil
}

// context is for changes that no client asked for.
func (s *Server) context() *simulator.Context {
	return &simulator.Context{Context: context.Background(), Map: s.registry}
}
