package cilium

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	syaml "sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/manifests/releases"
)

// options are those of a cluster with three control-plane machines and a
// worker, whose release has no digests.
func options(changes ...func(*v1alpha1.Config)) Options {
	const registry = "public.ecr.aws/eks/cilium/"
	cfg := &v1alpha1.Config{Cluster: &v1alpha1.Cluster{}}
	cfg.Cluster.Name = "demo"
	cfg.Cluster.Spec.ControlPlaneConfiguration.Count = 3
	cfg.Cluster.Spec.ControlPlaneConfiguration.Endpoint = &v1alpha1.Endpoint{Host: "10.0.0.10"}
	cfg.Cluster.Spec.WorkerNodeGroupConfigurations = []v1alpha1.WorkerNodeGroupConfiguration{{Name: "md-0"}}
	cfg.Cluster.Spec.ClusterNetwork.CNIConfig = &v1alpha1.CNIConfig{Cilium: &v1alpha1.CiliumConfig{}}
	for _, change := range changes {
		change(cfg)
	}
	return Options{Config: cfg, Release: releases.Release{
		Kubernetes: "1.35", Version: "v1.35.4-eks-1-35-4",
		Cilium:         releases.Image{Name: "cilium", Repository: registry + "cilium", Tag: "v1.19.4-1"},
		CiliumOperator: releases.Image{Name: "cilium-operator", Repository: registry + "operator-generic", Tag: "v1.19.4-1"},
	}}
}

func knob(set func(*v1alpha1.CiliumConfig)) func(*v1alpha1.Config) {
	return func(cfg *v1alpha1.Config) { set(cfg.Cluster.Spec.ClusterNetwork.CNIConfig.Cilium) }
}

func helmValues(text string) func(*v1alpha1.Config) {
	raw, err := syaml.YAMLToJSON([]byte(text))
	if err != nil {
		panic(err)
	}
	return knob(func(c *v1alpha1.CiliumConfig) { c.HelmValues = &apiextensionsv1.JSON{Raw: raw} })
}

// rendered is what a configuration renders to, by "Kind/name".
func rendered(t *testing.T, o Options) map[string]*unstructured.Unstructured {
	t.Helper()
	manifest, err := Manifest(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string]*unstructured.Unstructured{}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(manifest), 4096)
	for {
		u := &unstructured.Unstructured{}
		if err := decoder.Decode(&u.Object); errors.Is(err, io.EOF) {
			return objects
		} else if err != nil {
			t.Fatal(err)
		}
		if len(u.Object) > 0 {
			objects[u.GetKind()+"/"+u.GetName()] = u
		}
	}
}

func settings(t *testing.T, objects map[string]*unstructured.Unstructured) map[string]string {
	t.Helper()
	data, found, err := unstructured.NestedStringMap(objects["ConfigMap/cilium-config"].Object, "data")
	if err != nil || !found {
		t.Fatalf("no settings: %v", err)
	}
	return data
}

func TestRenderedSettings(t *testing.T) {
	no := false
	for _, test := range []struct {
		name    string
		options Options
		want    map[string]string // "" means absent
	}{
		{"defaults", options(), map[string]string{
			"kube-proxy-replacement": "true", "routing-mode": "tunnel", "tunnel-protocol": "geneve", "ipam": "kubernetes",
			"identity-allocation-mode": "crd", "enable-l7-proxy": "false", "enable-hubble": "false", "enable-policy": "default",
			"cni-exclusive": "true", "cni-chaining-mode": "", "prometheus-serve-addr": ":9962", "operator-prometheus-serve-addr": ":9963",
			"external-envoy-proxy": "false",
		}},
		{"kube-proxy stays", options(helmValues("kubeProxyReplacement: false")), map[string]string{"kube-proxy-replacement": "false", "cni-chaining-mode": "portmap"}},
		{"direct", options(knob(func(c *v1alpha1.CiliumConfig) {
			c.RoutingMode, c.IPv4NativeRoutingCIDR = v1alpha1.CiliumRoutingModeDirect, "10.0.0.0/8"
		})), map[string]string{"routing-mode": "native", "auto-direct-node-routes": "true", "ipv4-native-routing-cidr": "10.0.0.0/8"}},
		{"never", options(knob(func(c *v1alpha1.CiliumConfig) { c.PolicyEnforcementMode = v1alpha1.CiliumPolicyModeNever })), map[string]string{"enable-policy": "never"}},
		{"masquerade", options(knob(func(c *v1alpha1.CiliumConfig) { c.EgressMasqueradeInterfaces = "ens1" })), map[string]string{"egress-masquerade-interfaces": "ens1"}},
		{"not exclusive", options(knob(func(c *v1alpha1.CiliumConfig) { c.CNIExclusive = &no })), map[string]string{"cni-exclusive": "false"}},
		{"vxlan", options(helmValues("{tunnelProtocol: vxlan, l7Proxy: true}")), map[string]string{"tunnel-protocol": "vxlan", "enable-l7-proxy": "true"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := settings(t, rendered(t, test.options))
			for key, want := range test.want {
				if got[key] != want {
					t.Errorf("%s is %q, want %q", key, got[key], want)
				}
			}
		})
	}
}

