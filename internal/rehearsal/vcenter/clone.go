package vcenter

import (
	"errors"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// cloneRequest is a clone that has been asked for. done is closed once the
// machine can be found and never be lost again, or will not be.
type cloneRequest struct {
	name, instance string
	datastore      string // its name; "" leaves it to the vCenter
	turn           int
	done           chan struct{}
}

// identities finds machines by their UUIDs, as the simulator does by looking
// at every object.
type identities struct {
	mu       sync.Mutex
	bios     map[string]types.ManagedObjectReference
	instance map[string]types.ManagedObjectReference
	// coming are clones under way, by instance UUID.
	coming map[string]*cloneRequest
	clones int
}

func (i *identities) add(v VM) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.bios == nil {
		i.bios, i.instance = map[string]types.ManagedObjectReference{}, map[string]types.ManagedObjectReference{}
	}
	ref := types.ManagedObjectReference{Type: "VirtualMachine", Value: v.ID}
	i.bios[v.UUID], i.instance[v.InstanceUUID] = ref, ref
}

func (i *identities) remove(v VM) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.bios, v.UUID)
	delete(i.instance, v.InstanceUUID)
}

// announce notes a clone that begins.
func (i *identities) announce(r *cloneRequest) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.coming == nil {
		i.coming = map[string]*cloneRequest{}
	}
	if r.instance != "" {
		i.coming[r.instance] = r
	}
	r.turn = i.clones
	i.clones++
}

// settle ends what announce began.
func (i *identities) settle(r *cloneRequest) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.coming[r.instance] == r {
		delete(i.coming, r.instance)
	}
	close(r.done)
}

// find waits for a clone under way that will have the instance UUID: a
// client must not learn of a machine that could still be lost, nor make a
// second one because the first is not finished.
func (i *identities) find(uuid string, instance bool) (types.ManagedObjectReference, bool) {
	i.mu.Lock()
	request := i.coming[uuid]
	i.mu.Unlock()
	if instance && request != nil {
		<-request.done
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	known := i.bios
	if instance {
		known = i.instance
	}
	ref, ok := known[uuid]
	return ref, ok
}

// FindByUuid implements the method of vSphere.
func (d *desk) FindByUuid(ctx *simulator.Context, req *types.FindByUuid) soap.HasFault {
	s := d.server
	if !req.VmSearch {
		return s.registry.SearchIndex().FindByUuid(ctx, req)
	}
	body := &methods.FindByUuidBody{Res: new(types.FindByUuidResponse)}
	if ref, ok := s.identities.find(req.Uuid, req.InstanceUuid != nil && *req.InstanceUuid); ok {
		body.Res.Returnval = &ref
	}
	return body
}

// CloneVMTask implements the method of vSphere. The simulator would leave the
// clone on its template's host, whatever its resource pool.
func (d *desk) CloneVMTask(ctx *simulator.Context, req *types.CloneVM_Task) soap.HasFault {
	s := d.server
	vm, ok := s.registry.Get(req.This).(*simulator.VirtualMachine)
	if !ok {
		return &methods.CloneVM_TaskBody{Fault_: simulator.Fault("", &types.ManagedObjectNotFound{Obj: req.This})}
	}
	request := &cloneRequest{name: req.Name, done: make(chan struct{})}
	if req.Spec.Config == nil {
		req.Spec.Config = &types.VirtualMachineConfigSpec{}
	}
	request.instance = req.Spec.Config.InstanceUuid
	if ds := req.Spec.Location.Datastore; ds != nil {
		_, request.datastore, _ = cutLast(s.names[*ds])
	}
	s.identities.announce(request)
	if pool := req.Spec.Location.Pool; pool != nil && req.Spec.Location.Host == nil {
		if host, ok := s.hostFor(*pool, request.turn); ok {
			req.Spec.Location.Host = &host
		}
	}
	var body soap.HasFault
	ctx.WithLock(vm, func() {
		for _, option := range vm.Config.ExtraConfig {
			if o := option.GetOptionValue(); o.Key == kubernetesKey {
				req.Spec.Config.ExtraConfig = append(req.Spec.Config.ExtraConfig, &types.OptionValue{Key: o.Key, Value: o.Value})
			}
		}
		s.cloning.Lock()
		defer s.cloning.Unlock()
		s.pending = request
		body = vm.CloneVMTask(ctx, req)
		s.pending = nil
	})
	if body.Fault() != nil { // refused before there was a task
		s.identities.settle(request)
	}
	return body
}

// clone runs the task of a clone and writes the new machine down.
func (s *Server) clone(request *cloneRequest, run func() (types.AnyType, types.BaseMethodFault)) (types.AnyType, types.BaseMethodFault) {
	defer s.identities.settle(request)
	if !s.opts.Guests.HasSpace(request.name) {
		return nil, &types.NoDiskSpace{FileFault: types.FileFault{File: request.name}, Datastore: request.datastore}
	}
	result, fault := run()
	if fault != nil {
		return nil, fault
	}
	vm, ok := s.registry.Get(result.(types.ManagedObjectReference)).(*simulator.VirtualMachine)
	if !ok {
		return nil, s.failed(errors.New("the simulator made no machine"))
	}
	var v VM
	ctx := s.context()
	ctx.WithLock(vm, func() {
		var err error
		if v, err = s.describe(vm); err == nil {
			err = s.keep(v)
		}
		if err != nil {
			fault = s.failed(err)
		}
	})
	if fault != nil {
		return nil, fault
	}
	s.opts.Guests.Cloned(v)
	return result, nil
}
