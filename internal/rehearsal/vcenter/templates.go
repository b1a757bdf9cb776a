package vcenter

import (
	"context"
	"fmt"
	"slices"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/pbm"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// guestID is what the templates say they run; the simulated machines run
// nothing.
const guestID = string(types.VirtualMachineGuestOsIdentifierUbuntu64Guest)

// kubernetesKey is the template's extra configuration that holds the version
// of its kubelet. Clones do not inherit it.
const kubernetesKey = "groundwork.kubernetes"

// makeTemplates makes the templates of the plan, each with a snapshot for
// linked clones.
func (s *Server) makeTemplates(ctx context.Context) error {
	for _, t := range s.opts.Plan.Templates {
		if err := s.makeTemplate(ctx, t); err != nil {
			return fmt.Errorf("template %s: %w", t.Path, err)
		}
	}
	return nil
}

// ShowTemplates makes the templates exist, or not.
func (s *Server) ShowTemplates(ctx context.Context, show bool) error {
	s.showing.Lock()
	defer s.showing.Unlock()
	if s.hidden == !show {
		return nil
	}
	s.hidden = !show
	if show {
		if err := s.makeTemplates(ctx); err != nil {
			return err
		}
		return s.makeLabels(ctx)
	}
	for _, t := range s.opts.Plan.Templates {
		path := "/" + t.Datacenter + "/vm/" + t.Path
		if _, err := finished(ctx)(object.NewVirtualMachine(s.client, s.templates[path]).Destroy(ctx)); err != nil {
			return fmt.Errorf("template %s: %w", t.Path, err)
		}
		delete(s.templates, path)
	}
	return nil
}

func (s *Server) makeTemplate(ctx context.Context, t *Template) error {
	root := "/" + t.Datacenter
	at := slices.IndexFunc(s.opts.Plan.Datacenters, func(d *Datacenter) bool { return d.Path == t.Datacenter })
	dc := s.opts.Plan.Datacenters[at]
	cluster, datastore := t.Cluster, t.Datastore
	if cluster == "" {
		cluster = dc.Clusters[0].Path
	}
	if datastore == "" {
		datastore = dc.Datastores[0]
	}
	folder, name, err := s.folderOf(ctx, root+"/vm", t.Path)
	if err != nil {
		return err
	}
	_, ds, _ := cutLast(datastore)
	spec := types.VirtualMachineConfigSpec{
		Name: name, GuestId: guestID, NumCPUs: 2, MemoryMB: 2048,
		Files:       &types.VirtualMachineFileInfo{VmPathName: "[" + ds + "]"},
		ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: kubernetesKey, Value: t.Kubernetes}},
	}
	nic, err := s.card(ctx, root+"/network/"+dc.Networks[0], "")
	if err != nil {
		return err
	}
	if spec.DeviceChange, err = hardware([]int64{int64(t.DiskGiB) * gib / 1024}, nic); err != nil {
		return err
	}
	pool := object.NewResourcePool(s.client, s.places[root+"/host/"+cluster+"/"+rootPool])
	host, _ := s.hostFor(pool.Reference(), 0)
	info, err := finished(ctx)(folder.CreateVM(ctx, spec, pool, object.NewHostSystem(s.client, host)))
	if err != nil {
		return err
	}
	vm := object.NewVirtualMachine(s.client, info.Result.(types.ManagedObjectReference))
	if _, err := finished(ctx)(vm.CreateSnapshot(ctx, "root", "for linked clones", false, false)); err != nil {
		return err
	}
	s.templates[root+"/vm/"+t.Path] = vm.Reference()
	return vm.MarkAsTemplate(ctx)
}

// hardware are the devices of a machine: a controller, disks (sizes in KiB)
// and network cards.
func hardware(disks []int64, cards ...types.BaseVirtualDevice) ([]types.BaseVirtualDeviceConfigSpec, error) {
	var devices object.VirtualDeviceList
	scsi, err := devices.CreateSCSIController("pvscsi")
	if err != nil {
		return nil, err
	}
	devices = append(devices, scsi)
	for _, size := range disks {
		disk := devices.CreateDisk(scsi.(types.BaseVirtualController), types.ManagedObjectReference{}, "") // beside the machine
		disk.CapacityInKB, disk.CapacityInBytes = size, size*1024
		devices = append(devices, disk)
	}
	for i, card := range cards {
		card.GetVirtualDevice().Key = int32(-100 - i)
		devices = append(devices, card)
	}
	return devices.ConfigSpec(types.VirtualDeviceConfigSpecOperationAdd)
}

