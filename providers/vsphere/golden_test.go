package vsphere

import (
	"flag"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/providers/kubeadm"
	"groundwork.dev/bootstrap/providers/manifeststest"
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

func TestFullConfigurationAsGolden(t *testing.T) {
	manifeststest.Golden(t, fullObjects(t), "testdata/full.golden.yaml", *update)
}

func TestManifestsAreTheSameEveryTime(t *testing.T) {
	first := manifeststest.YAML(t, fullObjects(t))
	for range 5 {
		if diff := cmp.Diff(string(first), string(manifeststest.YAML(t, fullObjects(t)))); diff != "" {
			t.Fatalf("another object from the same configuration:\n%s", diff)
		}
	}
}
