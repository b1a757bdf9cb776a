package main

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"sigs.k8s.io/yaml"
)

func parse(t *testing.T, text string) object {
	t.Helper()
	var o object
	if err := yaml.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestTrimKeepsValidationAndPropertiesNamedLikeDocumentation(t *testing.T) {
	crd := parse(t, `
metadata: {name: a.b, annotations: {cert-manager.io/inject-ca-from: $(X)/$(Y), keep: this}}
spec:
  conversion: {strategy: Webhook}
  versions:
  - {name: v1alpha3, served: false, storage: false, schema: {openAPIV3Schema: {}}}
  - {name: v1alpha4, served: true, storage: false, schema: {openAPIV3Schema: {}}}
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Age, description: text, jsonPath: .x}]
    schema:
      openAPIV3Schema:
        description: text
        x-kubernetes-validations: [{rule: self.a == 1, message: description}]
        properties:
          description: {type: string, description: text, maxLength: 3}
          list: {type: array, items: {description: text, type: object, additionalProperties: {description: text}}}
          choice: {oneOf: [{description: text, required: [a]}], not: {description: text}}
`)
	if err := trim(crd, []string{"v1alpha4"}); err != nil {
		t.Fatal(err)
	}
	want := parse(t, `
metadata: {name: a.b, annotations: {keep: this}}
spec:
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Age, jsonPath: .x}]
    schema:
      openAPIV3Schema:
        x-kubernetes-validations: [{rule: self.a == 1, message: description}]
        properties:
          description: {type: string, maxLength: 3}
          list: {type: array, items: {type: object, additionalProperties: {}}}
          choice: {oneOf: [{required: [a]}], not: {}}
`)
	if !reflect.DeepEqual(crd, want) {
		t.Errorf("got  %v\nwant %v", crd, want)
	}
}

func TestTheStoredVersionIsNeverDropped(t *testing.T) {
	crd := parse(t, `{metadata: {name: a.b}, spec: {versions: [{name: v1, served: false, storage: true, schema: {openAPIV3Schema: {}}}]}}`)
	if err := trim(crd, []string{"v1"}); err != nil {
		t.Error(err)
	}
}

func TestProviderFollowsItsKustomization(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"crd/kustomization.yaml":     "resources: [bases/a.yaml]\nlabels: [{pairs: {contract: v1}}]\npatches: [{path: patches/a.yaml}]\n",
		"crd/bases/a.yaml":           "kind: CustomResourceDefinition\nmetadata: {name: a.b}\nspec: {group: b, versions: [{name: v1, served: true, storage: true}, {name: v0, served: true, storage: false}]}\n",
		"crd/patches/a.yaml":         "metadata: {name: a.b, labels: {move: \"\"}}\nspec: {conversion: {strategy: Webhook}}\n",
		"default/kustomization.yaml": "commonLabels: {provider: p}\n",
		"webhooks.yaml":              "---\nkind: MutatingWebhookConfiguration\nmetadata: {name: m}\nwebhooks: []\n---\nkind: ValidatingWebhookConfiguration\nmetadata: {name: m}\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := provider{name: "x", crds: "crd", install: "default", webhooks: "webhooks.yaml"}
	files, err := p.objects(dir)
	if err != nil {
		t.Fatal(err)
	}
	crd := files["crds/a.b.json"]
	want := object{"contract": "v1", "provider": "p", "move": ""}
	if got := child(child(crd, "metadata"), "labels"); !reflect.DeepEqual(got, want) {
		t.Errorf("labels %v", got)
	}
	if got := child(child(crd, "spec"), "conversion")["strategy"]; got != "Webhook" {
		t.Errorf("conversion %v", got)
	}
	for _, file := range []string{"webhooks/mutating-x.json", "webhooks/validating-x.json"} {
		if name(files[file]) != "x-m" {
			t.Errorf("%s holds %v", file, files[file])
		}
	}
	p.skip = []string{"a.b"}
	if files, err := p.objects(dir); err != nil || files["crds/a.b.json"] != nil {
		t.Errorf("a CRD to skip is there: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "crd/patches/a.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.objects(dir); err == nil {
		t.Error("a file that the kustomization names is missing, and nobody says so")
	}
}

func TestWriteLeavesNothingStale(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "components")
	if err := write(dir, map[string][]byte{"crds/a.json": []byte("1"), "b": []byte("2")}); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(filepath.Join(dir, "b"))
	if err != nil {
		t.Fatal(err)
	}
	if err := write(dir, map[string][]byte{"b": []byte("2")}); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(filepath.Join(dir, "b"))
	if err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("an unchanged file was written again: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "crds/a.json")); !os.IsNotExist(err) {
		t.Errorf("a file that is no longer made is still there: %v", err)
	}
}
