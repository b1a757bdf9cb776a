package values

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/manifests/releases"
)

var update = flag.Bool("update", false, "write the golden files anew")

// digest is any.
const digest = "sha256:73f9ddef28133cf9ee381d7ccda559f1a55d45e1ab99d2f9a0b2ffb22b5f22a0"

func release() releases.Release {
	const registry = "public.ecr.aws/eks/cilium/"
	return releases.Release{
		Kubernetes: "1.35", Version: "v1.35.4",
		Cilium:         releases.Image{Name: "cilium", Repository: registry + "cilium", Tag: "v1.19.4-1", Digest: digest},
		CiliumOperator: releases.Image{Name: "cilium-operator", Repository: registry + "operator-generic", Tag: "v1.19.4-1", Digest: digest},
	}
}

// config is of a cluster of three control-plane machines and two workers,
// changed.
func config(changes ...func(*v1alpha1.Config)) *v1alpha1.Config {
	two := 2
	cfg := &v1alpha1.Config{Cluster: &v1alpha1.Cluster{}}
	cfg.Cluster.Name = "demo"
	spec := &cfg.Cluster.Spec
	spec.ControlPlaneConfiguration.Count = 3
	spec.ControlPlaneConfiguration.Endpoint = &v1alpha1.Endpoint{Host: "10.0.0.10"}
	spec.WorkerNodeGroupConfigurations = []v1alpha1.WorkerNodeGroupConfiguration{{Name: "md-0", Count: &two}}
	spec.ClusterNetwork.CNIConfig = &v1alpha1.CNIConfig{Cilium: &v1alpha1.CiliumConfig{}}
	for _, change := range changes {
		change(cfg)
	}
	return cfg
}

func knob(set func(*v1alpha1.CiliumConfig)) func(*v1alpha1.Config) {
	return func(cfg *v1alpha1.Config) { set(cfg.Cluster.Spec.ClusterNetwork.CNIConfig.Cilium) }
}

func helm(text string) func(*v1alpha1.Config) {
	raw, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		panic(err)
	}
	return knob(func(c *v1alpha1.CiliumConfig) { c.HelmValues = &apiextensionsv1.JSON{Raw: raw} })
}

func TestForGolden(t *testing.T) {
	no := false
	for _, test := range []struct {
		name    string
		cfg     *v1alpha1.Config
		options Options
	}{
		{name: "defaults", cfg: config()},
		{name: "one-node", cfg: config(func(c *v1alpha1.Config) {
			c.Cluster.Spec.ControlPlaneConfiguration.Count = 1
			c.Cluster.Spec.WorkerNodeGroupConfigurations = nil
		})},
		{name: "kube-proxy-runs", cfg: config(), options: Options{KubeProxyRuns: true}},
		{name: "kube-proxy-wanted", cfg: config(helm("kubeProxyReplacement: false"))},
		{name: "kube-proxy-runs-unwanted", cfg: config(helm("kubeProxyReplacement: true")), options: Options{KubeProxyRuns: true}},
		{name: "direct", cfg: config(knob(func(c *v1alpha1.CiliumConfig) {
			c.RoutingMode, c.IPv4NativeRoutingCIDR, c.IPv6NativeRoutingCIDR = v1alpha1.CiliumRoutingModeDirect, "10.0.0.0/8", "fd00::/8"
		}))},
		{name: "overlay", cfg: config(knob(func(c *v1alpha1.CiliumConfig) {
			c.RoutingMode, c.IPv4NativeRoutingCIDR = v1alpha1.CiliumRoutingModeOverlay, "10.0.0.0/8"
		}))},
		{name: "policy-always", cfg: config(knob(func(c *v1alpha1.CiliumConfig) { c.PolicyEnforcementMode = v1alpha1.CiliumPolicyModeAlways }))},
		{name: "masquerade-interfaces", cfg: config(knob(func(c *v1alpha1.CiliumConfig) { c.EgressMasqueradeInterfaces = "eth+" }))},
		{name: "not-exclusive", cfg: config(knob(func(c *v1alpha1.CiliumConfig) { c.CNIExclusive = &no }))},
		{name: "mirror", cfg: config(func(c *v1alpha1.Config) {
			c.Cluster.Spec.RegistryMirrorConfiguration = &v1alpha1.RegistryMirrorConfiguration{Endpoint: "registry.example.com", Port: "5000"}
		})},
		{name: "images-copied", cfg: config(func(c *v1alpha1.Config) { c.SSHDatacenter = &v1alpha1.SSHDatacenterConfig{} })},
		{name: "own-image", cfg: config(helm("image: {repository: example.com/cilium, tag: v1}"))},
		{name: "envoy", cfg: config(helm("envoy: {enabled: true}"))},
		{name: "helm-values", cfg: config(helm("{tunnelProtocol: vxlan, operator: {replicas: 1, tolerations: []}, prometheus: null, MTU: 1400}"))},
		{name: "native-by-helm-values", cfg: config(helm("{routingMode: native, ipv4NativeRoutingCIDR: 10.0.0.0/8}"))},
	} {
		t.Run(test.name, func(t *testing.T) {
			values, err := For(test.cfg, release(), test.options)
			if err != nil {
				t.Fatal(err)
			}
			got, err := yaml.Marshal(values)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", test.name+".yaml")
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
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestForOperatorOfAnotherName(t *testing.T) {
	r := release()
	r.CiliumOperator.Repository, r.CiliumOperator.Digest = "example.com/own-operator", ""
	values, err := For(config(), r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := At(values, "operator", "image", "override"); got != "example.com/own-operator:v1.19.4-1" {
		t.Errorf("the operator's image is %v", got)
	}
}

func TestForLeavesTheConfigurationAlone(t *testing.T) {
	cfg := config(helm("{operator: {replicas: 1}}"))
	before := string(cfg.Cluster.Spec.ClusterNetwork.CNIConfig.Cilium.HelmValues.Raw)
	if _, err := For(cfg, release(), Options{}); err != nil {
		t.Fatal(err)
	}
	if after := string(cfg.Cluster.Spec.ClusterNetwork.CNIConfig.Cilium.HelmValues.Raw); after != before {
		t.Errorf("helmValues were %s and are %s", before, after)
	}
}

func TestForHelmValuesThatAreNone(t *testing.T) {
	_, err := For(config(helm("[1]")), release(), Options{})
	var known *failure.Error
	if !errors.As(err, &known) || known.Code != failure.Configuration || known.Remedy == "" {
		t.Errorf("got %v", err)
	}
}
