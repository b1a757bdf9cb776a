package vsphere

import (
	"encoding/json"
	"testing"

	infrav1 "sigs.k8s.io/cluster-api-provider-vsphere/api/govmomi/v1beta2"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

// What was settled before is what the objects say, and the vCenter, which is
// not there, is not asked again.
func TestManifestsFollowTheSettlement(t *testing.T) {
	cfg := fullConfig(t, nil)
	site := cfg.VSphereDatacenter.Spec
	given := vcenter.Placement{Template: "/T", Folder: "/F", ResourcePool: "/P", CloneMode: v1alpha1.FullClone, DiskGiB: 77}
	zone := vcenter.Placement{Folder: "/ZF", ResourcePool: "/ZP"}
	settled := vcenter.Settlement{Server: site.Server, Datacenter: site.Datacenter, Machines: map[string]vcenter.Settled{}, Domains: map[string]vcenter.Settled{}}
	for name, m := range cfg.VSphereMachines {
		s := m.Spec
		settled.Machines[name] = vcenter.Settled{Given: given, Asked: vcenter.Placement{Template: s.Template, Folder: s.Folder, ResourcePool: s.ResourcePool, CloneMode: s.CloneMode, DiskGiB: s.DiskGiB}}
	}
	for _, d := range site.FailureDomains {
		settled.Domains[d.Name] = vcenter.Settled{Given: zone, Asked: vcenter.Placement{Folder: d.Folder, ResourcePool: d.ResourcePool}}
	}
	record, err := json.Marshal(settled)
	if err != nil {
		t.Fatal(err)
	}
	p := newProvider(t, cfg)
	prepared, err := p.Prepare(t.Context(), record)
	if err != nil {
		t.Fatal(err)
	}
	var kept vcenter.Settlement
	if err := json.Unmarshal(prepared.Record, &kept); err != nil || kept.Machine(cfg.VSphereMachines[cfg.Cluster.Spec.ControlPlaneConfiguration.MachineGroupRef.Name]) != given {
		t.Errorf("the record became %s, %v", prepared.Record, err)
	}
	manifests, err := p.Manifests()
	if err != nil {
		t.Fatal(err)
	}
	templates, zones := 0, 0
	for _, object := range manifests.Cluster {
		switch o := object.(type) {
		case *infrav1.VSphereMachineTemplate:
			templates++
			s := o.Spec.Template.Spec
			if got := (vcenter.Placement{Template: s.Template, Folder: s.Folder, ResourcePool: s.ResourcePool, CloneMode: v1alpha1.CloneMode(s.CloneMode), DiskGiB: int(s.DiskGiB)}); got != given {
				t.Errorf("%s has %+v", o.Name, got)
			}
		case *infrav1.VSphereDeploymentZone:
			zones++
			if c := o.Spec.PlacementConstraint; c.Folder != zone.Folder || c.ResourcePool != zone.ResourcePool {
				t.Errorf("%s has %+v", o.Name, c)
			}
		}
	}
	if templates == 0 || zones == 0 {
		t.Errorf("%d templates and %d zones: this test shows nothing", templates, zones)
	}
}
