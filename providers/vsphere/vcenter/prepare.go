package vcenter

import (
	"context"
	"errors"
	"fmt"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
)

// Prepare settles what cfg leaves to the site, and makes the folders and the
// tags of failure domains that are missing there; made says which, a line
// each. earlier is what a former Prepare has settled, or the zero value: it
// stays as it is for all that the configuration still asks for, and where that
// is everything the site is not even looked at. Errors are *failure.Error,
// except when ctx was cancelled: then they wrap its cause.
func Prepare(ctx context.Context, cfg *v1alpha1.Config, site Site, earlier Settlement) (_ Settlement, made []string, _ error) {
	spec := cfg.VSphereDatacenter.Spec
	if earlier.Server != spec.Server || earlier.Datacenter != spec.Datacenter {
		earlier = Settlement{}
	}
	p := preparation{
		survey:  newSurvey(cfg, site),
		earlier: earlier,
		settled: Settlement{Server: spec.Server, Datacenter: spec.Datacenter, Machines: map[string]Settled{}, Domains: map[string]Settled{}},
	}
	if earlier.covers(p.survey) {
		return earlier, nil, nil
	}
	var err error
	if p.client, err = Connect(ctx, site); err != nil {
		return Settlement{}, nil, err
	}
	defer p.client.Close(context.WithoutCancel(ctx))
	if err := p.prepare(ctx); err != nil {
		return Settlement{}, p.made, p.explain(ctx, err)
	}
	return p.settled, p.made, nil
}

// preparation is one Prepare on its way.
type preparation struct {
	*survey
	earlier, settled Settlement
	made             []string
}

func (p *preparation) prepare(ctx context.Context) error {
	if err := p.client.UseDatacenter(ctx, p.settled.Datacenter); err != nil {
		return err
	}
	for _, d := range p.usedDomains() {
		if err := p.domain(ctx, d); err != nil {
			return err
		}
	}
	// A machine configuration whose groups are all in failure domains takes
	// its place from those.
	placed := map[string]bool{}
	for _, g := range p.plan.groups {
		placed[g.machine.Name] = placed[g.machine.Name] || g.domain == ""
	}
	for _, g := range p.plan.groups {
		if _, done := p.settled.Machines[g.machine.Name]; done {
			continue
		}
		if err := p.machine(ctx, g.machine, placed[g.machine.Name]); err != nil {
			return err
		}
	}
	return nil
}

func (p *preparation) domain(ctx context.Context, d v1alpha1.FailureDomain) error {
	asked := domainPlacement(d)
	if known, ok := p.earlier.Domains[d.Name]; ok && known.Asked == asked {
		p.settled.Domains[d.Name] = known
		return nil
	}
	given := asked
	if err := p.place(ctx, &given); err != nil {
		return err
	}
	cluster, err := lookUp(ctx, "compute cluster", d.ComputeCluster, p.client.finder.ClusterComputeResourceList)
	if err != nil {
		return err
	}
	if err := p.tag(ctx, regionCategory, p.settled.Datacenter, p.client.datacenter); err != nil {
		return err
	}
	if err := p.tag(ctx, zoneCategory, d.ComputeCluster, cluster); err != nil {
		return err
	}
	p.settled.Domains[d.Name] = Settled{Asked: asked, Given: given}
	return nil
}

func (p *preparation) machine(ctx context.Context, m *v1alpha1.VSphereMachineConfig, placed bool) error {
	asked := machinePlacement(m)
	if known, ok := p.earlier.Machines[m.Name]; ok && known.Asked == asked {
		p.settled.Machines[m.Name] = known
		return nil
	}
	given := asked
	if placed {
		if err := p.place(ctx, &given); err != nil {
			return err
		}
	}
	vm, err := lookUp(ctx, "template", asked.Template, p.client.machines)
	if err != nil {
		return err
	}
	described, err := p.client.describeTemplates(ctx, map[string]*object.VirtualMachine{asked.Template: vm})
	if err != nil {
		return err
	}
	t := described[asked.Template]
	if problem := cloneProblem(m, t); problem != nil {
		return &failure.Error{Code: failure.Preflight, Summary: problem.found, Object: "VSphereMachineConfig " + m.Name, Remedy: problem.remedy}
	}
	given.Template = t.path
	given.CloneMode, given.DiskGiB = settleClone(m, t)
	p.settled.Machines[m.Name] = Settled{Asked: asked, Given: given}
	return nil
}

// place settles folder and resource pool. What is empty stays the vCenter's
// default.
func (p *preparation) place(ctx context.Context, at *Placement) error {
	if at.Folder != "" {
		at.Folder = p.client.folderPath(at.Folder)
		if !p.client.isMachineFolder(at.Folder) {
			return &failure.Error{Code: failure.Preflight, Summary: "it is not a folder for virtual machines of the datacenter", Object: "folder " + at.Folder,
				Remedy: fmt.Sprintf("Name a folder under %s/vm.", p.client.datacenter.InventoryPath)}
		}
		made, err := p.client.makeFolder(ctx, at.Folder)
		if err != nil {
			return err
		}
		if made {
			p.made = append(p.made, "made the folder "+at.Folder)
		}
	}
	if at.ResourcePool != "" {
		pool, err := lookUp(ctx, "resource pool", at.ResourcePool, p.client.pools)
		if err != nil {
			return err
		}
		at.ResourcePool = pool.InventoryPath
	}
	return nil
}

func (p *preparation) tag(ctx context.Context, category, name string, on object.Reference) error {
	z, err := p.client.lookAtZoneTag(ctx, category, name, on)
	if err != nil || z.attached {
		return err
	}
	if err := p.client.makeZoneTag(ctx, z); err != nil {
		return err
	}
	p.made = append(p.made, fmt.Sprintf("attached the tag %s of the category %s to %s", name, category, inventoryPath(on)))
	return nil
}

// explain makes err one that a person can act on.
func (p *preparation) explain(ctx context.Context, err error) error {
	var own *failure.Error
	if errors.As(err, &own) {
		return err
	}
	var unresolved *LookupError
	if errors.As(err, &unresolved) {
		return &failure.Error{Code: failure.Preflight, Summary: unresolved.Error(), Remedy: unresolved.Remedy()}
	}
	var denied *types.NoPermission
	fault.As(err, &denied)
	if denied != nil {
		return &failure.Error{Code: failure.Preflight, Summary: "the vCenter does not let the user prepare the site", Object: p.site.Server, Err: err,
			Remedy: fmt.Sprintf("Give %s the privilege %s there, or have an administrator make what is missing; `bootstrap preflight` says what that is.", p.site.Username, denied.PrivilegeId)}
	}
	return p.broken(ctx, err)
}
