package manifeststest

import (
	"encoding/json"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/manifests"
)

// SatisfySchemas checks that every object says what it is and satisfies its
// embedded CustomResourceDefinition; those of Kubernetes' own groups have none.
func SatisfySchemas(t *testing.T, objects []client.Object) {
	t.Helper()
	known := schemas(t)
	for _, object := range objects {
		gvk := object.GetObjectKind().GroupVersionKind()
		if gvk.Kind == "" {
			t.Errorf("%T %s has no kind, so it cannot be printed", object, object.GetName())
		}
		if gvk.Group == "" {
			continue
		}
		props := known[gvk]
		if props == nil {
			t.Errorf("there is no CustomResourceDefinition for %s", gvk)
			continue
		}
		validator, _, err := validation.NewSchemaValidator(props)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range validation.ValidateCustomResource(nil, Fields(t, object), validator) {
			t.Errorf("%s %s: %v", gvk.Kind, object.GetName(), problem)
		}
	}
}

// schemas are those of the embedded CustomResourceDefinitions.
func schemas(t *testing.T) map[schema.GroupVersionKind]*apiextensions.JSONSchemaProps {
	t.Helper()
	found := map[schema.GroupVersionKind]*apiextensions.JSONSchemaProps{}
	for _, data := range manifests.CRDs() {
		var crd apiextensionsv1.CustomResourceDefinition
		if err := json.Unmarshal(data, &crd); err != nil {
			t.Fatal(err)
		}
		for _, version := range crd.Spec.Versions {
			var props apiextensions.JSONSchemaProps
			if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, &props, nil); err != nil {
				t.Fatal(err)
			}
			found[schema.GroupVersionKind{Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.Kind}] = &props
		}
	}
	return found
}

// Fields is the object as the API server reads it.
func Fields(t *testing.T, object client.Object) map[string]any {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}
