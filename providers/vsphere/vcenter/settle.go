package vcenter

import (
	"groundwork.dev/bootstrap/api/v1alpha1"
)

// Settlement is what a site makes of what a configuration leaves to it: names
// become full inventory paths, disks are raised to their template's size, and
// an open clone mode is chosen, all as EKS Anywhere does. It is kept, because
// machines would be replaced if a later look at the site gave something else.
type Settlement struct {
	Server     string `json:"server"`
	Datacenter string `json:"datacenter"`
	// Machines are by the name of the VSphereMachineConfig, Domains by that
	// of the failure domain.
	Machines map[string]Settled `json:"machines,omitempty"`
	Domains  map[string]Settled `json:"domains,omitempty"`
}

// Settled is a placement as the configuration has it, and as it is to be.
type Settled struct {
	Asked Placement `json:"asked"`
	Given Placement `json:"given"`
}

// Placement is where machines are made, and of what. A failure domain has a
// folder and a resource pool only.
type Placement struct {
	Template     string             `json:"template,omitempty"`
	Folder       string             `json:"folder,omitempty"`
	ResourcePool string             `json:"resourcePool,omitempty"`
	CloneMode    v1alpha1.CloneMode `json:"cloneMode,omitempty"`
	DiskGiB      int                `json:"diskGiB,omitempty"`
}

func machinePlacement(m *v1alpha1.VSphereMachineConfig) Placement {
	s := m.Spec
	return Placement{Template: s.Template, Folder: s.Folder, ResourcePool: s.ResourcePool, CloneMode: s.CloneMode, DiskGiB: s.DiskGiB}
}

func domainPlacement(d v1alpha1.FailureDomain) Placement {
	return Placement{Folder: d.Folder, ResourcePool: d.ResourcePool}
}

// Machine is the placement of m: what was settled for it, or what the
// configuration says where nothing was.
func (s Settlement) Machine(m *v1alpha1.VSphereMachineConfig) Placement {
	return given(s.Machines, m.Name, machinePlacement(m))
}

// Domain is the placement of d, as Machine is of a machine configuration.
func (s Settlement) Domain(d v1alpha1.FailureDomain) Placement {
	return given(s.Domains, d.Name, domainPlacement(d))
}

func given(settled map[string]Settled, name string, asked Placement) Placement {
	if known, ok := settled[name]; ok && known.Asked == asked {
		return known.Given
	}
	return asked
}

// covers reports whether everything that cfg asks of its site is settled.
func (s Settlement) covers(survey *survey) bool {
	for _, g := range survey.plan.groups {
		if known, ok := s.Machines[g.machine.Name]; !ok || known.Asked != machinePlacement(g.machine) {
			return false
		}
	}
	for _, d := range survey.usedDomains() {
		if known, ok := s.Domains[d.Name]; !ok || known.Asked != domainPlacement(d) {
			return false
		}
	}
	return true
}

// settleClone chooses the clone mode where the configuration leaves it open,
// and raises the disk to the template's. A linked clone shares the template's
// disk, so that it cannot be larger, and hangs on a snapshot.
func settleClone(m *v1alpha1.VSphereMachineConfig, t template) (v1alpha1.CloneMode, int) {
	mode, asked := m.Spec.CloneMode, m.Spec.DiskGiB
	if mode == "" {
		mode = v1alpha1.FullClone
		if t.hasSnapshot && int64(asked)<<20 <= t.disks[0] {
			mode = v1alpha1.LinkedClone
		}
	}
	return mode, max(asked, int(ceilGiB(t.disks[0])))
}
