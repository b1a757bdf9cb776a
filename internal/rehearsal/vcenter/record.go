package vcenter

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// recordKind is the kind of the machines' records in the store.
const recordKind = "vm"

// VM is a virtual machine as it is kept: everything in words that mean the
// same in an inventory made anew.
type VM struct {
	Name string `json:"name"`
	// ID is the managed object's value, such as "vm-123"; it stays the same
	// too.
	ID           string `json:"id"`
	UUID         string `json:"uuid"`
	InstanceUUID string `json:"instanceUUID"`
	// Folder, Pool, Host and Datastore are inventory paths.
	Folder    string `json:"folder"`
	Pool      string `json:"pool"`
	Host      string `json:"host"`
	Datastore string `json:"datastore"`
	Version   string `json:"version,omitempty"`
	CPUs      int32  `json:"cpus"`
	MemoryMiB int64  `json:"memoryMiB"`
	// Disks are sizes in KiB.
	Disks []int64 `json:"disks"`
	Cards []Card  `json:"cards"`
	// Config is the extra configuration, bootstrap data included.
	Config map[string]string `json:"config"`
	// Kubernetes is the version of the template's kubelet; "" if unknown.
	Kubernetes string `json:"kubernetes,omitempty"`
	PoweredOn  bool   `json:"poweredOn"`
}

// Card is a network card; Network is an inventory path.
type Card struct {
	Network string  `json:"network"`
	MAC     string  `json:"mac"`
	Address Address `json:"address,omitzero"`
}

// Address is what a guest shows for one card; invalid while it has none.
type Address = netip.Prefix

// Addresses are those that the guest shows.
func (v VM) Addresses() []string {
	var all []string
	for _, card := range v.Cards {
		if card.Address.IsValid() {
			all = append(all, card.Address.Addr().String())
		}
	}
	return all
}

// describe makes the record of a machine. The caller holds the machine's lock.
func (s *Server) describe(vm *simulator.VirtualMachine) (VM, error) {
	v := VM{
		Name: vm.Name, ID: vm.Self.Value, UUID: vm.Config.Uuid, InstanceUUID: vm.Config.InstanceUuid, Version: vm.Config.Version,
		CPUs: vm.Config.Hardware.NumCPU, MemoryMiB: int64(vm.Config.Hardware.MemoryMB),
		PoweredOn: vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn, Config: map[string]string{},
	}
	var missing []string
	place := func(ref *types.ManagedObjectReference) string {
		if ref == nil || s.names[*ref] == "" {
			missing = append(missing, fmt.Sprint(ref))
			return ""
		}
		return s.names[*ref]
	}
	v.Folder, v.Pool, v.Host = place(vm.Parent), place(vm.ResourcePool), place(vm.Runtime.Host)
	if len(vm.Datastore) > 0 {
		v.Datastore = place(&vm.Datastore[0])
	}
	for _, option := range vm.Config.ExtraConfig {
		o := option.GetOptionValue()
		if text, ok := o.Value.(string); ok {
			v.Config[o.Key] = text
		}
	}
	v.Kubernetes = v.Config[kubernetesKey]
	for _, device := range vm.Config.Hardware.Device {
		switch d := device.(type) {
		case *types.VirtualDisk:
			v.Disks = append(v.Disks, d.CapacityInKB)
		case types.BaseVirtualEthernetCard:
			nic := d.GetVirtualEthernetCard()
			v.Cards = append(v.Cards, Card{Network: place(network(nic.Backing)), MAC: nic.MacAddress, Address: shown(vm, nic.MacAddress)})
		}
	}
	if len(missing) > 0 {
		return v, fmt.Errorf("machine %s lies outside of the planned inventory: %s", vm.Name, strings.Join(missing, ", "))
	}
	return v, nil
}

// network is the network behind a card.
func network(backing types.BaseVirtualDeviceBackingInfo) *types.ManagedObjectReference {
	switch b := backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		return b.Network
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		return &types.ManagedObjectReference{Type: "DistributedVirtualPortgroup", Value: b.Port.PortgroupKey}
	}
	return nil
}

// shown is the address that the guest shows for the card with a MAC.
func shown(vm *simulator.VirtualMachine, mac string) Address {
	if vm.Guest == nil {
		return Address{}
	}
	for _, nic := range vm.Guest.Net {
		if nic.MacAddress != mac || nic.IpConfig == nil || len(nic.IpConfig.IpAddress) == 0 {
			continue
		}
		at := nic.IpConfig.IpAddress[0]
		if addr, err := netip.ParseAddr(at.IpAddress); err == nil {
			return netip.PrefixFrom(addr, int(at.PrefixLength))
		}
	}
	return Address{}
}

// shows are the changes that make the guest of vm show addresses, one a card,
// as VMware Tools does; running is false for a machine without power.
func shows(vm *simulator.VirtualMachine, addresses []Address, running bool) []types.PropertyChange {
	nics, first := slices.Clone(vm.Guest.Net), ""
	for i := range nics {
		nics[i].IpAddress, nics[i].IpConfig = nil, nil
		if i >= len(addresses) || !addresses[i].IsValid() {
			continue
		}
		at := addresses[i].Addr().String()
		nics[i].Connected, nics[i].IpAddress = true, []string{at}
		nics[i].IpConfig = &types.NetIpConfigInfo{IpAddress: []types.NetIpConfigInfoIpAddress{{
			IpAddress: at, PrefixLength: int32(addresses[i].Bits()), State: string(types.NetIpConfigInfoIpAddressStatusPreferred)}}}
		if first == "" {
			first = at
		}
	}
	status, state := types.VirtualMachineToolsStatusToolsNotRunning, types.VirtualMachineToolsRunningStatusGuestToolsNotRunning
	if running {
		status, state = types.VirtualMachineToolsStatusToolsOk, types.VirtualMachineToolsRunningStatusGuestToolsRunning
	}
	return []types.PropertyChange{
		{Name: "guest.net", Val: nics},
		{Name: "guest.ipAddress", Val: first},
		{Name: "guest.hostName", Val: vm.Name},
		{Name: "guest.toolsStatus", Val: status},
		{Name: "guest.toolsRunningStatus", Val: string(state)},
		{Name: "summary.guest.ipAddress", Val: first},
		{Name: "summary.guest.toolsStatus", Val: status},
		{Name: "summary.guest.toolsRunningStatus", Val: string(state)},
	}
}
