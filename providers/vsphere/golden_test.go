package vsphere

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/providers/kubeadm"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The secrets that the tests plant. They must turn up in Credentials and
// nowhere else.
const (
	plantedVCenterPassword  = "planted-vcenter-7f3a"
	plantedRegistryPassword = "planted-registry-91bc"
)

// testReleases do not change with the catalogue, so that the golden file
// changes only with the code.
func testReleases() *releases.Catalogue {
	release := func(minor, version string) releases.Release {
		return releases.Release{
			Kubernetes: minor, Version: version, ImageRepository: "registry.test/kubernetes",
			Etcd:    releases.Image{Repository: "registry.test/etcd-io/etcd", Tag: "v3.6.1-test"},
			CoreDNS: releases.Image{Repository: "registry.test/coredns/coredns", Tag: "v1.12.1-test"},
			KubeVIP: releases.Image{Repository: "registry.test/kube-vip/kube-vip", Tag: "v1.0.0"},
		}
	}
	return &releases.Catalogue{Releases: []releases.Release{release("1.34", "v1.34.3-test-1"), release("1.35", "v1.35.4-test-1")}}
}

// fullConfig is testdata/full.yaml, after change.
func fullConfig(t *testing.T, change func(*v1alpha1.Config)) *v1alpha1.Config {
	t.Helper()
	cfg, err := v1alpha1.Load("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(cfg)
	}
	return cfg
}

func newProvider(t *testing.T, cfg *v1alpha1.Config) *Provider {
	t.Helper()
	catalogue := testReleases()
	release, err := catalogue.Find(string(cfg.Cluster.Spec.KubernetesVersion))
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Options{
		Config: cfg, Release: release, Releases: catalogue,
		Credentials: vcenter.Credentials{Username: "installer@vsphere.local", Password: secret.New(plantedVCenterPassword)},
		Registry:    kubeadm.Credentials{Username: "puller", Password: secret.New(plantedRegistryPassword)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fullObjects are every object of the full configuration but the credentials.
func fullObjects(t *testing.T) []client.Object {
	t.Helper()
	manifests, err := newProvider(t, fullConfig(t, nil)).Manifests()
	if err != nil {
		t.Fatal(err)
	}
	return append(manifests.Cluster, manifests.HealthChecks...)
}

func asYAML(t *testing.T, objects []client.Object) []byte {
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

func TestFullConfigurationAsGolden(t *testing.T) {
	got := asYAML(t, fullObjects(t))
	const golden = "testdata/full.golden.yaml"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the objects differ from %s; if that is meant, run the test with -update (-want +got):\n%s", golden, diff)
	}
}

func TestManifestsAreTheSameEveryTime(t *testing.T) {
	first := asYAML(t, fullObjects(t))
	for range 5 {
		if diff := cmp.Diff(string(first), string(asYAML(t, fullObjects(t)))); diff != "" {
			t.Fatalf("another object from the same configuration:\n%s", diff)
		}
	}
}

func TestEveryObjectSaysWhatItIs(t *testing.T) {
	for _, object := range fullObjects(t) {
		if object.GetObjectKind().GroupVersionKind().Empty() {
			t.Errorf("%T %s has no kind, so it cannot be printed", object, object.GetName())
		}
	}
}
