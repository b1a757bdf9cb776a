package cluster_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// fill sets everything that value can hold, one item in each list.
func fill(value reflect.Value) {
	switch v := value.Addr().Interface().(type) {
	case *metav1.Duration:
		v.Duration = 7 * time.Minute
		return
	case *intstr.IntOrString:
		*v = intstr.FromString("30%")
		return
	case *unstructured.Unstructured:
		v.Object = map[string]any{"maxPods": int64(90)}
		return
	case *apiextensionsv1.JSON:
		v.Raw = []byte(`{"debug":{"enabled":true}}`)
		return
	case *v1alpha1.Token:
		v.String = secret.New("token")
		return
	case *metav1.TypeMeta, *metav1.ObjectMeta, *metav1.Time:
		return
	}
	switch value.Kind() {
	case reflect.Pointer:
		if value.Type() == reflect.TypeFor[*metav1.Time]() {
			return // a taint's, which only controllers set
		}
		value.Set(reflect.New(value.Type().Elem()))
		fill(value.Elem())
	case reflect.Struct:
		for i := range value.NumField() {
			if value.Type().Field(i).IsExported() {
				fill(value.Field(i))
			}
		}
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		fill(value.Index(0))
	case reflect.Map:
		item := reflect.New(value.Type().Elem()).Elem()
		fill(item)
		value.Set(reflect.MakeMap(value.Type()))
		value.SetMapIndex(reflect.ValueOf("name"), item)
	case reflect.String:
		value.SetString("text")
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		value.SetInt(5)
	}
}

// whole is a draft with everything that a file can say of the kinds that the
// pages are about.
func whole() *draft.Draft {
	d := draft.New(v1alpha1.VSphereDatacenterKind, "prod")
	c := d.Config
	kept := c.Cluster.Spec
	fill(reflect.ValueOf(&c.Cluster.Spec).Elem())
	spec := &c.Cluster.Spec
	spec.DatacenterRef = kept.DatacenterRef
	spec.ControlPlaneConfiguration.MachineGroupRef = kept.ControlPlaneConfiguration.MachineGroupRef
	spec.WorkerNodeGroupConfigurations[0].MachineGroupRef = kept.WorkerNodeGroupConfigurations[0].MachineGroupRef
	spec.WorkerNodeGroupConfigurations[0].FailureDomains = []string{"rack"}
	spec.ExternalEtcdConfiguration.MachineGroupRef = kept.ControlPlaneConfiguration.MachineGroupRef
	c.VSphereDatacenter.Spec.FailureDomains = []v1alpha1.FailureDomain{{Name: "rack"}}
	oidc, iam, flux, aws := &v1alpha1.OIDCConfig{}, &v1alpha1.AWSIamConfig{}, &v1alpha1.FluxConfig{}, &v1alpha1.AWSRegistrationConfig{}
	for _, object := range []any{&oidc.Spec, &iam.Spec, &flux.Spec, &aws.Spec} {
		fill(reflect.ValueOf(object).Elem())
	}
	oidc.Name, iam.Name, flux.Name, aws.Name = "prod", "prod", "prod", "prod"
	c.AWSRegistration = aws
	c.OIDC = map[string]*v1alpha1.OIDCConfig{"prod": oidc}
	c.AWSIam = map[string]*v1alpha1.AWSIamConfig{"prod": iam}
	c.Flux = map[string]*v1alpha1.FluxConfig{"prod": flux}
	spec.IdentityProviderRefs = []v1alpha1.Ref{{Kind: v1alpha1.OIDCConfigKind, Name: "prod"}, {Kind: v1alpha1.AWSIamConfigKind, Name: "prod"}}
	spec.GitOpsRef = &v1alpha1.Ref{Kind: v1alpha1.FluxConfigKind, Name: "prod"}
	machine := c.VSphereMachines["prod"]
	fill(reflect.ValueOf(&machine.Spec.Users).Elem())
	fill(reflect.ValueOf(&machine.Spec.HostOSConfiguration).Elem())
	d.Changed()
	return d
}

// leaves are the paths of all values below a value of JSON.
func leaves(path string, value any) (all []string) {
	switch v := value.(type) {
	case map[string]any:
		for name, item := range v {
			all = append(all, leaves(path+"."+name, item)...)
		}
	case []any:
		for i, item := range v {
			all = append(all, leaves(fmt.Sprintf("%s[%d]", path, i), item)...)
		}
	default:
		all = append(all, strings.TrimPrefix(path, "."))
	}
	slices.Sort(all)
	return all
}

