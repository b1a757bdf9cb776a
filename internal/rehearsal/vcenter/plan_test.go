package vcenter

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/manifests/releases"
)

// plan plans one machine configuration of a datacenter.
func plan(t *testing.T, datacenter v1alpha1.VSphereDatacenterConfigSpec, machines ...v1alpha1.VSphereMachineConfigSpec) *Plan {
	t.Helper()
	cfg := &v1alpha1.Config{
		Cluster:           &v1alpha1.Cluster{},
		VSphereDatacenter: &v1alpha1.VSphereDatacenterConfig{Spec: datacenter},
		VSphereMachines:   map[string]*v1alpha1.VSphereMachineConfig{},
	}
	cfg.Cluster.Spec.KubernetesVersion = "1.35"
	for i, spec := range machines {
		m := &v1alpha1.VSphereMachineConfig{Spec: spec}
		m.Name = string(rune('a' + i))
		cfg.VSphereMachines[m.Name] = m
		ref := &v1alpha1.Ref{Kind: v1alpha1.VSphereMachineConfigKind, Name: m.Name}
		if i == 0 {
			cfg.Cluster.Spec.ControlPlaneConfiguration = v1alpha1.ControlPlaneConfiguration{Count: 3, MachineGroupRef: ref}
			continue
		}
		two := 2
		cfg.Cluster.Spec.WorkerNodeGroupConfigurations = append(cfg.Cluster.Spec.WorkerNodeGroupConfigurations,
			v1alpha1.WorkerNodeGroupConfiguration{Name: m.Name, Count: &two, MachineGroupRef: ref})
	}
	catalogue, err := releases.Default()
	if err != nil {
		t.Fatal(err)
	}
	return NewPlan(cfg, catalogue, nil)
}

