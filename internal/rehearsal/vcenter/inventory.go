package vcenter

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// makeInventory makes everything of the plan.
func (s *Server) makeInventory(ctx context.Context) error {
	if err := os.RemoveAll(s.datastoreDir()); err != nil { // of a process that was killed
		return err
	}
	if err := os.MkdirAll(s.datastoreDir(), 0o700); err != nil {
		return err
	}
	for _, dc := range s.opts.Plan.Datacenters {
		if err := s.makeDatacenter(ctx, dc); err != nil {
			return fmt.Errorf("datacenter %s: %w", dc.Path, err)
		}
	}
	if !s.opts.NoTemplates {
		if err := s.makeTemplates(ctx); err != nil {
			return err
		}
	}
	return s.makeLabels(ctx)
}

func (s *Server) makeDatacenter(ctx context.Context, plan *Datacenter) error {
	parent := object.NewRootFolder(s.client)
	folder, name, nested := cutLast(plan.Path)
	if nested {
		at, err := s.makeFolder(ctx, parent, "", folder)
		if err != nil {
			return err
		}
		parent = at
	}
	dc, err := parent.CreateDatacenter(ctx, name)
	if err != nil {
		return err
	}
	root := "/" + plan.Path
	s.note(root, dc.Reference())
	folders, err := dc.Folders(ctx)
	if err != nil {
		return err
	}
	for name, folder := range map[string]*object.Folder{
		"vm": folders.VmFolder, "host": folders.HostFolder, "datastore": folders.DatastoreFolder, "network": folders.NetworkFolder,
	} {
		s.note(root+"/"+name, folder.Reference())
	}
	for _, path := range plan.Folders {
		if _, err := s.makeFolder(ctx, folders.VmFolder, root+"/vm", path); err != nil {
			return fmt.Errorf("folder %s: %w", path, err)
		}
	}
	for _, cluster := range plan.Clusters {
		if err := s.makeCluster(ctx, root+"/host", cluster); err != nil {
			return fmt.Errorf("compute cluster %s: %w", cluster.Path, err)
		}
	}
	if err := s.makeNetworks(ctx, root+"/network", plan.Networks); err != nil {
		return err
	}
	return s.makeDatastores(ctx, root+"/datastore", plan.Datastores)
}

// note remembers where an object lies.
func (s *Server) note(path string, ref types.ManagedObjectReference) {
	s.places[path], s.names[ref] = ref, path
}

// makeFolder makes the folders of path that are missing below parent, which
// lies at root, and returns the last.
func (s *Server) makeFolder(ctx context.Context, parent *object.Folder, root, path string) (*object.Folder, error) {
	for _, name := range strings.Split(path, "/") {
		root += "/" + name
		if ref, ok := s.places[root]; ok {
			parent = object.NewFolder(s.client, ref)
			continue
		}
		folder, err := parent.CreateFolder(ctx, name)
		if err != nil {
			return nil, err
		}
		s.note(root, folder.Reference())
		parent = folder
	}
	return parent, nil
}

// folderOf returns the folder that the last element of path lies in, made
// where it is missing, and that element.
func (s *Server) folderOf(ctx context.Context, root, path string) (*object.Folder, string, error) {
	parent := object.NewFolder(s.client, s.places[root])
	folder, name, nested := cutLast(path)
	if !nested {
		return parent, name, nil
	}
	at, err := s.makeFolder(ctx, parent, root, folder)
	return at, name, err
}

// makeNetworks makes distributed port groups, with one switch a folder.
func (s *Server) makeNetworks(ctx context.Context, root string, paths []string) error {
	switches := map[string]*object.DistributedVirtualSwitch{}
	hosts := s.hostsBelow(strings.TrimSuffix(root, "network") + "host/")
	for _, path := range paths {
		folder, name, err := s.folderOf(ctx, root, path)
		if err != nil {
			return fmt.Errorf("network %s: %w", path, err)
		}
		if ref, ok := s.child(folder.Reference(), name); ok { // the "VM Network" that every datacenter has
			s.note(root+"/"+path, ref)
			continue
		}
		dvs := switches[folder.Reference().Value]
		if dvs == nil {
			if dvs, err = s.makeSwitch(ctx, folder, fmt.Sprintf("Switch %d", len(switches)+1), hosts); err != nil {
				return fmt.Errorf("the switch of network %s: %w", path, err)
			}
			switches[folder.Reference().Value] = dvs
		}
		if _, err := finished(ctx)(dvs.AddPortgroup(ctx, []types.DVPortgroupConfigSpec{{
			Name: name, NumPorts: 1, Type: string(types.DistributedVirtualPortgroupPortgroupTypeEarlyBinding)}})); err != nil {
			return fmt.Errorf("network %s: %w", path, err)
		}
		ref, ok := s.child(folder.Reference(), name)
		if !ok {
			return fmt.Errorf("network %s: the simulator did not make it", path)
		}
		s.note(root+"/"+path, ref)
	}
	return nil
}

