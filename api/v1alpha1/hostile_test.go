package v1alpha1

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// answerWithin is how long any file may take. The issue's own limit is one
// second; a loaded machine with the race detector gets more.
const answerWithin = 5 * time.Second

// header begins a Cluster in which a case goes on.
const header = "apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: Cluster\n"

// bomb unfolds to 10^12 values.
func bomb() string {
	var b strings.Builder
	b.WriteString(header + "metadata:\n  name: x\n  labels: {}\nspec:\n  controlPlaneConfiguration:\n    kubeletConfiguration:\n      a0: &a0 x\n")
	for i := 1; i <= 12; i++ {
		fmt.Fprintf(&b, "      a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String()
}

// mergeBomb merges ten thousand fields ten thousand times.
func mergeBomb() string {
	var b strings.Builder
	b.WriteString(header + "metadata:\n  name: prod\n  annotations: &s {")
	for i := range 10_000 {
		fmt.Fprintf(&b, "a%d: 1,", i)
	}
	return b.String() + "}\n  labels: {<<: [" + strings.Repeat("*s,", 10_000) + "*s]}\n"
}

// manyAddresses is a pool that takes forever where every address is compared
// with every other.
func manyAddresses() string {
	var b strings.Builder
	b.WriteString(header + "metadata: {name: prod}\n---\napiVersion: groundwork.dev/v1alpha1\nkind: VSphereAddressPool\nmetadata: {name: pool}\nspec:\n  addresses: [10.0.0.0")
	for i := range 80_000 {
		fmt.Fprintf(&b, ",10.%d.%d.%d", i>>16, i>>8&255, i&255)
	}
	return b.String() + "]\n"
}

func TestHostileInput(t *testing.T) {
	for _, test := range []struct {
		name, data string
		line       int // 0: any
		want       string
	}{
		{"empty", "", 0, "there is no Cluster in the file"},
		{"only separators", "---\n---\n", 0, "there is no Cluster in the file"},
		{"binary", "\x7fELF\x02\x01\x00\x00", 0, "binary file"},
		{"gzip", "\x1f\x8b\x08\x00\x00\x00", 0, "binary file"},
		{"UTF-16", "\xff\xfek\x00i\x00", 0, "UTF-16"},
		{"not UTF-8", header + "metadata: {name: \xe9}\n", 3, "not UTF-8"},
		{"too large", strings.Repeat("#", MaxFileSize+1), 0, "bytes, and a configuration file at most"},
		{"a list", "- a\n- b\n", 1, "this document is a list"},
		{"text", "hello\n", 1, `this document is the text "hello"`},
		{"alias bomb", bomb(), 0, "unfold to more than"},
		{"alias to itself", header + "spec: &a {controlPlaneConfiguration: {kubeletConfiguration: {x: *a}}}\n", 0, "unfold to more than"},
		{"merge with itself", header + "spec: &a\n  <<: *a\n", 0, "unfold to more than"},
		{"merge bomb", mergeBomb(), 0, "unfold to more than"},
		{"many addresses", manyAddresses(), 0, "the Kubernetes version is missing"},
		{"unknown anchor", header + "spec: *nowhere\n", 3, "has no anchor &nowhere"},
		{"deep", header + "spec: " + strings.Repeat("[", 100_000), 0, "not valid YAML"},
		{"deep but valid", header + "spec: {controlPlaneConfiguration: {kubeletConfiguration: {x: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "}}}\n", 0, "nest deeper"},
		{"many fields", header + "spec:\n" + strings.Repeat("  x: 1\n", 100_000), 4, "there is no such field"},
		{"many documents", strings.Repeat("---\nkind: x\n", 80_000), 1999, "more than 1000 documents"},
		{"long name", header + strings.Repeat("k", 1000) + ": 1\n", 3, "there is no such field"},
		{"duplicate key", header + "metadata:\n  name: a\n  name: b\n", 5, "there twice, first on line 4"},
		{"duplicate label", header + "metadata:\n  name: a\n  labels:\n    x: 1\n    x: 2\n", 7, "there twice, first on line 6"},
		{"duplicate deep inside", header + "spec:\n  controlPlaneConfiguration:\n    kubeletConfiguration:\n      maxPods: 1\n      maxPods: 2\n", 7, "there twice"},
		{"tab", header + "metadata:\n\tname: a\n", 4, "indented with a tab"},
		{"tab later", header + "metadata:\n  name: a\nspec:\n  kubernetesVersion: \"1.35\"\n\tdatacenterRef: {}\n", 7, "indented with a tab"},
		{"CRLF keeps lines", strings.ReplaceAll(header+"metadata:\n  name: a\n  nome: b\n", "\n", "\r\n"), 5, "there is no such field"},
		{"carriage returns alone", strings.ReplaceAll(header+"metadata:\n  nome: b\n", "\n", "\r"), 4, "there is no such field"},
		{"unknown kind", "apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: VSphereMachinConfig\n", 2, "there is no kind"},
		{"other provider", "apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: NutanixMachineConfig\n", 2, "does not build on Nutanix"},
		{"no kind", "apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nmetadata: {name: x}\n", 1, "the kind is missing"},
		{"no apiVersion", "kind: Cluster\n", 1, "the apiVersion is missing"},
		{"unknown apiVersion", "apiVersion: anywhere.eks.amazonaws.com/v1\nkind: Cluster\n", 1, "is not in apiVersion"},
		{"wrong group", "apiVersion: groundwork.dev/v1alpha1\nkind: Cluster\n", 1, "is not in apiVersion"},
		{"kind is a list", "apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: [Cluster]\n", 2, "the kind is missing"},
		{"name is a list", header + "metadata: [a]\n", 3, "this takes fields, not a list"},
		{"key is a list", header + "? [a]\n: b\n", 3, "a field's name is a list"},
		{"infinite number", header + "spec:\n  controlPlaneConfiguration:\n    kubeletConfiguration:\n      maxPods: .inf\n", 6, "no number that Kubernetes takes"},
		{"separator with text", header + "---foo\n", 3, "begins with ---"},
		{"certificate not indented", header + "spec:\n  registryMirrorConfiguration:\n    caCertContent: |\n-----BEGIN CERTIFICATE-----\n", 6, "not indented below its field"},
	} {
		t.Run(test.name, func(t *testing.T) {
			start := time.Now()
			config, err := Parse("file", []byte(test.data))
			if took := time.Since(start); took > answerWithin {
				t.Errorf("took %s", took)
			}
			if err == nil || config != nil {
				t.Fatalf("no problem was found: %v", config)
			}
			problems := err.(Problems)
			if len(problems) > maxProblems+1 {
				t.Errorf("%d problems", len(problems))
			}
			for _, p := range problems {
				if strings.Contains(p.Message, test.want) && (test.line == 0 || p.Line == test.line) {
					if p.Remedy == "" {
						t.Errorf("no remedy: %v", p)
					}
					return
				}
			}
			t.Errorf("no problem says %q on line %d:\n%.2000s", test.want, test.line, err.Error())
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	huge := filepath.Join(dir, "huge.yaml")
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// A sparse file: 100 MB without the time and place to write them.
	if err := os.Truncate(huge, 100<<20); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		huge:                            "104857600 bytes",
		dir:                             "this is a directory",
		filepath.Join(dir, "none.yaml"): "no such file",
		"/dev/zero":                     "at most",
	} {
		start := time.Now()
		_, err := Load(path)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
		if took := time.Since(start); took > answerWithin {
			t.Errorf("%s took %s", path, took)
		}
	}
}

func TestBrokenDocumentHidesNoOther(t *testing.T) {
	base, err := os.ReadFile("testdata/vsphere.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data := bytes.Replace(base, []byte("  datacenter: DC\n"), []byte("  datacenter: [DC\n"), 1)
	data = bytes.Replace(data, []byte("    count: 3\n"), []byte("    count: 4\n"), 1)
	data = bytes.Replace(data, []byte("  template: tmpl\n"), []byte("  tempalte: tmpl\n"), 1)
	_, err = Parse("file", data)
	if err == nil {
		t.Fatal("no problem was found")
	}
	for _, want := range []string{"not valid YAML", "count is even (4)", "did you mean template?"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no problem says %q:\n%v", want, err)
		}
	}
	// The datacenter may well be in the broken document.
	if strings.Contains(err.Error(), "there is no VSphereDatacenterConfig") {
		t.Errorf("a follow-up problem is reported:\n%v", err)
	}
}
