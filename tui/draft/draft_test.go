package draft_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/scaffold"
	"groundwork.dev/bootstrap/tui/draft"
)

var providers = []string{v1alpha1.VSphereDatacenterKind, v1alpha1.SSHDatacenterKind, v1alpha1.TinkerbellDatacenterKind}

// A new configuration misses what only the site knows, and nothing else.
func TestNewAsksForTheSiteAlone(t *testing.T) {
	missing := map[string][]string{
		v1alpha1.VSphereDatacenterKind: {
			"Cluster/prod: spec.controlPlaneConfiguration.endpoint.host",
			"VSphereDatacenterConfig/prod: spec.datacenter",
			"VSphereDatacenterConfig/prod: spec.network",
			"VSphereDatacenterConfig/prod: spec.server",
			"VSphereMachineConfig/prod: spec.datastore",
			"VSphereMachineConfig/prod: spec.resourcePool",
			"VSphereMachineConfig/prod: spec.template",
			"VSphereMachineConfig/prod-cp: spec.datastore",
			"VSphereMachineConfig/prod-cp: spec.resourcePool",
			"VSphereMachineConfig/prod-cp: spec.template",
		},
		v1alpha1.SSHDatacenterKind: {
			"Cluster/prod: spec.controlPlaneConfiguration.endpoint.host",
			"SSHDatacenterConfig/prod: spec.nodeFiles.location",
			"SSHDatacenterConfig/prod: spec.hosts",
		},
		v1alpha1.TinkerbellDatacenterKind: {
			"Cluster/prod: spec.controlPlaneConfiguration.endpoint.host",
			"Cluster/prod: spec.datacenterRef.kind",
			"TinkerbellDatacenterConfig/prod: spec.tinkerbellIP",
			"TinkerbellMachineConfig/prod: spec.osImageURL",
			"TinkerbellMachineConfig/prod-cp: spec.osImageURL",
		},
	}
	for _, provider := range providers {
		t.Run(provider, func(t *testing.T) {
			got := map[string]bool{}
			for _, p := range draft.New(provider, "prod").Problems() {
				got[p.Object+": "+p.Field] = true
			}
			for _, field := range missing[provider] {
				if !got[field] {
					t.Errorf("nothing asks for %s", field)
				}
				delete(got, field)
			}
			for field := range got {
				t.Errorf("there is a problem with %s", field)
			}
		})
	}
}

// What is shown and saved decodes to the same draft: nothing is lost, and
// nothing is made of what was only inherited.
func TestTextDecodesToTheSame(t *testing.T) {
	for _, file := range examples(t) {
		t.Run(filepath.Base(file.name), func(t *testing.T) {
			first, err := draft.Read(file.name, file.text)
			if err != nil {
				t.Fatal(err)
			}
			text, _, err := first.Text("x.yaml")
			if err != nil {
				t.Fatal(err)
			}
			second, err := draft.Read(file.name, text)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			again, _, _ := second.Text("x.yaml")
			if string(again) != string(text) {
				t.Errorf("the text differs after another turn:\n%s\n---- and then ----\n%s", text, again)
			}
			was, _ := v1alpha1.Decode(file.name, file.text)
			is, _ := v1alpha1.Decode(file.name, text)
			before, _ := was.YAML()
			after, _ := is.YAML()
			if string(before) != string(after) {
				t.Errorf("the effective configuration differs: it was\n%s\nand is\n%s", before, after)
			}
		})
	}
}

type example struct {
	name string
	text []byte
}

// examples are what the program generates and what the repository shows.
func examples(t *testing.T) []example {
	t.Helper()
	var all []example
	for _, provider := range []string{"vsphere", "ssh", "tinkerbell"} {
		text, err := scaffold.Config(provider, "demo")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, example{provider, text})
	}
	files, err := filepath.Glob("../../api/v1alpha1/testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	more, _ := filepath.Glob("../../examples/*.yaml")
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if config, problems := v1alpha1.Decode(file, text); len(problems) > 0 || len(config.Validate()) > 0 {
			continue
		}
		all = append(all, example{file, text})
	}
	return all
}

func TestInheritedTimeoutsFollowTheCluster(t *testing.T) {
	d := read(t, "ssh", strings.NewReplacer())
	if d.ControlPlane().MachineHealthCheck != nil || d.Config.Cluster.Spec.MachineHealthCheck != nil {
		t.Error("the draft holds health checks that are only defaults")
	}
	if host := d.Config.SSHDatacenter.Spec.Hosts[0]; host.User != "" || host.Port != 0 || host.KeyFile != "" {
		t.Errorf("the host holds what the datacenter says: %+v", host)
	}
	d.Config.SSHDatacenter.Spec.User = "admin"
	d.Changed()
	if host := d.Host(0); host.User != "admin" || host.Port != 22 {
		t.Errorf("the host does not follow the datacenter: %+v", host)
	}
}

// read reads a generated configuration with changes to its text.
func read(t *testing.T, provider string, changes *strings.Replacer) *draft.Draft {
	t.Helper()
	text, err := scaffold.Config(provider, "demo")
	if err != nil {
		t.Fatal(err)
	}
	d, err := draft.Read("demo.yaml", []byte(changes.Replace(string(text))))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func machineNames(d *draft.Draft) []string {
	var names []string
	for _, m := range d.Machines() {
		names = append(names, m.Name)
	}
	return names
}

func TestMachineConfigurationsAreRenamedWithTheCluster(t *testing.T) {
	for _, provider := range providers {
		t.Run(provider, func(t *testing.T) {
			d := draft.New(provider, "")
			d.Config.Cluster.Spec.ManagementCluster.Name = ""
			d.AddGroup()
			if got, want := machineNames(d), []string{"cluster-cp", "cluster", "cluster-md-1"}; !reflect.DeepEqual(got, want) {
				t.Errorf("before there is a name: %q, want %q", got, want)
			}
			d.Rename("prod")
			d.Config.Cluster.Spec.ManagementCluster.Name = "prod"
			d.Rename("stage")
			if got, want := machineNames(d), []string{"stage-cp", "stage", "stage-md-1"}; !reflect.DeepEqual(got, want) {
				t.Errorf("renamed: %q, want %q", got, want)
			}
			if got := d.Config.Cluster.Spec.DatacenterRef.Name; got != "stage" {
				t.Errorf("the datacenter is %s", got)
			}
			if got := d.Config.Cluster.Spec.ManagementCluster.Name; got != "stage" {
				t.Errorf("the management cluster is %s", got)
			}
			for _, p := range d.Problems() {
				if strings.Contains(p.Message, "in the file") {
					t.Errorf("a reference is broken: %s", p)
				}
			}
		})
	}
}

func TestOtherNamesStay(t *testing.T) {
	d := read(t, "vsphere", strings.NewReplacer())
	d.Rename("prod")
	// demo-worker follows no rule of ours.
	if got, want := machineNames(d), []string{"prod-cp", "demo-worker"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