// makeSwitch makes a distributed switch of the hosts.
func (s *Server) makeSwitch(ctx context.Context, folder *object.Folder, name string, hosts []types.ManagedObjectReference) (*object.DistributedVirtualSwitch, error) {
	spec := &types.VMwareDVSConfigSpec{}
	spec.Name = name
	info, err := finished(ctx)(folder.CreateDVS(ctx, types.DVSCreateSpec{ConfigSpec: spec}))
	if err != nil {
		return nil, err
	}
	dvs := object.NewDistributedVirtualSwitch(s.client, info.Result.(types.ManagedObjectReference))
	members := &types.DVSConfigSpec{}
	for _, host := range hosts {
		members.Host = append(members.Host, types.DistributedVirtualSwitchHostMemberConfigSpec{
			Operation: string(types.ConfigSpecOperationAdd), Host: host})
	}
	_, err = finished(ctx)(dvs.Reconfigure(ctx, members))
	return dvs, err
}

// makeDatastores makes datastores that every host of the datacenter mounts.
// The simulator puts a new one into the first folder it finds, so folders come
// when all of them exist.
func (s *Server) makeDatastores(ctx context.Context, root string, paths []string) error {
	for i, path := range paths {
		_, name, _ := cutLast(path)
		dir := filepath.Join(s.datastoreDir(), strconv.Itoa(len(s.names))+"-"+strconv.Itoa(i))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		for _, host := range s.hostsBelow(strings.TrimSuffix(root, "datastore") + "host/") {
			system, err := object.NewHostSystem(s.client, host).ConfigManager().DatastoreSystem(ctx)
			if err != nil {
				return fmt.Errorf("datastore %s: %w", path, err)
			}
			if _, err := system.CreateLocalDatastore(ctx, name, dir); err != nil {
				return fmt.Errorf("datastore %s: %w", path, err)
			}
		}
		ref, ok := s.child(s.places[root], name)
		if !ok {
			return fmt.Errorf("datastore %s: the simulator did not make it", path)
		}
		s.note(root+"/"+path, ref)
		s.setSpace(ref, false)
	}
	for _, path := range paths {
		if !strings.Contains(path, "/") {
			continue
		}
		folder, _, err := s.folderOf(ctx, root, path)
		if err != nil {
			return fmt.Errorf("datastore %s: %w", path, err)
		}
		if _, err := finished(ctx)(folder.MoveInto(ctx, []types.ManagedObjectReference{s.places[root+"/"+path]})); err != nil {
			return fmt.Errorf("datastore %s: %w", path, err)
		}
	}
	return nil
}

// child finds an object by name in a folder.
func (s *Server) child(folder types.ManagedObjectReference, name string) (types.ManagedObjectReference, bool) {
	f, ok := s.registry.Get(folder).(*simulator.Folder)
	if !ok {
		return types.ManagedObjectReference{}, false
	}
	found := s.registry.FindByName(name, f.ChildEntity)
	if found == nil {
		return types.ManagedObjectReference{}, false
	}
	return found.Reference(), true
}

// change changes an object as a client's call would: under its lock, and with
// word to whoever waits for a change.
func (s *Server) change(obj mo.Reference, f func()) {
	ctx := &simulator.Context{Context: context.Background(), Map: s.registry}
	ctx.AutoUpdate(obj, f)
}

// finished waits for the task that a call returned.
func finished(ctx context.Context) func(*object.Task, error) (*types.TaskInfo, error) {
	return func(task *object.Task, err error) (*types.TaskInfo, error) {
		if err != nil {
			return nil, err
		}
		return task.WaitForResultEx(ctx)
	}
}
