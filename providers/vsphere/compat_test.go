package vsphere

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/providers/kubeadm"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

// compatDir is where EKS Anywhere's test data is; the test is skipped where
// it is not.
func compatDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("EKSA_COMPAT_DIR")
	if dir == "" {
		dir = filepath.Join(moduleRoot(t), "..", "shared", "eksa-compat")
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("EKS Anywhere's test data is not in %s; EKSA_COMPAT_DIR names another place", dir)
	}
	return dir
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the test's directory")
	return ""
}

// fixtureReleases are those of the release bundle behind EKS Anywhere's test
// data, so that versions and image repositories compare too.
func fixtureReleases() *releases.Catalogue {
	release := func(minor, version, coreDNS, kubeVIP string) releases.Release {
		return releases.Release{
			Kubernetes: minor, Version: version,
			ImageRepository: "public.ecr.aws/eks-distro/kubernetes",
			Etcd:            releases.Image{Repository: "public.ecr.aws/eks-distro/etcd-io/etcd", Tag: "v3.4.14-eks-1-19-4"},
			CoreDNS:         releases.Image{Repository: "public.ecr.aws/eks-distro/coredns/coredns", Tag: coreDNS},
			KubeVIP:         releases.Image{Repository: "public.ecr.aws/l0g8r8j6/kube-vip/kube-vip", Tag: kubeVIP},
		}
	}
	return &releases.Catalogue{Releases: []releases.Release{
		release("1.19", "v1.19.8-eks-1-19-4", "v1.8.0-eks-1-19-4", "v0.3.2-2093eaeda5a4567f0e516d652e0b25b1d7abc774"),
		release("1.21", "v1.21.2-eks-1-21-4", "v1.8.3-eks-1-21-4", "v0.3.7-eks-a-v0.0.0-dev-build.158"),
	}}
}

// difference is one deliberate difference from EKS Anywhere.
type difference struct {
	// Path is the object's kind and the field's path; * stands for any text.
	Path   string `json:"path"`
	Reason string `json:"reason"`
	// ExternalEtcd limits it to files that ask for external etcd.
	ExternalEtcd bool `json:"externalEtcd,omitempty"`

	pattern *regexp.Regexp
	used    bool
}

func deliberateDifferences(t *testing.T) []*difference {
	t.Helper()
	data, err := os.ReadFile("testdata/differences.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var table []*difference
	if err := yaml.UnmarshalStrict(data, &table); err != nil {
		t.Fatal(err)
	}
	for _, d := range table {
		d.pattern = regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(d.Path), `\*`, `.*`) + "$")
	}
	return table
}

func TestObjectsAreThoseOfEKSAnywhere(t *testing.T) {
	inputs, err := filepath.Glob(filepath.Join(compatDir(t), "vsphere", "*.in.yaml"))
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no vSphere fixtures: %v", err)
	}
	table := deliberateDifferences(t)
	for _, input := range inputs {
		name := strings.TrimSuffix(filepath.Base(input), ".in.yaml")
		t.Run(name, func(t *testing.T) {
			cfg := decodeFixture(t, input)
			if usesBottlerocket(cfg) {
				wantUnsupported(t, cfg, "ottlerocket")
				return
			}
			external := cfg.Cluster.Spec.ExternalEtcdConfiguration != nil
			if external {
				wantUnsupported(t, cfg, "externalEtcdConfiguration")
				cfg.Cluster.Spec.ExternalEtcdConfiguration = nil
			}
			ours := generated(t, cfg)
			theirs := expected(t, strings.TrimSuffix(input, ".in.yaml"))
			compare(t, table, external, theirs, ours)
		})
	}
	for _, d := range table {
		if !d.used && !t.Failed() {
			t.Errorf("the deliberate difference %q is not one: nothing differs there", d.Path)
		}
	}
}

func decodeFixture(t *testing.T, path string) *v1alpha1.Config {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Decode, not Parse: these files name Kubernetes versions of long ago.
	cfg, problems := v1alpha1.Decode(filepath.Base(path), data)
	if cfg == nil || cfg.Cluster == nil {
		t.Fatalf("decoding: %v", problems)
	}
	return cfg
}

func usesBottlerocket(cfg *v1alpha1.Config) bool {
	for _, machine := range cfg.VSphereMachines {
		if machine.Spec.OSFamily == v1alpha1.Bottlerocket {
			return true
		}
	}
	return false
}

// wantUnsupported checks that the file is rejected, and by that name.
func wantUnsupported(t *testing.T, cfg *v1alpha1.Config, name string) {
	t.Helper()
	var found []string
	for _, problem := range cfg.Unsupported() {
		line := problem.Object + " " + problem.Field + " " + problem.Message
		if strings.Contains(line, name) {
			return
		}
		found = append(found, line)
	}
	t.Errorf("not rejected for %s; it says %q", name, found)
}

