package vcenter

import (
	"context"
	"fmt"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/verdict"
)

// checkCloneMode compares how machines are cloned with what the template has.
func (s *survey) checkCloneMode(_ context.Context, v *verdict.Verdict) error {
	v.Wants("a template with a disk, and a snapshot and an equal disk for linked clones")
	done := map[string]bool{}
	for _, g := range s.plan.groups {
		m := g.machine
		if done[m.Name] {
			continue
		}
		done[m.Name] = true
		t := s.templates[m.Spec.Template]
		if p := cloneProblem(m, t); p != nil {
			v.Fails(p.remedy, "VSphereMachineConfig %s: %s", m.Name, p.found)
			continue
		}
		mode, disk := settleClone(m, t)
		raised := ""
		if disk != m.Spec.DiskGiB {
			raised = fmt.Sprintf(", raised from %d", m.Spec.DiskGiB)
		}
		v.Sees("%s: %s of %s, %d GiB%s", m.Name, mode, t.path, disk, raised)
	}
	return nil
}

// cloneProblem says why the machine configuration and the template do not go
// together, or nil. Only what asks for linked clones can fail: they share the
// template's disk and keep its size. Otherwise disks that are too small are
// raised.
func cloneProblem(m *v1alpha1.VSphereMachineConfig, t template) *problem {
	switch {
	case len(t.disks) == 0:
		return &problem{found: t.path + " has no disk", remedy: "Name a template with a disk."}
	case m.Spec.CloneMode != v1alpha1.LinkedClone:
		return nil
	case !t.hasSnapshot:
		return &problem{found: fmt.Sprintf("cloneMode is linkedClone, but %s has no snapshot", t.path),
			remedy: fmt.Sprintf("Set cloneMode of %s to fullClone, or make the snapshot: govc vm.markasvm -pool POOL %s; govc snapshot.create -m=false -vm %s root; govc vm.markastemplate %s", m.Name, t.path, t.path, t.path)}
	case int64(m.Spec.DiskGiB)<<20 > t.disks[0]:
		return &problem{found: fmt.Sprintf("diskGiB is %d, but linked clones of %s keep its %s GiB", m.Spec.DiskGiB, t.path, gib(t.disks[0])), remedy: cloneRemedy(m, t.disks[0])}
	}
	return nil
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
