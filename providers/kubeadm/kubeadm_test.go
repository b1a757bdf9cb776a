package kubeadm

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/manifests/releases"
)

// testNode is a control-plane machine of a small cluster, after change.
func testNode(change func(*v1alpha1.ClusterSpec)) Node {
	spec := v1alpha1.ClusterSpec{
		ControlPlaneConfiguration: v1alpha1.ControlPlaneConfiguration{Count: 1, Endpoint: &v1alpha1.Endpoint{Host: "10.0.0.5"}},
		ClusterNetwork: v1alpha1.ClusterNetwork{
			Pods:     v1alpha1.Pods{CidrBlocks: []string{"10.128.0.0/16"}},
			Services: v1alpha1.Services{CidrBlocks: []string{"10.129.0.0/16"}},
		},
	}
	if change != nil {
		change(&spec)
	}
	cluster := &v1alpha1.Cluster{Spec: spec}
	cluster.Name = "small"
	return Node{
		Config: &v1alpha1.Config{Cluster: cluster},
		Release: releases.Release{
			Kubernetes: "1.35", Version: "v1.35.4",
			KubeVIP: releases.Image{Repository: "registry.test/kube-vip", Tag: "v1.0.0"},
		},
		OSFamily: v1alpha1.Ubuntu,
	}
}

func controlPlane(t *testing.T, n Node) bootstrapv1.KubeadmConfigSpec {
	t.Helper()
	spec, err := ControlPlane(n)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// content is the content of the file at path; the test fails without it.
func content(t *testing.T, spec bootstrapv1.KubeadmConfigSpec, path string) string {
	t.Helper()
	for _, f := range spec.Files {
		if f.Path == path {
			return f.Content
		}
	}
	t.Fatalf("there is no file %s", path)
	return ""
}

func has(spec bootstrapv1.KubeadmConfigSpec, path string) bool {
	for _, f := range spec.Files {
		if f.Path == path {
			return true
		}
	}
	return false
}

func values(args []bootstrapv1.Arg, name string) []string {
	var found []string
	for _, arg := range args {
		if arg.Name == name {
			found = append(found, *arg.Value)
		}
	}
	return found
}

func TestControlPlaneTaints(t *testing.T) {
	for name, test := range map[string]struct {
		taints []corev1.Taint
		want   []string
	}{
		"not said":    {nil, []string{"node-role.kubernetes.io/control-plane"}},
		"none wanted": {[]corev1.Taint{}, nil},
		"the user's":  {[]corev1.Taint{{Key: "a", Effect: corev1.TaintEffectNoExecute}}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			spec := controlPlane(t, testNode(func(c *v1alpha1.ClusterSpec) { c.ControlPlaneConfiguration.Taints = test.taints }))
			for which, registration := range map[string]bootstrapv1.NodeRegistrationOptions{
				"init": spec.InitConfiguration.NodeRegistration, "join": spec.JoinConfiguration.NodeRegistration,
			} {
				if registration.Taints == nil {
					t.Fatalf("%s: nil taints leave kubeadm's own in place", which)
				}
				var keys []string
				for _, taint := range *registration.Taints {
					keys = append(keys, taint.Key)
				}
				if strings.Join(keys, ",") != strings.Join(test.want, ",") {
					t.Errorf("%s: the taints are %v, want %v", which, keys, test.want)
				}
			}
		})
	}
}

func TestKubeProxyIsLeftOutWhereCiliumReplacesIt(t *testing.T) {
	values := func(json string) func(*v1alpha1.ClusterSpec) {
		return func(s *v1alpha1.ClusterSpec) {
			s.ClusterNetwork.CNIConfig = &v1alpha1.CNIConfig{Cilium: &v1alpha1.CiliumConfig{HelmValues: &apiextensionsv1.JSON{Raw: []byte(json)}}}
		}
	}
	for json, want := range map[string]int{`{}`: 1, `{"kubeProxyReplacement":false}`: 0} {
		if skipped := controlPlane(t, testNode(values(json))).InitConfiguration.SkipPhases; len(skipped) != want {
			t.Errorf("with helmValues %s kubeadm skips %q", json, skipped)
		}
	}
}

func TestProviderIDAndNodeIPAreKubeletArguments(t *testing.T) {
	n := testNode(nil)
	n.ProviderID, n.NodeIP, n.IgnorePreflightErrors = "ssh://1", "10.0.0.7", []string{"SystemVerification"}
	spec := controlPlane(t, n)
	for _, registration := range []bootstrapv1.NodeRegistrationOptions{spec.InitConfiguration.NodeRegistration, spec.JoinConfiguration.NodeRegistration} {
		arguments := map[string]string{}
		for _, a := range registration.KubeletExtraArgs {
			arguments[a.Name] = *a.Value
		}
		if arguments["provider-id"] != "ssh://1" || arguments["node-ip"] != "10.0.0.7" {
			t.Errorf("the kubelet is given %v", arguments)
		}
		if len(registration.IgnorePreflightErrors) != 1 {
			t.Errorf("kubeadm ignores %q", registration.IgnorePreflightErrors)
		}
	}
}

