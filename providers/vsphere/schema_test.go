package vsphere

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"

	"groundwork.dev/bootstrap/providers/manifeststest"
)

func TestObjectsSatisfyTheirSchemas(t *testing.T) {
	manifeststest.SatisfySchemas(t, fullObjects(t))
}

func TestObjectsSurviveTheirTypes(t *testing.T) {
	scheme := testScheme(t)
	for _, object := range fullObjects(t) {
		fields := manifeststest.Fields(t, object)
		again, err := scheme.New(object.GetObjectKind().GroupVersionKind())
		if err != nil {
			t.Fatal(err)
		}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(fields, again, true); err != nil {
			t.Errorf("%T %s: %v", object, object.GetName(), err)
		}
		if diff := cmp.Diff(object, again); diff != "" {
			t.Errorf("%T %s does not come back as it went (-went +came):\n%s", object, object.GetName(), diff)
		}
	}
}
