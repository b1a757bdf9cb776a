package images

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/manifests/releases"
)

var update = flag.Bool("update", false, "write the golden files anew")

// release is fixed, so that the golden files outlive the catalogue's.
func release(t *testing.T) releases.Release {
	t.Helper()
	const distro = "public.ecr.aws/eks-distro/"
	r, err := releases.New("1.35", "kubernetes-1-35-eks-4", map[string]string{
		"cilium":                  "public.ecr.aws/eks/cilium/cilium:v1.19.4-1",
		"cilium-operator":         "public.ecr.aws/eks/cilium/operator-generic:v1.19.4-1",
		"coredns":                 distro + "coredns/coredns:v1.13.1-eks-1-35-4",
		"etcd":                    distro + "etcd-io/etcd:v3.5.21-eks-1-35-4",
		"kube-apiserver":          distro + "kubernetes/kube-apiserver:v1.35.1-eks-1-35-4",
		"kube-controller-manager": distro + "kubernetes/kube-controller-manager:v1.35.1-eks-1-35-4",
		"kube-proxy":              distro + "kubernetes/kube-proxy:v1.35.1-eks-1-35-4",
		"kube-scheduler":          distro + "kubernetes/kube-scheduler:v1.35.1-eks-1-35-4",
		"kube-vip":                "public.ecr.aws/eks-anywhere/kube-vip/kube-vip:v1.2.0-eks-a-122",
		"kubeadm-pause":           distro + "kubernetes/pause:3.10.1",
		"pause":                   distro + "kubernetes/pause:v1.35.1-eks-1-35-4",
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// config is a vSphere cluster's with changes.
func config(changes ...func(*v1alpha1.ClusterSpec)) *v1alpha1.Config {
	cluster := &v1alpha1.Cluster{}
	cluster.Spec.DatacenterRef = v1alpha1.Ref{Kind: v1alpha1.VSphereDatacenterKind, Name: "site"}
	cluster.Spec.ClusterNetwork.CNIConfig = &v1alpha1.CNIConfig{Cilium: &v1alpha1.CiliumConfig{}}
	for _, change := range changes {
		change(&cluster.Spec)
	}
	return &v1alpha1.Config{Cluster: cluster}
}

func mirror(namespaces ...v1alpha1.OCINamespace) func(*v1alpha1.ClusterSpec) {
	return func(s *v1alpha1.ClusterSpec) {
		s.RegistryMirrorConfiguration = &v1alpha1.RegistryMirrorConfiguration{
			Endpoint: "registry.example.com", Port: "5000", OCINamespaces: namespaces,
		}
	}
}

func TestForGolden(t *testing.T) {
	for name, cfg := range map[string]*v1alpha1.Config{
		"vsphere": config(),
		"mirror":  config(mirror()),
		"mirror-namespaces": config(mirror(
			v1alpha1.OCINamespace{Registry: "public.ecr.aws", Namespace: "eks-anywhere"},
			v1alpha1.OCINamespace{Registry: "docker.io", Namespace: "hub"},
		)),
		"own-load-balancer": config(func(s *v1alpha1.ClusterSpec) {
			s.ControlPlaneConfiguration.SkipLoadBalancerDeployment = true
		}),
		"own-kube-proxy": config(func(s *v1alpha1.ClusterSpec) {
			s.ClusterNetwork.CNIConfig.Cilium.HelmValues = &apiextensionsv1.JSON{Raw: []byte(`{"kubeProxyReplacement": false}`)}
		}),
		"own-network-plugin": config(func(s *v1alpha1.ClusterSpec) {
			s.ClusterNetwork.CNIConfig = &v1alpha1.CNIConfig{Kindnetd: &v1alpha1.KindnetdConfig{}}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			for _, image := range For(cfg, release(t)) {
				lines = append(lines, image.String())
			}
			got := strings.Join(lines, "\n") + "\n"
			golden := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestKubeProxyStaysWhereKubeadmMayPullIt(t *testing.T) {
	for minor, want := range map[string]bool{"1.30": true, "1.34": true, "1.35": false, "1.36": false} {
		r := release(t)
		r.Kubernetes = minor
		there := slices.ContainsFunc(For(config(), r), func(i releases.Image) bool { return i.Name == r.KubeProxy.Name })
		if there != want {
			t.Errorf("Kubernetes %s: kube-proxy among the images: %t, want %t", minor, there, want)
		}
	}
}

func TestForNamesAnImageOnce(t *testing.T) {
	r := release(t)
	r.KubeadmPause = r.Pause
	seen := map[string]bool{}
	for _, image := range For(config(), r) {
		if seen[image.String()] {
			t.Errorf("%s is listed twice", image)
		}
		seen[image.String()] = true
	}
}

func TestNodesKeepTheNamesThatNodesAskFor(t *testing.T) {
	r := release(t)
	r.KubeVIP = r.Pause // whatever every node needs is not the control planes' alone
	controlPlane := map[string]bool{}
	for _, n := range Nodes(config(mirror()), r) {
		if strings.HasPrefix(n.String(), "registry.example.com") || !strings.HasPrefix(n.Source.String(), "registry.example.com:5000/") {
			t.Errorf("%s is pulled from %s", n, n.Source)
		}
		controlPlane[n.Name] = n.ControlPlane
	}
	want := map[string]bool{
		"kube-apiserver": true, "kube-controller-manager": true, "kube-scheduler": true, "etcd": true,
		"coredns": false, "cilium": false, "cilium-operator": false, "pause": false, "kubeadm-pause": false,
	}
	if diff := cmp.Diff(want, controlPlane); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestForLeavesTheReleaseAlone(t *testing.T) {
	r := release(t)
	For(config(mirror()), r)
	if diff := cmp.Diff(release(t), r); diff != "" {
		t.Errorf("For changed its argument:\n%s", diff)
	}
}

func TestMirrored(t *testing.T) {
	ecr := v1alpha1.OCINamespace{Registry: "public.ecr.aws", Namespace: "eks-anywhere"}
	for _, test := range []struct {
		name            string
		cfg             *v1alpha1.Config
		reference, want string
	}{
		{"no mirror", config(), "public.ecr.aws/a/b:v1", "public.ecr.aws/a/b:v1"},
		{"no namespaces: the core registry", config(mirror()), "public.ecr.aws/a/b:v1", "registry.example.com:5000/a/b:v1"},
		{"no namespaces: other registries stay", config(mirror()), "docker.io/a/b:v1", "docker.io/a/b:v1"},
		{"a namespace", config(mirror(ecr)), "public.ecr.aws/a/b:v1", "registry.example.com:5000/eks-anywhere/a/b:v1"},
		{"a repository", config(mirror(ecr)), "public.ecr.aws/a", "registry.example.com:5000/eks-anywhere/a"},
		{"an empty namespace", config(mirror(v1alpha1.OCINamespace{Registry: "public.ecr.aws"})),
			"public.ecr.aws/a/b:v1", "registry.example.com:5000/a/b:v1"},
		{"namespaces without this registry", config(mirror(v1alpha1.OCINamespace{Registry: "docker.io", Namespace: "hub"})),
			"public.ecr.aws/a/b:v1", "public.ecr.aws/a/b:v1"},
		{"a registry with a port", config(mirror(v1alpha1.OCINamespace{Registry: "r.example.com:444", Namespace: "n"})),
			"r.example.com:444/a:v1", "registry.example.com:5000/n/a:v1"},
		{"the host only, not what begins like it", config(mirror(ecr)), "public.ecr.aws.example.com/a:v1", "public.ecr.aws.example.com/a:v1"},
		{"IPv6", config(mirror(), func(s *v1alpha1.ClusterSpec) { s.RegistryMirrorConfiguration.Endpoint = "fd00::1" }),
			"public.ecr.aws/a:v1", "[fd00::1]:5000/a:v1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Mirrored(test.cfg, test.reference); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
