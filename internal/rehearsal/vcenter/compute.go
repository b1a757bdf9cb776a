package vcenter

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	gib = 1 << 30
	mib = 1 << 20
	// smallestHost and smallestDatastore are what a modest site has; a large
	// cluster gets more.
	smallestHost      = 512 * gib
	smallestDatastore = 10 << 40
	// coreMHz is the speed of a host's core.
	coreMHz = 2600
)

func (s *Server) makeCluster(ctx context.Context, root string, plan *Cluster) error {
	folder, name, err := s.folderOf(ctx, root, plan.Path)
	if err != nil {
		return err
	}
	drs := types.ClusterConfigSpecEx{DrsConfig: &types.ClusterDrsConfigInfo{Enabled: types.NewBool(true)}}
	cluster, err := folder.CreateCluster(ctx, name, drs)
	if err != nil {
		return err
	}
	path := root + "/" + plan.Path
	s.note(path, cluster.Reference())
	for i := range hostsPerCluster {
		spec := types.HostConnectSpec{HostName: fmt.Sprintf("esx-%d.%s", i+1, strings.ToLower(strings.ReplaceAll(name, " ", "-")))}
		info, err := finished(ctx)(cluster.AddHost(ctx, spec, true, nil, nil))
		if err != nil {
			return fmt.Errorf("host %s: %w", spec.HostName, err)
		}
		ref := info.Result.(types.ManagedObjectReference)
		s.note(path+"/"+spec.HostName, ref)
		s.equipHost(ref)
	}
	pool, err := cluster.ResourcePool(ctx)
	if err != nil {
		return err
	}
	s.note(path+"/"+rootPool, pool.Reference())
	s.equipPool(pool.Reference())
	for _, below := range plan.Pools {
		if err := s.makePool(ctx, pool, path+"/"+rootPool, below); err != nil {
			return fmt.Errorf("resource pool %s: %w", below, err)
		}
	}
	return nil
}

// makePool makes the resource pools of path that are missing below parent.
func (s *Server) makePool(ctx context.Context, parent *object.ResourcePool, root, path string) error {
	for _, name := range strings.Split(path, "/") {
		root += "/" + name
		if ref, ok := s.places[root]; ok {
			parent = object.NewResourcePool(s.client, ref)
			continue
		}
		pool, err := parent.Create(ctx, name, types.DefaultResourceConfigSpec())
		if err != nil {
			return err
		}
		s.note(root, pool.Reference())
		s.equipPool(pool.Reference())
		parent = pool
	}
	return nil
}

// memory is what the hosts of one cluster have together, in bytes: enough for
// the whole plan to run in it twice.
func (s *Server) memory() int64 {
	return max(hostsPerCluster*smallestHost, 2*int64(s.opts.Plan.MemoryMiB)*mib)
}

func (s *Server) threads() int16 { return int16(max(64, s.opts.Plan.CPUs)) }

// equipHost replaces the simulator's host of 4 GiB and 2 threads.
func (s *Server) equipHost(ref types.ManagedObjectReference) {
	host := s.registry.Get(ref).(*simulator.HostSystem)
	s.change(host, func() {
		summary, hardware := *host.Summary.Hardware, *host.Hardware
		summary.MemorySize = s.memory() / hostsPerCluster
		summary.NumCpuThreads, summary.NumCpuCores, summary.CpuMhz = s.threads(), s.threads()/2, coreMHz
		hardware.MemorySize = summary.MemorySize
		hardware.CpuInfo.NumCpuThreads, hardware.CpuInfo.NumCpuCores = s.threads(), s.threads()/2
		host.Summary.Hardware, host.Hardware = &summary, &hardware
	})
}

// equipPool gives a pool all of its cluster. The simulator's pools share the
// limits of a sample, so nothing is written through their pointers.
func (s *Server) equipPool(ref types.ManagedObjectReference) {
	pool := s.registry.Get(ref).(*simulator.ResourcePool)
	s.change(pool, func() {
		cpu := int64(s.threads()) / 2 * coreMHz * hostsPerCluster
		pool.Config.CpuAllocation.Limit = types.NewInt64(-1)
		pool.Config.MemoryAllocation.Limit = types.NewInt64(-1)
		pool.Runtime.Memory = types.ResourcePoolResourceUsage{MaxUsage: s.memory(), UnreservedForPool: s.memory(), UnreservedForVm: s.memory()}
		pool.Runtime.Cpu = types.ResourcePoolResourceUsage{MaxUsage: cpu, UnreservedForPool: cpu, UnreservedForVm: cpu}
		pool.Summary = &types.ResourcePoolSummary{Name: pool.Name, Config: pool.Config, Runtime: pool.Runtime}
	})
}

// SetDatastoreFull takes nearly all free space off every datastore, or gives
// it back.
func (s *Server) SetDatastoreFull(full bool) {
	for _, ds := range s.registry.All("Datastore") {
		s.setSpace(ds.Reference(), full)
	}
}

// setSpace gives a datastore room for the whole plan, or for nothing.
func (s *Server) setSpace(ref types.ManagedObjectReference, full bool) {
	ds := s.registry.Get(ref).(*simulator.Datastore)
	s.change(ds, func() {
		ds.Summary.Capacity = max(smallestDatastore, 4*int64(s.opts.Plan.DiskGiB)*gib)
		ds.Summary.FreeSpace = ds.Summary.Capacity / 4 * 3
		if full {
			ds.Summary.FreeSpace = mib
		}
		ds.Info.GetDatastoreInfo().FreeSpace = ds.Summary.FreeSpace
	})
}

// hostsBelow are the hosts whose path begins with prefix, in a fixed order.
func (s *Server) hostsBelow(prefix string) []types.ManagedObjectReference {
	var paths []string
	for path, ref := range s.places {
		if ref.Type == "HostSystem" && strings.HasPrefix(path, prefix) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	hosts := make([]types.ManagedObjectReference, len(paths))
	for i, path := range paths {
		hosts[i] = s.places[path]
	}
	return hosts
}

// hostFor chooses the host of a machine in a resource pool, in turn.
func (s *Server) hostFor(pool types.ManagedObjectReference, turn int) (types.ManagedObjectReference, bool) {
	cluster, _, ok := strings.Cut(s.names[pool], "/"+rootPool)
	hosts := s.hostsBelow(cluster + "/")
	if !ok || len(hosts) == 0 {
		return types.ManagedObjectReference{}, false
	}
	return hosts[turn%len(hosts)], true
}