func TestRenderedWorkloads(t *testing.T) {
	objects := rendered(t, options())
	var agents appsv1.DaemonSet
	var operator appsv1.Deployment
	for name, into := range map[string]any{"DaemonSet/cilium": &agents, "Deployment/cilium-operator": &operator} {
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(objects[name].Object, into); err != nil {
			t.Fatal(err)
		}
	}
	agent := agents.Spec.Template.Spec.Containers[0]
	if agent.Image != "public.ecr.aws/eks/cilium/cilium:v1.19.4-1" || agent.ImagePullPolicy != "IfNotPresent" {
		t.Errorf("the agents' image is %s, pulled %s", agent.Image, agent.ImagePullPolicy)
	}
	for _, c := range agents.Spec.Template.Spec.InitContainers {
		if c.Image != agent.Image {
			t.Errorf("init container %s has the image %s", c.Name, c.Image)
		}
	}
	env := map[string]string{}
	for _, e := range agent.Env {
		env[e.Name] = e.Value
	}
	if env["KUBERNETES_SERVICE_HOST"] != "10.0.0.10" || env["KUBERNETES_SERVICE_PORT"] != "6443" {
		t.Errorf("the agents look for the API at %s:%s", env["KUBERNETES_SERVICE_HOST"], env["KUBERNETES_SERVICE_PORT"])
	}
	if got := operator.Spec.Template.Spec.Containers[0].Image; got != "public.ecr.aws/eks/cilium/operator-generic:v1.19.4-1" {
		t.Errorf("the operator's image is %s", got)
	}
	if got := *operator.Spec.Replicas; got != 2 {
		t.Errorf("%d operators", got)
	}
	for name := range objects {
		if strings.HasPrefix(name, "Secret/") || strings.Contains(name, "hubble") || strings.Contains(name, "envoy") {
			t.Errorf("%s is among the objects", name)
		}
	}
}

func TestRenderedPolicies(t *testing.T) {
	always := knob(func(c *v1alpha1.CiliumConfig) { c.PolicyEnforcementMode = v1alpha1.CiliumPolicyModeAlways })
	managed := func(cfg *v1alpha1.Config) { cfg.Cluster.Spec.ManagementCluster.Name = "other" }
	flux := func(cfg *v1alpha1.Config) {
		cfg.Cluster.Spec.GitOpsRef = &v1alpha1.Ref{Kind: "FluxConfig", Name: "flux"}
		cfg.Flux = map[string]*v1alpha1.FluxConfig{"flux": {Spec: v1alpha1.FluxConfigSpec{SystemNamespace: "flux-system"}}}
	}
	for _, test := range []struct {
		name    string
		options Options
		want    []string
	}{
		{"default", options(), nil},
		{"always", options(always), []string{"allow-all-eksa-system", "allow-all-kube-system"}},
		{"always, by helmValues", options(helmValues("policyEnforcementMode: always")), []string{"allow-all-eksa-system", "allow-all-kube-system"}},
		{"always, managed by another", options(always, managed), []string{"allow-all-kube-system"}},
		{"always, with Flux", options(always, flux), []string{"allow-all-eksa-system", "allow-all-flux-system", "allow-all-kube-system"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects := rendered(t, test.options)
			var got []string
			for _, u := range objects {
				switch u.GetKind() {
				case "NetworkPolicy":
					got = append(got, u.GetName())
					if u.GetName() != "allow-all-"+u.GetNamespace() {
						t.Errorf("%s is in %s", u.GetName(), u.GetNamespace())
					}
				case "Namespace":
					if u.GetAnnotations()["helm.sh/resource-policy"] != "keep" && u.GetName() != "cilium-secrets" {
						t.Errorf("Helm would delete namespace %s", u.GetName())
					}
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, test.want) {
				t.Errorf("policies are %v, want %v", got, test.want)
			}
		})
	}
}

func TestRenderIsDeterministic(t *testing.T) {
	first, err := Manifest(t.Context(), options())
	if err != nil {
		t.Fatal(err)
	}
	again, err := Manifest(t.Context(), options())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, again) {
		t.Error("the same configuration rendered to two manifests")
	}
}

func TestRenderListsObjects(t *testing.T) {
	// Certificates, made anew each time, must not matter to the list.
	o := options(helmValues("hubble: {enabled: true}"))
	first, err := Render(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Render(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first, again) {
		t.Error("the same configuration rendered to two lists of objects")
	}
	if want := (Object{"apps/v1", "DaemonSet", "kube-system", "cilium"}); !slices.Contains(first, want) {
		t.Errorf("%v is not in %v", want, first)
	}
}

func TestRenderRefusesValues(t *testing.T) {
	_, err := Render(t.Context(), options(helmValues("kubeProxyReplacement: strict")))
	var known *failure.Error
	if !errors.As(err, &known) || known.Code != failure.Configuration || !strings.Contains(err.Error(), "kubeProxyReplacement") {
		t.Errorf("got %v", err)
	}
}
