package v1alpha1

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// compatDir is the folder with EKS Anywhere's own test data.
func compatDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("EKSA_COMPAT_DIR")
	if dir == "" {
		root, err := os.Getwd()
		for ; err == nil; root = filepath.Dir(root) {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil || root == filepath.Dir(root) {
				break
			}
		}
		dir = filepath.Join(root, "..", "shared", "eksa-compat")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("EKS Anywhere's test data is not there (set EKSA_COMPAT_DIR): %v", err)
	}
	return dir
}

func readTSV(t *testing.T, path string) [][]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && line[0] != '#' {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

// parseProblems returns what Parse says of a file.
func parseProblems(t *testing.T, path string) Problems {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	config, err := Parse(filepath.Base(path), data)
	if err == nil {
		return nil
	}
	if config != nil {
		t.Errorf("Parse returned a configuration beside an error")
	}
	return err.(Problems)
}

// causes name the problems that EKS Anywhere's test data has on purpose, for
// Groundwork: each is right to be reported.
var causes = []struct{ name, field, message string }{
	{"old-version", "kubernetesVersion", "is not supported"},
	{"thumbprint", "spec.thumbprint", "is not the SHA-1 thumbprint"}, // "ABCDEFG"
	{"external-etcd", "spec.externalEtcdConfiguration", "upstream Cluster API"},
	{"etcd-on-metal", "spec.externalEtcdConfiguration", "not for bare metal"}, // EKS Anywhere refuses it too
	{"bottlerocket", "spec.osFamily", "Bottlerocket is not supported"},
	{"bare-metal", "spec.datacenterRef.kind", "cannot be created yet"},
	{"node-field", "spec.clusterNetwork.node", "there is no such field"},             // EKS Anywhere refuses it too
	{"cp-max-unavailable", "rollingUpdate.maxUnavailable", "there is no such field"}, // EKS Anywhere refuses it too
	{"no-workers", "spec.workerNodeGroupConfigurations", "there is no worker group"}, // EKS Anywhere refuses it too
	{"endpoint-0.0.0.0", "endpoint.host", "not an address that a machine can have"},
	{"two-encryptions", "spec.etcdEncryption", "encryption"}, // EKS Anywhere refuses it too
	{"no-aws-iam", "spec.identityProviderRefs[0].name", "there is no AWSIamConfig"},
	{"aws-iam", "spec.identityProviderRefs[0]", "not supported yet"},
	{"image-version", "spec.osImageURL", "does not have Kubernetes"}, // EKS Anywhere refuses it too
	{"empty-template", "spec.template", ""},
}

func causeOf(p Problem) string {
	for _, c := range causes {
		if strings.Contains(p.Field, c.field) && strings.Contains(p.Message, c.message) {
			return c.name
		}
	}
	return fmt.Sprintf("UNEXPECTED %s: %s", p.Field, p.Message)
}

// TestCompatValid holds every valid file of EKS Anywhere's to exactly the
// problems that it has on purpose, and none other.
func TestCompatValid(t *testing.T) {
	dir := compatDir(t)
	want := map[string]string{}
	for _, row := range readTSV(t, "testdata/compat.tsv") {
		want[row[0]] = row[1]
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.in.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	got := map[string]string{}
	for _, file := range files {
		var names []string
		for _, p := range parseProblems(t, file) {
			checkWhole(t, p)
			names = append(names, causeOf(p))
		}
		slices.Sort(names)
		name, _ := filepath.Rel(dir, file)
		got[filepath.ToSlash(name)] = strings.Join(slices.Compact(names), " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestCompatInvalid looks for the real cause in what is said of each file
// that EKS Anywhere refuses.
func TestCompatInvalid(t *testing.T) {
	dir := filepath.Join(compatDir(t), "invalid")
	type cause struct{ field, message string }
	want := map[string][]cause{}
	for _, row := range readTSV(t, "testdata/invalid.tsv") {
		want[row[0]] = append(want[row[0]], cause{row[1], row[2]})
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	for _, row := range readTSV(t, filepath.Join(dir, "expected.tsv"))[1:] {
		if _, err := os.Stat(filepath.Join(dir, row[0])); err != nil {
			t.Errorf("expected.tsv names a file that is not there: %v", err)
		}
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			problems := parseProblems(t, file)
			if len(want[name]) == 0 {
				t.Fatalf("testdata/invalid.tsv does not say why this file is wrong; problems:\n%v", problems)
			}
			for _, c := range want[name] {
				if !slices.ContainsFunc(problems, func(p Problem) bool {
					return p.Field == c.field && strings.Contains(p.Message, c.message)
				}) {
					t.Errorf("no problem with %q saying %q; problems:\n%v", c.field, c.message, problems)
				}
			}
			for _, p := range problems {
				checkWhole(t, p)
			}
		})
	}
}

// checkWhole fails where a problem lacks what every problem has.
func checkWhole(t *testing.T, p Problem) {
	t.Helper()
	if p.File == "" || p.Line < 1 || p.Column < 1 || p.Message == "" || p.Remedy == "" {
		t.Errorf("the problem is not whole: %+v", p)
	}
	if strings.ContainsAny(p.String(), "\n\r") {
		t.Errorf("the problem is not on one line: %q", p.String())
	}
}