// generated are our objects as paths, by kind and name.
func generated(t *testing.T, cfg *v1alpha1.Config) map[string]map[string]string {
	t.Helper()
	catalogue := fixtureReleases()
	release, err := catalogue.Find(string(cfg.Cluster.Spec.KubernetesVersion))
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Options{
		Config: cfg, Release: release, Releases: catalogue,
		Credentials: vcenter.Credentials{Username: "vsphere_username", Password: secret.New("vsphere_password")},
		Registry:    kubeadm.Credentials{Username: "username", Password: secret.New("password")},
	})
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := p.Manifests()
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := p.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string]map[string]string{}
	for _, object := range append(manifests.Cluster, credentials...) {
		data, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := yaml.Unmarshal(data, &fields); err != nil {
			t.Fatal(err)
		}
		resolveSecrets(fields, credentials)
		objects[objectKey(fields)] = flatten(fields)
	}
	return objects
}

// resolveSecrets puts the content of secret files where it will be on the
// node, because EKS Anywhere's objects have it there.
func resolveSecrets(fields map[string]any, credentials []client.Object) {
	for _, element := range fields {
		switch v := element.(type) {
		case map[string]any:
			resolveSecrets(v, credentials)
		case []any:
			for _, entry := range v {
				if file, ok := entry.(map[string]any); ok && file["contentFrom"] != nil {
					source := file["contentFrom"].(map[string]any)["secret"].(map[string]any)
					for _, object := range credentials {
						if object.GetName() == source["name"] {
							file["content"] = string(object.(*corev1.Secret).Data[source["key"].(string)])
							delete(file, "contentFrom")
						}
					}
				}
			}
		}
	}
}

// expected are EKS Anywhere's objects as paths, by kind and name.
func expected(t *testing.T, base string) map[string]map[string]string {
	t.Helper()
	objects := map[string]map[string]string{}
	for _, suffix := range []string{".cp.yaml", ".md.yaml"} {
		data, err := os.ReadFile(base + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for document := range strings.SplitSeq("\n"+string(data), "\n---") {
			var fields map[string]any
			if err := yaml.Unmarshal([]byte(document), &fields); err != nil {
				t.Fatal(err)
			}
			if len(fields) > 0 {
				objects[objectKey(fields)] = flatten(fields)
			}
		}
	}
	return objects
}

// versioned is what ends the names of objects that are replaced and not
// changed: a number there, a hash here.
var versioned = regexp.MustCompile(`-([0-9]+|[0-9a-f]{8})$`)

func objectKey(fields map[string]any) string {
	kind, name := fields["kind"].(string), ""
	if metadata, ok := fields["metadata"].(map[string]any); ok {
		name, _ = metadata["name"].(string)
	}
	if strings.HasSuffix(kind, "Template") {
		name = versioned.ReplaceAllString(name, "")
	}
	return kind + " " + name
}

// compare reports every difference that no entry of the table allows.
func compare(t *testing.T, table []*difference, external bool, theirs, ours map[string]map[string]string) {
	t.Helper()
	allow := func(path string) bool {
		allowed := false
		for _, d := range table {
			if d.pattern.MatchString(path) && (external || !d.ExternalEtcd) {
				d.used, allowed = true, true
			}
		}
		return allowed
	}
	for _, object := range union(theirs, ours) {
		kind, _, _ := strings.Cut(object, " ")
		switch {
		case ours[object] == nil:
			if !allow(object) {
				t.Errorf("%s: EKS Anywhere makes it, we do not", object)
			}
			continue
		case theirs[object] == nil:
			if !allow(object) {
				t.Errorf("%s: we make it, EKS Anywhere does not", object)
			}
			continue
		}
		for _, path := range union(theirs[object], ours[object]) {
			their, theyHave := theirs[object][path]
			our, weHave := ours[object][path]
			if theyHave == weHave && their == our || allow(kind+" "+path) {
				continue
			}
			t.Errorf("%s %s\n  EKS Anywhere: %s\n  ours:         %s", object, path, shown(their, theyHave), shown(our, weHave))
		}
	}
}

func shown(value string, there bool) string {
	if !there {
		return "(absent)"
	}
	return fmt.Sprintf("%q", value)
}

func union[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

func TestDeliberateDifferencesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(moduleRoot(t), "docs", "eks-anywhere-compatibility.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range deliberateDifferences(t) {
		if d.Reason == "" {
			t.Errorf("%s has no reason", d.Path)
		}
		if row := fmt.Sprintf("| `%s` | %s |", d.Path, d.Reason); !strings.Contains(string(doc), row) {
			t.Errorf("docs/eks-anywhere-compatibility.md lacks the row\n%s", row)
		}
	}
}

func TestBareMetalFilesAreRejectedByName(t *testing.T) {
	inputs, err := filepath.Glob(filepath.Join(compatDir(t), "tinkerbell", "*.in.yaml"))
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no Tinkerbell fixtures: %v", err)
	}
	for _, input := range inputs {
		t.Run(strings.TrimSuffix(filepath.Base(input), ".in.yaml"), func(t *testing.T) {
			wantUnsupported(t, decodeFixture(t, input), "bare metal")
		})
	}
}