// card is a network card on the network at path, with a MAC of its own or,
// for "", one that the simulator makes.
func (s *Server) card(ctx context.Context, path, mac string) (types.BaseVirtualDevice, error) {
	ref, ok := s.places[path]
	if !ok {
		return nil, fmt.Errorf("there is no network %s", path)
	}
	network, ok := object.NewReference(s.client, ref).(object.NetworkReference)
	if !ok {
		return nil, fmt.Errorf("%s is not a network", path)
	}
	backing, err := network.EthernetCardBackingInfo(ctx)
	if err != nil {
		return nil, fmt.Errorf("network %s: %w", path, err)
	}
	card, err := object.EthernetCardTypes().CreateEthernetCard("vmxnet3", backing)
	if err != nil {
		return nil, err
	}
	if mac != "" {
		nic := card.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard()
		nic.MacAddress, nic.AddressType = mac, string(types.VirtualEthernetCardMacTypeManual)
	}
	return card, nil
}

// makeLabels makes what only the other APIs can: tags and storage policies.
func (s *Server) makeLabels(ctx context.Context) error {
	if len(s.opts.Plan.Tags) == 0 && len(s.opts.Plan.StoragePolicies) == 0 {
		return nil
	}
	client, logout, err := s.login(ctx)
	if err != nil {
		return fmt.Errorf("logging in to the simulated vCenter: %w", err)
	}
	defer logout()
	if err := s.makeTags(ctx, client); err != nil {
		return err
	}
	return s.makePolicies(ctx, client)
}

// login is a session over the network, as any client has.
func (s *Server) login(ctx context.Context) (*vim25.Client, func(), error) {
	u, err := soap.ParseURL("https://" + s.Address() + "/sdk")
	if err != nil {
		return nil, nil, err
	}
	u.User = s.service.Listen.User
	sc := soap.NewClient(u, false)
	s.trust(sc.DefaultTransport()) // which the clients of the other APIs inherit
	client, err := vim25.NewClient(ctx, sc)
	if err != nil {
		return nil, nil, err
	}
	manager := session.NewManager(client)
	if err := manager.Login(ctx, u.User); err != nil {
		return nil, nil, err
	}
	return client, func() {
		_ = manager.Logout(context.WithoutCancel(ctx))
		client.CloseIdleConnections()
	}, nil
}

func (s *Server) makeTags(ctx context.Context, client *vim25.Client) error {
	api := rest.NewClient(client)
	if err := api.Login(ctx, s.service.Listen.User); err != nil {
		return fmt.Errorf("logging in to the REST API: %w", err)
	}
	defer func() { _ = api.Logout(context.WithoutCancel(ctx)) }()
	manager := tags.NewManager(api)
	for _, t := range s.opts.Plan.Tags {
		id, err := s.makeTag(ctx, manager, t)
		if err != nil {
			return err
		}
		for _, path := range t.On {
			ref, ok := s.places[path]
			if !ok {
				ref, ok = s.templates[path]
			}
			if !ok {
				continue // a template that is missing on purpose
			}
			if err := manager.AttachTag(ctx, id, ref); err != nil {
				return fmt.Errorf("attaching tag %s to %s: %w", t.Name, path, err)
			}
		}
	}
	return nil
}

// makeTag makes a tag, and its category before the first of it, unless it is
// there.
func (s *Server) makeTag(ctx context.Context, manager *tags.Manager, t *Tag) (string, error) {
	category := s.categories[t.Category]
	if category == "" {
		var err error
		if category, err = manager.CreateCategory(ctx, &tags.Category{Name: t.Category, Cardinality: "MULTIPLE"}); err != nil {
			return "", fmt.Errorf("tag category %s: %w", t.Category, err)
		}
		s.categories[t.Category] = category
	}
	if id := s.tagIDs[t]; id != "" {
		return id, nil
	}
	id, err := manager.CreateTag(ctx, &tags.Tag{Name: t.Name, CategoryID: category, TagID: t.ID})
	if err != nil {
		return "", fmt.Errorf("tag %s: %w", t.Name, err)
	}
	s.tagIDs[t] = id
	return id, nil
}

func (s *Server) makePolicies(ctx context.Context, client *vim25.Client) error {
	if len(s.opts.Plan.StoragePolicies) == 0 {
		return nil
	}
	policies, err := pbm.NewClient(ctx, client)
	if err != nil {
		return fmt.Errorf("opening the storage policy API: %w", err)
	}
	for _, name := range s.opts.Plan.StoragePolicies {
		if _, err := policies.ProfileIDByName(ctx, name); err == nil {
			continue // one of those that every vCenter has
		}
		spec := pbmtypes.PbmCapabilityProfileCreateSpec{
			Name: name, Category: string(pbmtypes.PbmProfileCategoryEnumREQUIREMENT),
			ResourceType: pbmtypes.PbmProfileResourceType{ResourceType: string(pbmtypes.PbmProfileResourceTypeEnumSTORAGE)},
			Constraints:  &pbmtypes.PbmCapabilitySubProfileConstraints{},
		}
		if _, err := policies.CreateProfile(ctx, spec); err != nil {
			return fmt.Errorf("storage policy %s: %w", name, err)
		}
	}
	return nil
}
