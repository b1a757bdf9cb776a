package vcenter

import (
	"context"
	"fmt"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// checkCloneMode compares how machines are cloned with what the template has.
func (s *survey) checkCloneMode(_ context.Context, v *verdict) error {
	v.wants("a snapshot and an equal disk for linked clones, a disk that is not larger for full ones")
	done := map[string]bool{}
	for _, g := range s.plan.groups {
		m := g.machine
		if done[m.Name] {
			continue
		}
		done[m.Name] = true
		t := s.templates[m.Spec.Template]
		if len(t.disks) == 0 {
			v.fails("Name a template with a disk.", "%s has no disk", t.path)
			continue
		}
		if p := cloneProblem(m, t); p != nil {
			v.fails(p.remedy, "VSphereMachineConfig %s: %s", m.Name, p.found)
			continue
		}
		v.sees("%s: %s of %s, %d GiB", m.Name, effectiveMode(m, t), t.path, m.Spec.DiskGiB)
	}
	return nil
}

// effectiveMode is how machines will be cloned. Cluster API Provider vSphere
// makes linked clones of a template with a snapshot where the file leaves the
// mode open.
func effectiveMode(m *v1alpha1.VSphereMachineConfig, t template) v1alpha1.CloneMode {
	switch {
	case m.Spec.CloneMode != "":
		return m.Spec.CloneMode
	case t.hasSnapshot:
		return v1alpha1.LinkedClone
	}
	return v1alpha1.FullClone
}

// cloneProblem says why the machine configuration and the template do not go
// together, or nil. A linked clone shares the template's disk and so has its
// size; a full one may be larger, never smaller.
func cloneProblem(m *v1alpha1.VSphereMachineConfig, t template) *problem {
	disk := t.disks[0]
	size := gib(disk)
	asked := int64(m.Spec.DiskGiB) << 20
	switch {
	case effectiveMode(m, t) == v1alpha1.FullClone:
		if asked >= disk {
			return nil
		}
		return &problem{found: fmt.Sprintf("diskGiB is %d, but the disk of %s has %s GiB and cannot shrink", m.Spec.DiskGiB, t.path, size),
			remedy: fmt.Sprintf("Set diskGiB of %s to %d or more.", m.Name, ceilGiB(disk))}
	case !t.hasSnapshot:
		return &problem{found: fmt.Sprintf("cloneMode is linkedClone, but %s has no snapshot", t.path),
			remedy: fmt.Sprintf("Set cloneMode of %s to fullClone, or make the snapshot: govc vm.markasvm -pool POOL %s; govc snapshot.create -m=false -vm %s root; govc vm.markastemplate %s", m.Name, t.path, t.path, t.path)}
	case asked == disk:
		return nil
	case m.Spec.CloneMode == "":
		return &problem{found: fmt.Sprintf("diskGiB is %d, but cloneMode is not set and %s has a snapshot, so that clones would be linked and keep its %s GiB", m.Spec.DiskGiB, t.path, size),
			remedy: cloneRemedy(m, disk)}
	}
	return &problem{found: fmt.Sprintf("diskGiB is %d, but linked clones of %s keep its %s GiB", m.Spec.DiskGiB, t.path, size), remedy: cloneRemedy(m, disk)}
}

func cloneRemedy(m *v1alpha1.VSphereMachineConfig, disk int64) string {
	if disk%(1<<20) != 0 {
		return fmt.Sprintf("Set cloneMode of %s to fullClone.", m.Name)
	}
	return fmt.Sprintf("Set cloneMode of %s to fullClone, or its diskGiB to %d.", m.Name, disk>>20)
}

// gib writes KiB as GiB, exact where that is a whole number.
func gib(kib int64) string {
	if kib%(1<<20) == 0 {
		return fmt.Sprint(kib >> 20)
	}
	return fmt.Sprintf("%.2f", float64(kib)/(1<<20))
}

func ceilGiB(kib int64) int64 { return (kib + 1<<20 - 1) >> 20 }
