package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
	"groundwork.dev/bootstrap/internal/rehearsal/vcenter"
	"groundwork.dev/bootstrap/internal/rehearsal/workload"
)

// guestKind is the kind of the guests' records in the store.
const guestKind = "guest"

// guest is what runs in a virtual machine. Its exported fields are kept.
type guest struct {
	vm vcenter.VM

	Role machine.Role `json:"role,omitempty"`
	// Ordinal counts the machines of its group in the order they first had
	// power, from 1.
	Ordinal int `json:"ordinal"`
	// Node is set once it has joined.
	Node string `json:"node,omitempty"`

	problem string
	cancel  context.CancelFunc // ends the boot
	done    chan struct{}      // closed when the boot has ended; nil without one
}

// Group is the role as faults name it.
func (g *guest) Group() string {
	if g.Role == machine.Init {
		return string(machine.ControlPlane)
	}
	return string(g.Role)
}

// wait waits for the boot to end.
func (g *guest) wait() {
	if g.done != nil {
		<-g.done
	}
}

// halt ends the boot.
func (g *guest) halt() {
	if g.cancel != nil {
		g.cancel()
	}
	g.wait()
}

// resume brings the machines of an earlier life of the site back to where
// they were.
func (s *Site) resume(machines []vcenter.VM) error {
	known := map[string]bool{}
	for _, vm := range machines {
		g := &guest{vm: vm}
		s.guests[vm.UUID] = g
		known[vm.UUID] = true
		for _, card := range vm.Cards {
			if card.Address.IsValid() {
				s.dhcp.hold(card.Address)
			}
		}
	}
	var orphans []string
	err := s.store.Each(guestKind, func(uuid string, value json.RawMessage) error {
		if !known[uuid] {
			orphans = append(orphans, uuid)
			g := &guest{}
			if err := json.Unmarshal(value, g); err != nil || g.Node == "" {
				return err
			}
			return s.cluster.Remove(s.ctx, g.Node)
		}
		g := s.guests[uuid]
		if err := json.Unmarshal(value, g); err != nil {
			return err
		}
		s.powerOn[g.Group()] = max(s.powerOn[g.Group()], g.Ordinal)
		return nil
	})
	if err != nil {
		return err
	}
	for _, uuid := range orphans {
		if err := s.store.Delete(guestKind, uuid); err != nil {
			return err
		}
	}
	for _, vm := range machines {
		g := s.guests[vm.UUID]
		switch {
		case !vm.PoweredOn && g.Node != "":
			err = s.cluster.Stop(s.ctx, g.Node)
		case vm.PoweredOn:
			s.boot(g)
			if g.Node != "" { // its servers are there before the first client
				g.wait()
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// guests implements vcenter.Guests.
type guests Site

// guest is what runs in vm. Nothing runs while vm changes.
func (s *Site) guest(vm vcenter.VM) *guest {
	s.mu.Lock()
	g := s.guests[vm.UUID]
	if g == nil {
		g = &guest{}
		s.guests[vm.UUID] = g
	}
	s.mu.Unlock()
	g.halt()
	s.mu.Lock()
	defer s.mu.Unlock()
	g.vm = vm
	return g
}

// boot starts what a machine does when it has power.
func (s *Site) boot(g *guest) {
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan struct{})
	s.mu.Lock()
	g.cancel, g.done, g.problem = cancel, done, ""
	s.mu.Unlock()
	go func() {
		defer close(done)
		defer cancel()
		s.run(ctx, g)
	}()
}

// run is the machine from its first instruction until it is a node, or until
// it is sure that it never will be.
func (s *Site) run(ctx context.Context, g *guest) {
	if !s.address(ctx, g) || !s.free(ctx, NeverJoins, g, "it hangs before kubeadm: the fault "+string(NeverJoins)) {
		return
	}
	vm := g.vm
	host, _, _ := net.SplitHostPort(s.endpoint)
	addresses := vm.Addresses()
	boot, err := machine.Read(vm.Config, addresses[0], machine.Site{Endpoint: host, KubeVIP: s.kubeVIP})
	if err != nil {
		problem := strings.Join(strings.Split(err.Error(), "\n"), "; ")
		s.setProblem(g, problem)
		s.note(Action{Kind: BootFailed, Machine: vm.Name, Detail: problem})
		return
	}
	node := workload.Node{Name: boot.NodeName, UUID: vm.UUID, Addresses: addresses, CPUs: vm.CPUs, MemoryMiB: vm.MemoryMiB, Kubelet: vm.Kubernetes}
	if g.Node != "" {
		if err := s.cluster.Resume(ctx, boot, node); err != nil {
			s.setProblem(g, err.Error())
		}
		return
	}
	s.note(Action{Kind: Booted, Machine: vm.Name, Detail: string(boot.Role)})
	s.join(ctx, g, boot, node)
}

// join tries until the machine is a node. Like kubeadm it waits for what may
// come, but not by the clock.
func (s *Site) join(ctx context.Context, g *guest, boot *machine.Boot, node workload.Node) {
	for {
		changed := s.cluster.Changed()
		err := s.cluster.Join(ctx, boot, node)
		switch {
		case errors.Is(err, workload.ErrNotYet):
			s.setProblem(g, err.Error())
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return
			}
		case err != nil:
			s.setProblem(g, err.Error())
			s.note(Action{Kind: BootFailed, Machine: g.vm.Name, Detail: err.Error()})
			return
		}
		break
	}
	s.mu.Lock()
	g.Node, g.problem = node.Name, ""
	if !boot.ProviderID {
		g.problem = "nothing tells its kubelet which virtual machine it is on: Cluster API cannot find its node"
	}
	err := s.store.Put(guestKind, g.vm.UUID, g)
	s.mu.Unlock()
	if err != nil {
		s.log.Error("a machine's state is not kept", "machine", node.Name, "error", err)
	}
	s.note(Action{Kind: Joined, Machine: g.vm.Name, Detail: string(boot.Role)})
}

// address waits until the machine has an address; false when it lost power.
func (s *Site) address(ctx context.Context, g *guest) bool {
	if len(g.vm.Addresses()) > 0 {
		return true
	}
	if !s.free(ctx, NoAddress, g, "no DHCP server answers it: the fault "+string(NoAddress)) {
		return false
	}
	addresses := s.lease(g.vm)
	if !slices.ContainsFunc(addresses, vcenter.Address.IsValid) {
		s.setProblem(g, "it has no network card that gets an address")
		return false
	}
	if err := s.vcenter.SetAddresses(g.vm.ID, addresses); err != nil {
		s.setProblem(g, err.Error())
		return false
	}
	s.mu.Lock()
	for i := range g.vm.Cards {
		g.vm.Cards[i].Address = addresses[i]
	}
	s.mu.Unlock()
	s.note(Action{Kind: Addressed, Machine: g.vm.Name, Detail: strings.Join(g.vm.Addresses(), ", ")})
	return true
}

// free waits until no fault of a kind holds the machine back.
func (s *Site) free(ctx context.Context, kind FaultKind, g *guest, problem string) bool {
	for {
		hit, changed := s.struck(kind, g)
		if hit == nil {
			s.setProblem(g, "")
			return true
		}
		s.setProblem(g, problem)
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

func (s *Site) setProblem(g *guest, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.problem = problem
}

// lease finds the addresses of a machine's cards: those that its metadata
// asks for, and leases for the others.
func (s *Site) lease(vm vcenter.VM) []vcenter.Address {
	metadata, err := machine.ReadMetadata(vm.Config)
	addresses := make([]vcenter.Address, len(vm.Cards))
	for i, card := range vm.Cards {
		if err == nil {
			if static, ok := metadata.Static(card.MAC); ok {
				addresses[i] = static
				continue
			}
		}
		addresses[i] = s.dhcp.lease(i)
	}
	return addresses
}