// Everything that a file can say has a field. The provider's pages and the
// draft itself see to what is excepted.
func TestEverythingCanBeSaid(t *testing.T) {
	d := whole()
	excepted := []string{
		"spec.datacenterRef", "spec.controlPlaneConfiguration.machineGroupRef", "spec.externalEtcdConfiguration.machineGroupRef",
		"spec.workerNodeGroupConfigurations[0].failureDomains",
	}
	objects := map[string]any{
		"Cluster/prod":               map[string]any{"spec": d.Config.Cluster.Spec},
		"OIDCConfig/prod":            map[string]any{"spec": d.Config.OIDC["prod"].Spec},
		"AWSIamConfig/prod":          map[string]any{"spec": d.Config.AWSIam["prod"].Spec},
		"AWSRegistrationConfig/prod": map[string]any{"spec": d.Config.AWSRegistration.Spec},
		"FluxConfig/prod":            map[string]any{"spec": d.Config.Flux["prod"].Spec},
		"VSphereMachineConfig/prod":  map[string]any{"spec": map[string]any{"users": d.Config.VSphereMachines["prod"].Spec.Users, "hostOSConfiguration": d.Config.VSphereMachines["prod"].Spec.HostOSConfiguration}},
	}
	// The machine configuration of the workers is chosen on its pages.
	var fields []form.Field
	for _, page := range pages(d) {
		for _, f := range page.Visible() {
			if f.ID == "machines" {
				if err := f.Set("prod"); err != nil {
					t.Fatal(err)
				}
			}
		}
		fields = append(fields, page.Visible()...)
	}
	for name, object := range objects {
		data, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		var generic any
		if err := json.Unmarshal(data, &generic); err != nil {
			t.Fatal(err)
		}
		for _, path := range leaves("", generic) {
			if slices.ContainsFunc(excepted, func(e string) bool { return strings.HasPrefix(path, e) }) {
				continue
			}
			// A field for a whole section, such as the chooser of groups, does
			// not say what is in it.
			if !slices.ContainsFunc(fields, func(f form.Field) bool {
				section := slices.Contains([]string{"group", "machines", "plugin", "repositoryAt"}, f.ID) || f.Kind == form.Toggle
				section = section && f.Path != path
				below, found := strings.CutPrefix(path, f.Path)
				return !section && f.Object == name && found && (below == "" || below[0] == '.' || below[0] == '[')
			}) && !isReference(path) {
				t.Errorf("nothing asks for %s of %s", path, name)
			}
		}
	}
}

// isReference is true of what toggles and choices set.
func isReference(path string) bool {
	return path == "spec.clusterNetwork.cni" || strings.HasPrefix(path, "spec.identityProviderRefs") || strings.HasPrefix(path, "spec.gitOpsRef")
}

// Giving every field the answer that it shows changes nothing.
func TestAnswersAsShownChangeNothing(t *testing.T) {
	for name, d := range drafts() {
		t.Run(name, func(t *testing.T) {
			before := d.YAML()
			for _, page := range pages(d) {
				for _, f := range page.Visible() {
					if err := f.Set(f.Get()); err != nil && name != "whole" {
						t.Errorf("%s of %s refuses its own answer %q: %v", f.ID, page.ID, f.Get(), err)
					}
					if after := d.YAML(); after != before {
						t.Fatalf("%s of %s, set to its own answer %q, changes the configuration: it was\n%s\nand is\n%s", f.ID, page.ID, f.Get(), before, after)
					}
				}
			}
		})
	}
}

func drafts() map[string]*draft.Draft {
	all := map[string]*draft.Draft{"whole": whole()}
	// It can be in one place alone; the answer would settle which.
	all["whole"].Config.Flux["prod"].Spec.Github = nil
	all["whole"].Changed()
	for _, provider := range []string{v1alpha1.VSphereDatacenterKind, v1alpha1.SSHDatacenterKind, v1alpha1.TinkerbellDatacenterKind} {
		all[provider] = draft.New(provider, "prod")
	}
	return all
}

func TestFieldsFit(t *testing.T) {
	// The column of labels beside the YAML on 120 cells.
	const widest = 22
	for name, d := range drafts() {
		seen := map[string]bool{}
		for _, page := range pages(d) {
			if seen[page.ID] {
				t.Errorf("there are two pages %s", page.ID)
			}
			seen[page.ID] = true
			ids := map[string]bool{}
			for _, f := range page.Visible() {
				if ids[f.ID] {
					t.Errorf("%s: the page %s has two fields %s", name, page.ID, f.ID)
				}
				ids[f.ID] = true
				if len(f.Title) > widest {
					t.Errorf("the label %q has more than %d cells", f.Title, widest)
				}
				if f.Help == "" || !strings.HasSuffix(f.Help, ".") && !strings.Contains(f.Help, ":") {
					t.Errorf("the help of %q is no sentence: %q", f.Title, f.Help)
				}
			}
		}
	}
}

// Every problem of the objects that the pages are about is some field's: one
// that is nobody's could not be corrected here.
func TestEveryProblemHasAField(t *testing.T) {
	d := whole()
	var fields []form.Field
	for _, page := range pages(d) {
		fields = append(fields, page.Visible()...)
	}
	seen := 0
	for _, p := range d.Problems() {
		// The provider's pages see to these.
		if strings.HasPrefix(p.Object, "VSphere") {
			continue
		}
		seen++
		owners := form.ProblemsOf(fields, v1alpha1.Problems{p})
		if len(owners) == 0 {
			t.Errorf("no field has the problem %s", p)
		}
	}
	if seen < 30 {
		t.Errorf("the draft has only %d problems", seen)
	}
}
