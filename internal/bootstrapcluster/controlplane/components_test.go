package controlplane

import (
	"encoding/json"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"

	sshv1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

const testURL = "https://127.0.0.1:1234"

func testComponents(t *testing.T) *components {
	t.Helper()
	c, err := loadComponents(testURL, []byte("CA"))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.crds) < 20 || len(c.webhooks) < 8 {
		t.Fatalf("%d CRDs, %d webhook configurations", len(c.crds), len(c.webhooks))
	}
	return c
}

// Nobody checks what is written into etcd directly: that the names are unique
// and the schemas structural is checked here instead.
func TestCRDsAreWhatTheirStatusSays(t *testing.T) {
	names := map[string]string{}
	for _, crd := range testComponents(t).crds {
		status := establishedStatus(crd.Spec)
		if len(status.StoredVersions) != 1 || status.AcceptedNames.Kind != crd.Spec.Names.Kind {
			t.Errorf("%s: %+v", crd.Name, status)
		}
		all := append([]string{crd.Spec.Names.Kind, crd.Spec.Names.ListKind, crd.Spec.Names.Plural, crd.Spec.Names.Singular}, crd.Spec.Names.ShortNames...)
		if crd.Name != crd.Spec.Names.Plural+"."+crd.Spec.Group {
			t.Errorf("%s is called %s", crd.Spec.Names.Plural, crd.Name)
		}
		for _, name := range all {
			key := crd.Spec.Group + "/" + name
			if owner := names[key]; owner != "" && owner != crd.Name {
				t.Errorf("%s and %s are both called %s", owner, crd.Name, name)
			}
			names[key] = crd.Name
		}
		for i := range crd.Spec.Versions {
			structural(t, crd.Name, &crd.Spec.Versions[i])
		}
	}
}

func structural(t *testing.T, name string, version *apiextensionsv1.CustomResourceDefinitionVersion) {
	t.Helper()
	internal := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, internal, nil); err != nil {
		t.Fatal(err)
	}
	s, err := schema.NewStructural(internal)
	if err != nil {
		t.Fatalf("%s %s: %v", name, version.Name, err)
	}
	if errs := schema.ValidateStructural(nil, s); len(errs) > 0 {
		t.Errorf("%s %s: %v", name, version.Name, errs)
	}
	if _, _, err := validation.NewSchemaValidator(internal); err != nil {
		t.Errorf("%s %s: %v", name, version.Name, err)
	}
	if internal.Description != "" {
		t.Errorf("%s %s still has its documentation", name, version.Name)
	}
}

func TestConversionGoesToThisProcess(t *testing.T) {
	several := 0
	for _, crd := range testComponents(t).crds {
		if len(crd.Spec.Versions) < 2 || crd.Spec.Conversion.Strategy != apiextensionsv1.WebhookConverter {
			continue
		}
		several++
		to := crd.Spec.Conversion.Webhook.ClientConfig
		if to.Service != nil || to.URL == nil || *to.URL != testURL+"/convert" || string(to.CABundle) != "CA" {
			t.Errorf("%s is converted by %+v", crd.Name, to)
		}
	}
	if several < 15 {
		t.Errorf("only %d CRDs are converted by webhook", several)
	}
}

func TestWebhooksGoToThisProcess(t *testing.T) {
	hooks := map[string]bool{}
	for key, data := range testComponents(t).webhooks {
		// Both kinds have these fields.
		configuration := &admissionv1.ValidatingWebhookConfiguration{}
		if err := json.Unmarshal(data, configuration); err != nil {
			t.Fatal(err)
		}
		if configuration.UID == "" || configuration.CreationTimestamp.IsZero() {
			t.Errorf("%s has no identity", key)
		}
		for _, w := range configuration.Webhooks {
			if w.ClientConfig.Service != nil || w.ClientConfig.URL == nil || string(w.ClientConfig.CABundle) != "CA" {
				t.Errorf("%s calls %+v", w.Name, w.ClientConfig)
				continue
			}
			hooks[*w.ClientConfig.URL] = true
		}
	}
	if len(hooks) < 24 {
		t.Errorf("%d webhooks", len(hooks))
	}
	if !hooks[testURL+"/validate-cluster-x-k8s-io-v1beta2-cluster"] {
		t.Errorf("there is none for Cluster: %v", hooks)
	}
}

func TestContractLabels(t *testing.T) {
	for _, crd := range testComponents(t).crds {
		provider := crd.Spec.Group != "cluster.x-k8s.io" && crd.Labels["cluster.x-k8s.io/provider"] != "cluster-api" &&
			crd.Labels["cluster.x-k8s.io/provider"] != "ipam-in-cluster"
		want := "v1beta2"
		if crd.Spec.Group == sshv1.GroupVersion.Group {
			want = sshv1.GroupVersion.Version
		}
		if got := crd.Labels["cluster.x-k8s.io/v1beta2"]; provider && got != want {
			t.Errorf("%s keeps contract v1beta2 in version %q, want %s", crd.Name, got, want)
		}
		if crd.Labels["cluster.x-k8s.io/provider"] == "" {
			t.Errorf("%s belongs to no provider", crd.Name)
		}
	}
}
