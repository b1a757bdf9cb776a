// Package manifeststest holds what every provider's objects are tested for:
// that they are as a file shows them, and that their CustomResourceDefinitions
// take them.
package manifeststest

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// YAML is the objects as one file.
func YAML(t *testing.T, objects []client.Object) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, object := range objects {
		data, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString("---\n")
		b.Write(data)
	}
	return b.Bytes()
}

// Golden checks that the objects are those in the file, which update writes
// anew.
func Golden(t *testing.T, objects []client.Object, file string, update bool) {
	t.Helper()
	got := YAML(t, objects)
	if update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the objects differ from %s; if that is meant, run the test with -update (-want +got):\n%s", file, diff)
	}
}