func TestPlanPaths(t *testing.T) {
	for name, tt := range map[string]struct {
		datacenter v1alpha1.VSphereDatacenterConfigSpec
		machine    v1alpha1.VSphereMachineConfigSpec
		want       []*Datacenter
	}{
		"full paths": {
			v1alpha1.VSphereDatacenterConfigSpec{Datacenter: "Frankfurt", Network: "/Frankfurt/network/Kubernetes/Nodes"},
			v1alpha1.VSphereMachineConfigSpec{Folder: "/Frankfurt/vm/a/b", Datastore: "/Frankfurt/datastore/fast/vsan",
				ResourcePool: "/Frankfurt/host/racks/Compute/Resources/k8s/lab", Template: "/Frankfurt/vm/templates/ubuntu", Networks: []string{"/Frankfurt/network/Other"}},
			[]*Datacenter{{Path: "Frankfurt", Clusters: []*Cluster{{"racks/Compute", []string{"k8s/lab"}}},
				Folders: []string{"a/b", "templates"}, Datastores: []string{"fast/vsan"}, Networks: []string{"Kubernetes/Nodes", "Other"}}},
		},
		"names": {
			v1alpha1.VSphereDatacenterConfigSpec{Datacenter: "Frankfurt", Network: "VM Network"},
			v1alpha1.VSphereMachineConfigSpec{Folder: "lab", Datastore: "vsan", ResourcePool: "lab", Template: "ubuntu"},
			[]*Datacenter{{Path: "Frankfurt", Clusters: []*Cluster{{defaultCluster, []string{"lab"}}},
				Folders: []string{"lab"}, Datastores: []string{"vsan"}, Networks: []string{"VM Network"}}},
		},
		"relative paths": {
			v1alpha1.VSphereDatacenterConfigSpec{Datacenter: "Frankfurt", Network: "./Kubernetes/Nodes"},
			v1alpha1.VSphereMachineConfigSpec{Folder: "vm/a/b", Datastore: "fast/vsan", ResourcePool: "Compute/Resources", Template: "templates/ubuntu"},
			[]*Datacenter{{Path: "Frankfurt", Clusters: []*Cluster{{Path: "Compute"}},
				Folders: []string{"a/b", "templates"}, Datastores: []string{"fast/vsan"}, Networks: []string{"Kubernetes/Nodes"}}},
		},
		"wildcards": {
			v1alpha1.VSphereDatacenterConfigSpec{Datacenter: "Frankfurt"},
			v1alpha1.VSphereMachineConfigSpec{ResourcePool: "*/Resources", Datastore: "fast*"},
			[]*Datacenter{{Path: "Frankfurt", Clusters: []*Cluster{{Path: defaultCluster}}, Datastores: []string{"datastore"}, Networks: []string{"VM Network"}}},
		},
		"the datacenter in folders named like its own": {
			v1alpha1.VSphereDatacenterConfigSpec{Datacenter: "/vm/host/Frankfurt", Network: "/vm/host/Frankfurt/network/Nodes"},
			v1alpha1.VSphereMachineConfigSpec{Folder: "/vm/host/Frankfurt/vm/lab", ResourcePool: "/vm/host/Frankfurt/host/*/Resources"},
			[]*Datacenter{{Path: "vm/host/Frankfurt", Clusters: []*Cluster{{Path: defaultCluster}},
				Folders: []string{"lab"}, Datastores: []string{"datastore"}, Networks: []string{"Nodes"}}},
		},
		"what nothing can be found by": {
			v1alpha1.VSphereDatacenterConfigSpec{Datacenter: "Frankfurt", Network: "/Frankfurt/elsewhere"},
			v1alpha1.VSphereMachineConfigSpec{Folder: "a/b", ResourcePool: "Compute/k8s"},
			[]*Datacenter{{Path: "Frankfurt", Clusters: []*Cluster{{Path: defaultCluster}}, Datastores: []string{"datastore"}, Networks: []string{"VM Network"}}},
		},
		"another datacenter's template": {
			v1alpha1.VSphereDatacenterConfigSpec{Datacenter: "Frankfurt"},
			v1alpha1.VSphereMachineConfigSpec{Template: "/Library/vm/ubuntu"},
			[]*Datacenter{
				{Path: "Frankfurt", Clusters: []*Cluster{{Path: defaultCluster}}, Datastores: []string{"datastore"}, Networks: []string{"VM Network"}},
				{Path: "Library", Clusters: []*Cluster{{Path: defaultCluster}}, Datastores: []string{"datastore"}, Networks: []string{"VM Network"}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, plan(t, tt.datacenter, tt.machine).Datacenters); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWildcardMeansTheClusterWithAName(t *testing.T) {
	p := plan(t, v1alpha1.VSphereDatacenterConfigSpec{Datacenter: "Frankfurt"},
		v1alpha1.VSphereMachineConfigSpec{ResourcePool: "*/Resources"},
		v1alpha1.VSphereMachineConfigSpec{ResourcePool: "/Frankfurt/host/Compute/Resources"})
	if diff := cmp.Diff([]*Cluster{{Path: "Compute"}}, p.Datacenters[0].Clusters); diff != "" {
		t.Error(diff)
	}
}

func TestSharedTemplate(t *testing.T) {
	const path = "/Frankfurt/vm/ubuntu"
	for name, tt := range map[string]struct {
		first, second v1alpha1.VSphereMachineConfigSpec
		want          int
	}{
		"full clones may grow":       {v1alpha1.VSphereMachineConfigSpec{DiskGiB: 40}, v1alpha1.VSphereMachineConfigSpec{DiskGiB: 25}, 25},
		"a linked clone is as large": {v1alpha1.VSphereMachineConfigSpec{DiskGiB: 25}, v1alpha1.VSphereMachineConfigSpec{DiskGiB: 40, CloneMode: v1alpha1.LinkedClone}, 40},
		"whatever comes after it":    {v1alpha1.VSphereMachineConfigSpec{DiskGiB: 40, CloneMode: v1alpha1.LinkedClone}, v1alpha1.VSphereMachineConfigSpec{DiskGiB: 25}, 40},
	} {
		t.Run(name, func(t *testing.T) {
			tt.first.Template, tt.second.Template = path, path
			p := plan(t, v1alpha1.VSphereDatacenterConfigSpec{Datacenter: "Frankfurt"}, tt.first, tt.second)
			if len(p.Templates) != 1 || p.Templates[0].DiskGiB != tt.want {
				t.Errorf("the templates are %+v", p.Templates)
			}
			if !strings.HasPrefix(p.Templates[0].Kubernetes, "v1.35.") {
				t.Errorf("its kubelet is %q", p.Templates[0].Kubernetes)
			}
		})
	}
}

func TestPlanOfFailureDomains(t *testing.T) {
	p := plan(t, v1alpha1.VSphereDatacenterConfigSpec{Datacenter: "Frankfurt", FailureDomains: []v1alpha1.FailureDomain{{
		Name: "a", ComputeCluster: "Rack A", ResourcePool: "/Frankfurt/host/Rack A/Resources/lab", Datastore: "/Frankfurt/datastore/a",
		Folder: "/Frankfurt/vm/a", Network: "/Frankfurt/network/a"}}},
		v1alpha1.VSphereMachineConfigSpec{ResourcePool: "*/Resources", Template: "/Frankfurt/vm/ubuntu", OSFamily: v1alpha1.Ubuntu, TagIDs: []string{"urn:1"}})
	want := []*Datacenter{{Path: "Frankfurt", Clusters: []*Cluster{{"Rack A", []string{"lab"}}},
		Folders: []string{"a"}, Datastores: []string{"a"}, Networks: []string{"a"}}}
	if diff := cmp.Diff(want, p.Datacenters); diff != "" {
		t.Error(diff)
	}
	tags := map[string]string{}
	for _, tag := range p.Tags {
		tags[tag.Category+" "+tag.Name] = tag.ID + strings.Join(tag.On, ",")
	}
	for name := range tags { // the release's number changes
		if rest, ok := strings.CutPrefix(name, "eksdRelease eksdRelease:kubernetes-1-35-eks-"); ok && rest != "" {
			tags["release"] = tags[name]
			delete(tags, name)
		}
	}
	if diff := cmp.Diff(map[string]string{
		"k8s-region Frankfurt": "/Frankfurt", "k8s-zone Rack A": "/Frankfurt/host/Rack A",
		"os os:ubuntu": "/Frankfurt/vm/ubuntu", "release": "/Frankfurt/vm/ubuntu", "groundwork urn:1": "urn:1",
	}, tags); diff != "" {
		t.Error(diff)
	}
}

func TestPlanKeepsThePlacesOfMachines(t *testing.T) {
	cfg := &v1alpha1.Config{Cluster: &v1alpha1.Cluster{}, VSphereDatacenter: &v1alpha1.VSphereDatacenterConfig{}}
	cfg.VSphereDatacenter.Spec.Datacenter = "Frankfurt"
	catalogue, err := releases.Default()
	if err != nil {
		t.Fatal(err)
	}
	p := NewPlan(cfg, catalogue, []VM{{Folder: "/Frankfurt/vm/old", Pool: "/Frankfurt/host/Old/Resources/lab",
		Datastore: "/Frankfurt/datastore/old", Cards: []Card{{Network: "/Frankfurt/network/old"}}}})
	want := []*Datacenter{{Path: "Frankfurt", Clusters: []*Cluster{{"Old", []string{"lab"}}},
		Folders: []string{"old"}, Datastores: []string{"old"}, Networks: []string{"old"}}}
	if diff := cmp.Diff(want, p.Datacenters); diff != "" {
		t.Error(diff)
	}
}
