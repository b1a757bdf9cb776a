package rehearsal

import (
	"cmp"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
	"groundwork.dev/bootstrap/internal/rehearsal/vcenter"
)

// HasSpace implements vcenter.Guests.
func (h *guests) HasSpace(name string) bool {
	s := (*Site)(h)
	full := s.full()
	if full {
		s.note(Action{Kind: CloneFailed, Machine: name, Detail: "the datastore is full"})
	}
	return !full
}

// Cloned implements vcenter.Guests.
func (h *guests) Cloned(vm vcenter.VM) {
	s := (*Site)(h)
	s.guest(vm)
	s.note(Action{Kind: Cloned, Machine: vm.Name, Detail: vm.Folder})
}

// PoweringOn implements vcenter.Guests.
func (h *guests) PoweringOn(vm vcenter.VM) []vcenter.Address {
	s := (*Site)(h)
	g := s.guest(vm)
	if g.Ordinal == 0 {
		role, err := machine.RoleOf(vm.Config)
		if err != nil {
			s.log.Debug("a machine's role is not known", "machine", vm.Name, "error", err)
		}
		s.mu.Lock()
		g.Role = role
		s.powerOn[g.Group()]++
		g.Ordinal = s.powerOn[g.Group()]
		err = s.store.Put(guestKind, vm.UUID, g) // the vCenter syncs it with the power state
		s.mu.Unlock()
		if err != nil {
			s.log.Error("a machine's state is not kept", "machine", vm.Name, "error", err)
		}
	}
	if hit, _ := s.struck(NoAddress, g); hit != nil {
		return nil
	}
	return s.lease(vm)
}

// PoweredOn implements vcenter.Guests.
func (h *guests) PoweredOn(vm vcenter.VM) {
	s := (*Site)(h)
	g := s.guest(vm)
	s.note(Action{Kind: PoweredOn, Machine: vm.Name, Detail: strings.Join(vm.Addresses(), ", ")})
	s.boot(g)
	s.powered()
}

// PoweredOff implements vcenter.Guests.
func (h *guests) PoweredOff(vm vcenter.VM) {
	s := (*Site)(h)
	s.releaseAddresses(vm)
	g := s.guest(vm)
	if g.Node != "" {
		if err := s.cluster.Stop(s.ctx, g.Node); err != nil {
			s.log.Error("a machine without power is still in its cluster", "machine", vm.Name, "error", err)
		}
	}
	s.note(Action{Kind: PoweredOff, Machine: vm.Name})
}

// releaseAddresses gives back the leases that vm had until now.
func (s *Site) releaseAddresses(vm vcenter.VM) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.guests[vm.UUID]; g != nil {
		for _, card := range g.vm.Cards {
			if card.Address.IsValid() {
				s.dhcp.release(card.Address)
			}
		}
	}
}

// Destroyed implements vcenter.Guests.
func (h *guests) Destroyed(vm vcenter.VM) {
	s := (*Site)(h)
	s.releaseAddresses(vm)
	g := s.guest(vm)
	if g.Node != "" {
		if err := s.cluster.Remove(s.ctx, g.Node); err != nil {
			s.log.Error("a destroyed machine is still in its cluster", "machine", vm.Name, "error", err)
		}
	}
	s.mu.Lock()
	delete(s.guests, vm.UUID)
	s.mu.Unlock()
	if err := s.store.Delete(guestKind, vm.UUID); err != nil {
		s.log.Error("a destroyed machine's state is still kept", "machine", vm.Name, "error", err)
	}
	s.note(Action{Kind: Destroyed, Machine: vm.Name})
}

// Machines are the virtual machines that exist, by name, templates left out.
func (s *Site) Machines() []Machine {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Machine, 0, len(s.guests))
	for _, g := range s.guests {
		m := Machine{
			Name: g.vm.Name, UUID: g.vm.UUID, InstanceUUID: g.vm.InstanceUUID, PoweredOn: g.vm.PoweredOn,
			Role: string(g.Role), Node: g.Node, Problem: g.problem,
		}
		if addresses := g.vm.Addresses(); len(addresses) > 0 {
			m.Address = addresses[0]
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Machine) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