func TestUsersArgumentsWin(t *testing.T) {
	args := controlPlane(t, testNode(func(c *v1alpha1.ClusterSpec) {
		c.ControlPlaneConfiguration.APIServerExtraArgs = map[string]string{
			"audit-log-maxage": "7", "service-account-issuer": "https://one", "feature-gates": "X=true",
		}
		c.PodIAMConfig = &v1alpha1.PodIAMConfig{ServiceAccountIssuer: "https://two"}
		c.EtcdEncryption = []v1alpha1.EtcdEncryption{{Resources: []string{"secrets"}}}
	})).ClusterConfiguration.APIServer.ExtraArgs
	for name, want := range map[string]string{
		"audit-log-maxage":       "7",
		"audit-log-maxbackup":    "10",
		"service-account-issuer": "https://one https://two",
		"feature-gates":          "X=true,KMSv1=true",
	} {
		if got := strings.Join(values(args, name), " "); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestKMSGateOnlyWhereItIsOff(t *testing.T) {
	for minor, want := range map[string]int{"1.28": 0, "1.29": 1, "1.36": 1} {
		n := testNode(func(c *v1alpha1.ClusterSpec) {
			c.EtcdEncryption = []v1alpha1.EtcdEncryption{{Resources: []string{"secrets"}}}
		})
		n.Release.Kubernetes = minor
		args := controlPlane(t, n).ClusterConfiguration.APIServer.ExtraArgs
		if got := values(args, "feature-gates"); len(got) != want {
			t.Errorf("Kubernetes %s has feature gates %v", minor, got)
		}
	}
}

func TestKubeVIP(t *testing.T) {
	t.Run("is left out for the site's own load balancer", func(t *testing.T) {
		spec := controlPlane(t, testNode(func(c *v1alpha1.ClusterSpec) { c.ControlPlaneConfiguration.SkipLoadBalancerDeployment = true }))
		if has(spec, kubeVIPManifest) || has(spec, kubeVIPHosts) || strings.Contains(strings.Join(spec.PreKubeadmCommands, "\n"), "kube-vip") {
			t.Error("there is something of kube-vip")
		}
	})
	for name, test := range map[string]struct {
		host, minor, prefix string
		superAdmin          bool
	}{
		"IPv4":                   {"10.0.0.5", "1.35", "32", true},
		"IPv6":                   {"fd00::5", "1.35", "128", true},
		"before Kubernetes 1.29": {"10.0.0.5", "1.28", "32", false},
	} {
		t.Run(name, func(t *testing.T) {
			n := testNode(func(c *v1alpha1.ClusterSpec) { c.ControlPlaneConfiguration.Endpoint.Host = test.host })
			n.Release.Kubernetes = test.minor
			spec := controlPlane(t, n)
			var pod corev1.Pod
			if err := yaml.UnmarshalStrict([]byte(content(t, spec, kubeVIPManifest)), &pod); err != nil {
				t.Fatal(err)
			}
			env := map[string]string{}
			for _, v := range pod.Spec.Containers[0].Env {
				env[v.Name] = v.Value
			}
			if env["address"] != test.host || env["vip_subnet"] != test.prefix {
				t.Errorf("the address is %s/%s", env["address"], env["vip_subnet"])
			}
			if got := strings.Contains(strings.Join(spec.PreKubeadmCommands, "\n"), superAdminConf); got != test.superAdmin {
				t.Errorf("it uses super-admin.conf on the first machine: %v", got)
			}
		})
	}
}

func TestWorkersHaveNoTaintsOfTheirOwn(t *testing.T) {
	spec, err := Worker(testNode(nil), v1alpha1.WorkerNodeGroupConfiguration{Name: "md-0", Labels: map[string]string{"b": "2", "a": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	registration := spec.JoinConfiguration.NodeRegistration
	if registration.Taints == nil || len(*registration.Taints) != 0 {
		t.Errorf("the taints are %v, want an empty list", registration.Taints)
	}
	if got := values(registration.KubeletExtraArgs, "node-labels"); len(got) != 1 || got[0] != "a=1,b=2" {
		t.Errorf("the labels are %v", got)
	}
	if spec.ClusterConfiguration.IsDefined() || spec.InitConfiguration.IsDefined() {
		t.Error("a worker has the control plane's configuration")
	}
}

func TestCertificatesGoWhereTheSystemLooks(t *testing.T) {
	for family, want := range map[v1alpha1.OSFamily][2]string{
		v1alpha1.Ubuntu: {"/usr/local/share/ca-certificates/company.crt", "update-ca-certificates"},
		v1alpha1.RedHat: {"/etc/pki/ca-trust/source/anchors/company.crt", "update-ca-trust extract"},
	} {
		n := testNode(nil)
		n.OSFamily = family
		n.HostOS = &v1alpha1.HostOSConfiguration{CertBundles: []v1alpha1.CertBundle{{Name: "company", Data: "PEM\n"}}}
		spec := controlPlane(t, n)
		if content(t, spec, want[0]) != "PEM\n" {
			t.Errorf("%s: the certificate is not as given", family)
		}
		commands := strings.Join(spec.PreKubeadmCommands, "\n")
		if trust, restart := strings.Index(commands, want[1]), strings.Index(commands, "restart containerd"); trust < 0 || restart < trust {
			t.Errorf("%s: containerd does not start with the certificate trusted:\n%s", family, commands)
		}
	}
}

func TestProxyPercentIsLeftAlone(t *testing.T) {
	spec := controlPlane(t, testNode(func(c *v1alpha1.ClusterSpec) {
		c.ProxyConfiguration = &v1alpha1.ProxyConfiguration{HttpProxy: "http://p:1/%20", HttpsProxy: "http://p:1", NoProxy: []string{"x"}}
	}))
	got := content(t, spec, proxyPath)
	for _, want := range []string{
		`Environment="HTTP_PROXY=http://p:1/%%20"`,
		`Environment="NO_PROXY=10.128.0.0/16,10.129.0.0/16,x,localhost,127.0.0.1,.svc,10.0.0.5"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if !strings.Contains(strings.Join(spec.PreKubeadmCommands, "\n"), "systemctl restart containerd") {
		t.Error("containerd does not learn of the proxy")
	}
}
