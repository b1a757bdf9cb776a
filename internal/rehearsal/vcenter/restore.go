package vcenter

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/internal/rehearsal/store"
)

// save writes a machine as it is. The caller holds its lock.
func (s *Server) save(vm *simulator.VirtualMachine) types.BaseMethodFault {
	v, err := s.describe(vm)
	if err == nil {
		err = s.keep(v)
	}
	if err != nil {
		return s.failed(err)
	}
	return nil
}

// keep writes a record, and returns when it can no longer be lost.
func (s *Server) keep(v VM) error {
	if err := s.opts.Store.Put(recordKind, v.UUID, v); err != nil {
		return err
	}
	if err := s.opts.Store.Sync(); err != nil {
		return err
	}
	s.identities.add(v)
	return nil
}

func (s *Server) forget(v VM) error {
	if err := s.opts.Store.Delete(recordKind, v.UUID); err != nil {
		return err
	}
	if err := s.opts.Store.Sync(); err != nil {
		return err
	}
	s.identities.remove(v)
	return nil
}

// failed is the fault that tells a client that the site itself is broken.
func (s *Server) failed(err error) types.BaseMethodFault {
	s.log.Error("the simulated vCenter cannot go on", "error", err)
	return &types.SystemErrorFault{Reason: err.Error()}
}

func asError(fault types.BaseMethodFault) error {
	if system, ok := fault.(*types.SystemErrorFault); ok {
		return errors.New(system.Reason)
	}
	return fmt.Errorf("%T", fault)
}

// Machines returns the machines in the store, in the order they were made.
func Machines(s *store.Store) ([]VM, error) {
	var all []VM
	err := s.Each(recordKind, func(_ string, value json.RawMessage) error {
		var v VM
		if err := json.Unmarshal(value, &v); err != nil {
			return err
		}
		all = append(all, v)
		return nil
	})
	slices.SortFunc(all, func(a, b VM) int { return cmp.Compare(number(a.ID), number(b.ID)) })
	return all, err
}

// number is the number at the end of a managed object's value.
func number(id string) int64 {
	n, err := strconv.ParseInt(id[strings.LastIndex(id, "-")+1:], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// epochKind is the kind of the one record that counts the site's starts.
const epochKind = "epoch"

// epochLength is how many objects can be made in one life of the process.
// Every life numbers its objects from another multiple of it, so that a
// client that remembers a task of an earlier one never finds another's.
const epochLength = 1_000_000

func (s *Server) restore(ctx context.Context) error {
	epoch := int64(0)
	err := s.opts.Store.Each(epochKind, func(_ string, value json.RawMessage) error { return json.Unmarshal(value, &epoch) })
	if err != nil {
		return err
	}
	epoch++
	if err := s.opts.Store.Put(epochKind, "", epoch); err != nil {
		return err
	}
	machines, err := Machines(s.opts.Store)
	if err != nil {
		return err
	}
	made := make([]*simulator.VirtualMachine, len(machines))
	for i, v := range machines {
		if made[i], err = s.remake(ctx, v); err != nil {
			return fmt.Errorf("machine %s: %w", v.Name, err)
		}
	}
	for i, v := range machines {
		if err := s.resume(ctx, made[i], v); err != nil {
			return fmt.Errorf("machine %s: %w", v.Name, err)
		}
	}
	// The tasks that made the machines again have numbers of earlier lives.
	for _, task := range s.registry.AllReference("Task") {
		s.registry.Remove(s.context(), task.Reference())
	}
	return s.countFrom(epoch * epochLength)
}

// countFrom makes the next object's number n+1. The simulator only offers to
// continue after the highest number that is in use.
func (s *Server) countFrom(n int64) error {
	mark := &mo.Task{}
	mark.Self = types.ManagedObjectReference{Type: "Task", Value: fmt.Sprintf("task-%d", n)}
	s.registry.Put(mark)
	defer s.registry.Remove(s.context(), mark.Self)
	return s.registry.AlignCounter()
}

// remake makes a machine from its record, by the vSphere API. Where it can it
// gives it its old number, too: the task that makes it takes one number, the
// machine the next.
func (s *Server) remake(ctx context.Context, v VM) (*simulator.VirtualMachine, error) {
	_, ds, _ := cutLast(v.Datastore)
	spec := types.VirtualMachineConfigSpec{
		Name: v.Name, Uuid: v.UUID, InstanceUuid: v.InstanceUUID, Version: v.Version, GuestId: guestID, NumCPUs: v.CPUs, MemoryMB: v.MemoryMiB,
		Files: &types.VirtualMachineFileInfo{VmPathName: "[" + ds + "]"},
	}
	for _, key := range slices.Sorted(maps.Keys(v.Config)) {
		spec.ExtraConfig = append(spec.ExtraConfig, &types.OptionValue{Key: key, Value: v.Config[key]})
	}
	var cards []types.BaseVirtualDevice
	for _, c := range v.Cards {
		card, err := s.card(ctx, c.Network, c.MAC)
		if err != nil {
			return nil, err
		}
		cards = append(cards, card)
	}
	var err error
	if spec.DeviceChange, err = hardware(v.Disks, cards...); err != nil {
		return nil, err
	}
	for _, path := range []string{v.Folder, v.Pool, v.Host} {
		if _, ok := s.places[path]; !ok {
			return nil, fmt.Errorf("it lies in %s, which the inventory does not have", path)
		}
	}
	if err := s.countFrom(number(v.ID) - 2); err != nil {
		return nil, err
	}
	info, err := finished(ctx)(object.NewFolder(s.client, s.places[v.Folder]).CreateVM(ctx, spec,
		object.NewResourcePool(s.client, s.places[v.Pool]), object.NewHostSystem(s.client, s.places[v.Host])))
	if err != nil {
		return nil, err
	}
	return s.registry.Get(info.Result.(types.ManagedObjectReference)).(*simulator.VirtualMachine), nil
}

// resume gives a machine that was made again its power and its addresses.
func (s *Server) resume(ctx context.Context, vm *simulator.VirtualMachine, v VM) error {
	if v.ID != vm.Self.Value {
		v.ID = vm.Self.Value
		return errors.Join(s.keep(v), s.resume(ctx, vm, v))
	}
	s.identities.add(v)
	if !v.PoweredOn {
		return nil
	}
	if _, err := finished(ctx)(object.NewVirtualMachine(s.client, vm.Self).PowerOn(ctx)); err != nil {
		return err
	}
	var addresses []Address
	for _, c := range v.Cards {
		addresses = append(addresses, c.Address)
	}
	sim := s.context()
	sim.WithLock(vm, func() { s.registry.Update(sim, vm, shows(vm, addresses, true)) })
	return nil
}
