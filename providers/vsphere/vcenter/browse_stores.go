package vcenter

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// listStores lists the datastores with their space.
func (b *browser) listStores(c contents, p *locations) {
	for _, o := range c.datastores {
		at, ok := p.of(o.Self)
		if !ok {
			continue
		}
		s := o.Summary
		e := Entry{Path: at, Detail: fmt.Sprintf("%s free of %s", size(s.FreeSpace), size(s.Capacity))}
		switch {
		case !s.Accessible:
			e.Unfit = "it is not accessible"
		case s.MaintenanceMode != "" && s.MaintenanceMode != string(types.DatastoreSummaryMaintenanceModeStateNormal):
			e.Unfit = "it is in maintenance mode"
		}
		if s.MultipleHostAccess != nil && !*s.MultipleHostAccess {
			e.Detail += ", of one host only"
		}
		b.found.Datastores = append(b.found.Datastores, e)
	}
}

// listNetworks lists what a machine can be connected to.
func (b *browser) listNetworks(c contents, p *locations) {
	groups := map[types.ManagedObjectReference]Entry{}
	for _, g := range c.groups {
		if isUplink(g) {
			groups[g.Self] = Entry{Unfit: "uplinks"}
			continue
		}
		groups[g.Self] = Entry{Detail: "distributed port group" + vlan(g.Config.DefaultPortConfig)}
	}
	for _, o := range c.networks {
		at, ok := p.of(o.Self)
		if !ok || isSwitch(o.Self) {
			continue
		}
		e, isGroup := groups[o.Self]
		switch {
		case e.Unfit != "": // a switch's own
			continue
		case isGroup:
		case o.Self.Type == "OpaqueNetwork":
			e.Detail = "NSX segment"
		default:
			e.Detail = "standard port group"
		}
		e.Path = at
		if o.Summary != nil {
			if s := o.Summary.GetNetworkSummary(); s != nil && !s.Accessible {
				e.Unfit = "no host in service is connected to it"
			}
		}
		b.found.Networks = append(b.found.Networks, e)
	}
}

// isUplink reports whether a port group connects a switch to its hosts'
// adapters. Old vCenters do not say so, and leave the name that they gave it.
func isUplink(g mo.DistributedVirtualPortgroup) bool {
	return g.Config.Uplink != nil && *g.Config.Uplink || strings.Contains(g.Name, "-DVUplinks")
}

// vlan tells what a port group is tagged with.
func vlan(setting types.BaseDVPortSetting) string {
	port, ok := setting.(*types.VMwareDVSPortSetting)
	if !ok || port == nil {
		return ""
	}
	switch v := port.Vlan.(type) {
	case *types.VmwareDistributedVirtualSwitchVlanIdSpec:
		if v.VlanId > 0 {
			return fmt.Sprintf(", VLAN %d", v.VlanId)
		}
	case *types.VmwareDistributedVirtualSwitchTrunkVlanSpec:
		return ", VLAN trunk"
	case *types.VmwareDistributedVirtualSwitchPvlanSpec:
		return fmt.Sprintf(", private VLAN %d", v.PvlanId)
	}
	return ""
}

// size writes bytes for people.
func size(bytes int64) string {
	const gibibyte, tebibyte = 1 << 30, 1 << 40
	switch {
	case bytes >= 10*tebibyte:
		return fmt.Sprintf("%d TiB", bytes/tebibyte)
	case bytes >= tebibyte:
		return fmt.Sprintf("%.1f TiB", float64(bytes)/tebibyte)
	}
	return fmt.Sprintf("%d GiB", bytes/gibibyte)
}
