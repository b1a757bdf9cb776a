package ssh

import (
	"flag"
	"io/fs"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/providers/kubeadm"
	"groundwork.dev/bootstrap/providers/manifeststest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The secrets that the tests plant. They must turn up in Credentials and
// nowhere else.
const (
	plantedSudoPassword     = "planted-sudo-51cc"
	plantedRegistryPassword = "planted-registry-91bc"
)

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

// testRelease does not change with the catalogue, so that the golden file
// changes only with the code.
func testRelease() releases.Release {
	return releases.Release{
		Kubernetes: "1.35", Version: "v1.35.4-test-1", ImageRepository: "registry.test/kubernetes",
		Etcd:    releases.Image{Repository: "registry.test/etcd-io/etcd", Tag: "v3.6.1-test"},
		CoreDNS: releases.Image{Repository: "registry.test/coredns/coredns", Tag: "v1.12.1-test"},
		KubeVIP: releases.Image{Repository: "registry.test/kube-vip/kube-vip", Tag: "v1.0.0"},
		Pause:   releases.Image{Repository: "registry.test/kubernetes/pause", Tag: "3.10.1"},
	}
}

// newProvider has keys by path; nil is one for each of the full configuration.
func newProvider(t *testing.T, cfg *v1alpha1.Config, keys map[string][]byte) *Provider {
	t.Helper()
	if keys == nil {
		keys = map[string][]byte{"/keys/ops": newKey(t, ""), "/keys/root.pem": newKey(t, "")}
	}
	p, err := New(Options{
		Config: cfg, Release: testRelease(),
		Registry:     kubeadm.Credentials{Username: "puller", Password: secret.New(plantedRegistryPassword)},
		SudoPassword: secret.New(plantedSudoPassword),
		ReadFile: func(path string) ([]byte, error) {
			if key, ok := keys[path]; ok {
				return key, nil
			}
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func fullObjects(t *testing.T) []client.Object {
	t.Helper()
	made, err := newProvider(t, fullConfig(t, nil), nil).Manifests()
	if err != nil {
		t.Fatal(err)
	}
	return append(made.Cluster, made.HealthChecks...)
}

func TestFullConfigurationAsGolden(t *testing.T) {
	manifeststest.Golden(t, fullObjects(t), "testdata/full.golden.yaml", *update)
}

func TestObjectsSatisfyTheirSchemas(t *testing.T) {
	manifeststest.SatisfySchemas(t, fullObjects(t))
}

func TestWorkersOfAnotherVersionAreRefused(t *testing.T) {
	older := v1alpha1.KubernetesVersion("1.34")
	p := newProvider(t, fullConfig(t, func(cfg *v1alpha1.Config) {
		cfg.Cluster.Spec.WorkerNodeGroupConfigurations[0].KubernetesVersion = &older
	}), nil)
	if _, err := p.Manifests(); err == nil {
		t.Error("the node files are of one version, and yet there are two")
	}
}

func TestIncompleteConfigurationsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*v1alpha1.Config){
		"no cluster":    func(c *v1alpha1.Config) { c.Cluster = nil },
		"no datacenter": func(c *v1alpha1.Config) { c.SSHDatacenter = nil },
		"no machine":    func(c *v1alpha1.Config) { c.SSHMachines = nil },
		"no reference":  func(c *v1alpha1.Config) { c.Cluster.Spec.WorkerNodeGroupConfigurations[0].MachineGroupRef = nil },
		"no endpoint":   func(c *v1alpha1.Config) { c.Cluster.Spec.ControlPlaneConfiguration.Endpoint = nil },
	} {
		if _, err := New(Options{Config: fullConfig(t, change), Release: testRelease()}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
