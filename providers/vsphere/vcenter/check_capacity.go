package vcenter

import (
	"context"
	"fmt"

	"github.com/vmware/govmomi/units"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"groundwork.dev/bootstrap/providers/verdict"
)

// host is what one host offers a machine.
type host struct {
	threads int
	memory  int64 // bytes
}

// demand is what the machines of one resource pool ask for.
type demand struct {
	name     string // the pool's inventory path
	machines int
	memory   int64 // bytes
	cpus     int
}

// checkCapacity compares the memory and processors that the machines ask for
// with what their resource pools and hosts have. Memory over a pool's limit
// fails, as with EKS Anywhere; over what the hosts have is worth a warning,
// because vSphere lends out more memory than there is. A machine with more
// processors than any host has does not power on.
func (s *survey) checkCapacity(ctx context.Context, v *verdict.Verdict) error {
	v.Wants("CPU and memory for %d machines", s.plan.machines())
	demands, order := s.demands()
	pools, err := retrieve[mo.ResourcePool](ctx, s.client, order, "runtime", "config")
	if err != nil {
		return s.broken(ctx, fmt.Errorf("reading the resource pools: %w", err))
	}
	for _, ref := range order {
		pool := pools[ref]
		s.judgeMemory(v, demands[ref], pool.Runtime.Memory, pool.Config.MemoryAllocation.Limit)
	}
	return s.judgeHosts(ctx, v)
}

// demands sums the groups by resource pool, in the order of the groups.
func (s *survey) demands() (map[types.ManagedObjectReference]*demand, []types.ManagedObjectReference) {
	sums := map[types.ManagedObjectReference]*demand{}
	var order []types.ManagedObjectReference
	for _, g := range s.plan.groups {
		p := s.pools[g.pool]
		if p == nil {
			continue // the vCenter's default
		}
		d := sums[p.Reference()]
		if d == nil {
			d = &demand{name: p.InventoryPath}
			sums[p.Reference()] = d
			order = append(order, p.Reference())
		}
		d.machines += g.count
		d.memory += int64(g.count) * int64(g.machine.Spec.MemoryMiB) << 20
		d.cpus += g.count * g.machine.Spec.NumCPUs
	}
	return sums, order
}

// judgeMemory compares d with a resource pool. maxUsage is what the limits of
// the pool and its parents let it use; limit is its own, in MiB, nil or −1
// for none.
func (s *survey) judgeMemory(v *verdict.Verdict, d *demand, usage types.ResourcePoolResourceUsage, limit *int64) {
	left := usage.MaxUsage - usage.OverallUsage
	own := limit != nil && *limit >= 0
	if own {
		left = min(left, *limit<<20-usage.OverallUsage)
	}
	asks, has := units.ByteSize(d.memory), units.ByteSize(max(left, 0))
	const remedy = "Raise the pool's limit, free memory, name another pool, or ask for fewer machines or less memoryMiB."
	switch {
	case d.memory <= left:
		v.Sees("%s: %d machines of together %s and %d CPUs; %s left", d.name, d.machines, asks, d.cpus, has)
	case own:
		v.Fails(remedy, "%s has %s of memory left under its limit; %d machines ask for %s", d.name, has, d.machines, asks)
	default:
		v.Warns(remedy, "%s has %s of memory left; %d machines ask for %s", d.name, has, d.machines, asks)
	}
}

// judgeHosts looks whether each machine fits on at least one host of its
// resource pool's cluster.
func (s *survey) judgeHosts(ctx context.Context, v *verdict.Verdict) error {
	computes, owners, err := s.computes(ctx)
	if err != nil {
		return s.broken(ctx, err)
	}
	best := map[types.ManagedObjectReference]host{}
	for ref, c := range computes {
		if best[ref], err = s.bestHost(ctx, c.Host); err != nil {
			return s.broken(ctx, err)
		}
	}
	for _, g := range s.plan.groups {
		owner, known := owners[g.pool]
		if !known {
			continue
		}
		b, m := best[owner], g.machine.Spec
		switch name := computes[owner].Name; {
		case b.threads == 0:
			v.Fails("Connect a host and take it out of maintenance mode, or name another resource pool.", "%s: %s has no usable host", g.name, name)
		case m.NumCPUs > b.threads:
			v.Fails(fmt.Sprintf("Set numCPUs of %s to %d or less.", g.machine.Name, b.threads), "%s: numCPUs is %d, but no host of %s has more than %d", g.name, m.NumCPUs, name, b.threads)
		case int64(m.MemoryMiB)<<20 > b.memory:
			v.Warns(fmt.Sprintf("Set memoryMiB of %s to what a host can give.", g.machine.Name), "%s: memoryMiB is %d, but no host of %s has more than %s", g.name, m.MemoryMiB, name, units.ByteSize(b.memory))
		}
	}
	return nil
}

// bestHost is the most threads and memory among the usable hosts.
func (s *survey) bestHost(ctx context.Context, refs []types.ManagedObjectReference) (host, error) {
	hosts, err := retrieve[mo.HostSystem](ctx, s.client, refs, "summary.hardware", "runtime.connectionState", "runtime.inMaintenanceMode")
	if err != nil {
		return host{}, fmt.Errorf("reading the hosts: %w", err)
	}
	var best host
	for _, h := range hosts {
		if h.Summary.Hardware == nil || h.Runtime.InMaintenanceMode || h.Runtime.ConnectionState != types.HostSystemConnectionStateConnected {
			continue
		}
		best.threads = max(best.threads, int(h.Summary.Hardware.NumCpuThreads))
		best.memory = max(best.memory, h.Summary.Hardware.MemorySize)
	}
	return best, nil
}
