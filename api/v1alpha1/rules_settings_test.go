package v1alpha1

import (
	"os"
	"strings"
	"testing"
)

const network = "spec.clusterNetwork"

func TestNetworkRules(t *testing.T) {
	cilium := func(fields string) []string { return []string{"{cilium: {}}", "{cilium: {" + fields + "}}"} }
	checkRules(t, "testdata/vsphere.yaml", []rule{
		{"no pods", []string{"    pods: {cidrBlocks: [192.168.0.0/16]}\n", ""}, network + ".pods.cidrBlocks", "range is missing", "clusterNetwork"},
		{"two for pods", []string{"[192.168.0.0/16]", "[192.168.0.0/16, 172.16.0.0/16]"}, network + ".pods.cidrBlocks", "2 address ranges", "pods"},
		{"not a range", []string{"[192.168.0.0/16]", "[192.168.0.0]"}, network + ".pods.cidrBlocks[0]", "not an address range", "192.168"},
		{"IPv6", []string{"[10.96.0.0/12]", "[\"fd00::/108\"]"}, network + ".services.cidrBlocks[0]", "not an IPv4 range", "fd00"},
		{"overlap", []string{"[10.96.0.0/12]", "[192.168.128.0/20]"}, network + ".services.cidrBlocks[0]", "overlaps the pods'", "services"},
		{"services too large", []string{"[10.96.0.0/12]", "[10.0.0.0/8]"}, network + ".services.cidrBlocks[0]", "has a /8", "services"},
		{"services too small", []string{"[10.96.0.0/12]", "[10.96.0.0/29]"}, network + ".services.cidrBlocks[0]", "has a /29", "services"},
		{"pods no larger than a node's part", []string{"192.168.0.0/16", "192.168.0.0/24"}, network + ".pods.cidrBlocks", "does not fit", "pods"},
		{"node mask", []string{"    cniConfig", "    nodes: {cidrMaskSize: 16}\n    cniConfig"}, network + ".nodes.cidrMaskSize", "does not fit", "cidrMaskSize"},
		{"node mask too far", []string{"192.168.0.0/16", "172.16.0.0/12", "    cniConfig", "    nodes: {cidrMaskSize: 29}\n    cniConfig"}, network + ".nodes.cidrMaskSize", "more than 16 bits", "cidrMaskSize"},
		{"node mask 33", []string{"    cniConfig", "    nodes: {cidrMaskSize: 33}\n    cniConfig"}, network + ".nodes.cidrMaskSize", "/33", "cidrMaskSize"},
		{"too few node ranges", []string{"192.168.0.0/16", "192.168.0.0/22"}, network + ".pods.cidrBlocks", "has room for 4 nodes", "pods"},
		{"room for just all", []string{"192.168.0.0/16", "192.168.0.0/21"}, "", "", ""},
		{"vCenter in the pods' range", []string{"server: vcenter.example.com", "server: 192.168.1.1"}, "spec.server", "inside the pods' range", "server"},
		{"relative resolv.conf", []string{"    cniConfig", "    dns: {resolvConf: {path: etc/resolv.conf}}\n    cniConfig"}, network + ".dns.resolvConf.path", "not an absolute path", "dns"},
		{"no plugin", []string{"    cniConfig: {cilium: {}}\n", ""}, network + ".cniConfig", "no network plugin", "clusterNetwork"},
		{"empty plugin", []string{"{cilium: {}}", "{}"}, network + ".cniConfig", "no network plugin", "cniConfig"},
		{"kindnetd", []string{"{cilium: {}}", "{kindnetd: {}}"}, network + ".cniConfig.kindnetd", "Docker only", "kindnetd"},
		{"two plugins", []string{"{cilium: {}}", "{cilium: {}, kindnetd: {}}"}, network + ".cniConfig", "two network plugins", "cniConfig"},
		{"deprecated field", []string{"cniConfig: {cilium: {}}", "cni: cilium"}, "", "", ""},
		{"deprecated field, another plugin", []string{"cniConfig: {cilium: {}}", "cni: kindnetd"}, network + ".cni", "Docker only", "cni:"},
		{"deprecated field, unknown plugin", []string{"cniConfig: {cilium: {}}", "cni: cilium-enterprise"}, network + ".cni", "no network plugin", "cni:"},
		{"both fields", []string{"cniConfig: {cilium: {}}", "cni: cilium\n    cniConfig: {cilium: {}}"}, network + ".cni", "given twice", "cni: cilium"},
		{"cilium", cilium("policyEnforcementMode: always, routingMode: direct, ipv4NativeRoutingCIDR: 192.168.0.0/16, helmValues: {a: {b: 1}}"), "", "", ""},
		{"policy mode", cilium("policyEnforcementMode: allways"), network + ".cniConfig.cilium.policyEnforcementMode", `"allways" is not a value`, "allways"},
		{"skipUpgrade", cilium("policyEnforcementMode: always, skipUpgrade: true"), network + ".cniConfig.cilium.skipUpgrade", "no effect", "skipUpgrade"},
		{"routing mode", cilium("routingMode: tunnel"), network + ".cniConfig.cilium.routingMode", "not a value", "tunnel"},
		{"direct routing alone", cilium("routingMode: direct"), network + ".cniConfig.cilium.ipv4NativeRoutingCIDR", "needs it", "direct"},
		{"native range", cilium("ipv4NativeRoutingCIDR: \"fd00::/8\""), network + ".cniConfig.cilium.ipv4NativeRoutingCIDR", "not an address range", "fd00"},
		{"chart values as text", cilium("helmValues: text"), network + ".cniConfig.cilium.helmValues", "something else", "helmValues"},
	})
}

func TestSettingsRules(t *testing.T) {
	proxy := func(http, https string) []string {
		return inSpec("proxyConfiguration: {httpProxy: \"" + http + "\", httpsProxy: \"" + https + "\"}")
	}
	const ok = "http://proxy.example.com:3128"
	ca, err := os.ReadFile("testdata/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	mirror := func(fields string) []string { return inSpec("registryMirrorConfiguration: {" + fields + "}") }
	const kms = "spec.etcdEncryption[0].providers[0].kms"
	checkRules(t, "testdata/vsphere.yaml", []rule{
		{"proxy", proxy(ok, "10.0.0.1:3128"), "", "", ""},
		{"no httpProxy", proxy("", ok), "spec.proxyConfiguration.httpProxy", "missing", "proxy"},
		{"no httpsProxy", proxy(ok, ""), "spec.proxyConfiguration.httpsProxy", "missing", "proxy"},
		{"proxy without a port", proxy(ok, "http://proxy.example.com"), "spec.proxyConfiguration.httpsProxy", "port is missing", "proxy"},
		{"proxy's port", proxy(ok, "http://proxy.example.com:65536"), "spec.proxyConfiguration.httpsProxy", "not a port", "proxy"},
		{"proxy's host", proxy(ok, "http://10.0.0.300:3128"), "spec.proxyConfiguration.httpsProxy", "neither an IP address", "proxy"},
		{"proxy's scheme", proxy(ok, "socks5://proxy.example.com:1080"), "spec.proxyConfiguration.httpsProxy", "not by \"socks5\"", "proxy"},
		{"noProxy in one line", inSpec("proxyConfiguration: {httpProxy: \"" + ok + "\", httpsProxy: \"" + ok + "\", noProxy: [\"a,b\"]}"), "spec.proxyConfiguration.noProxy[0]", "not one address", "noProxy"},

		{"mirror", mirror("endpoint: registry.example.com, port: 5000, authenticate: true, ociNamespaces: [{registry: public.ecr.aws, namespace: x}]"), "", "", ""},
		{"mirror without endpoint", mirror("port: 443"), "spec.registryMirrorConfiguration.endpoint", "missing", "registryMirror"},
		{"mirror with scheme", mirror("endpoint: \"https://registry.example.com\""), "spec.registryMirrorConfiguration.endpoint", "neither", "registryMirror"},
		{"mirror with port", mirror("endpoint: \"registry.example.com:5000\""), "spec.registryMirrorConfiguration.endpoint", "neither", "registryMirror"},
		{"mirror's port", mirror("endpoint: registry.example.com, port: https"), "spec.registryMirrorConfiguration.port", "not a port", "registryMirror"},
		{"mirror's certificate", inSpec("registryMirrorConfiguration:\n  endpoint: registry.example.com\n  caCertContent: |\n" + indent(4, strings.TrimSpace(string(ca)))), "", "", ""},
		{"mirror's certificate cut", inSpec("registryMirrorConfiguration:\n  endpoint: registry.example.com\n  caCertContent: |\n" + indent(4, string(ca[:120]))), "spec.registryMirrorConfiguration.caCertContent", "no certificate", "caCertContent"},
		{"registry empty", mirror("endpoint: registry.example.com, ociNamespaces: [{registry: \"\", namespace: x}]"), "spec.registryMirrorConfiguration.ociNamespaces[0].registry", "missing", "registryMirror"},
		{"registry twice", mirror("endpoint: registry.example.com, ociNamespaces: [{registry: a, namespace: x}, {registry: a, namespace: y}]"), "spec.registryMirrorConfiguration.ociNamespaces[1].registry", "same registry", "registryMirror"},
		{"curated packages twice", mirror("endpoint: registry.example.com, ociNamespaces: [{registry: 783794618700.dkr.ecr.us-west-2.amazonaws.com, namespace: x}, {registry: 783794618700.dkr.ecr.us-east-1.amazonaws.com, namespace: y}]"), "spec.registryMirrorConfiguration.ociNamespaces[1].registry", "curated packages", "registryMirror"},

		{"issuer", inSpec("podIamConfig: {serviceAccountIssuer: \"https://issuer.example.com\"}"), "", "", ""},
		{"issuer empty", inSpec("podIamConfig: {}"), "spec.podIamConfig.serviceAccountIssuer", "missing", "podIamConfig"},
		{"issuer by http", inSpec("podIamConfig: {serviceAccountIssuer: \"http://issuer.example.com\"}"), "spec.podIamConfig.serviceAccountIssuer", "must be https", "podIamConfig"},

		{"encryption", inSpec("etcdEncryption: [{providers: [{kms: {name: k, socketListenAddress: \"unix:///var/run/kms.sock\"}}], resources: [secrets]}]"), "", "", ""},
		{"encryption empty", inSpec("etcdEncryption: []"), "spec.etcdEncryption", "0 encryption configurations", "etcdEncryption"},
		{"encryption without providers", inSpec("etcdEncryption: [{resources: [secrets]}]"), "spec.etcdEncryption[0].providers", "0 encryption providers", "etcdEncryption"},
		{"encryption of nothing", inSpec("etcdEncryption: [{providers: [{kms: {name: k, socketListenAddress: \"unix:///a\"}}], resources: [\"\"]}]"), "spec.etcdEncryption[0].resources[0]", "missing", "etcdEncryption"},
		{"encryption without kms", inSpec("etcdEncryption: [{providers: [{}], resources: [secrets]}]"), kms, "provider is missing", "etcdEncryption"},
		{"encryption without resources", inSpec("etcdEncryption: [{providers: [{kms: {name: k, socketListenAddress: \"unix:///a\"}}]}]"), "spec.etcdEncryption[0].resources", "missing", "etcdEncryption"},
		{"kms without a name", inSpec("etcdEncryption: [{providers: [{kms: {socketListenAddress: \"unix:///a\"}}], resources: [secrets]}]"), kms + ".name", "missing", "etcdEncryption"},
		{"kms by tcp", inSpec("etcdEncryption: [{providers: [{kms: {name: k, socketListenAddress: \"tcp://a:1\"}}], resources: [secrets]}]"), kms + ".socketListenAddress", "not the URL of a socket", "etcdEncryption"},
		{"kms timeout", inSpec("etcdEncryption: [{providers: [{kms: {name: k, socketListenAddress: \"unix:///a\", timeout: 0s}}], resources: [secrets]}]"), kms + ".timeout", "not positive", "etcdEncryption"},

		{"kubelet", inControlPlane("kubeletConfiguration: {maxPods: 50, evictionHard: {memory.available: 5%}, shutdownGracePeriod: 30s}"), "", "", ""},
		{"kubelet's field", inControlPlane("kubeletConfiguration:\n  kind: KubeletConfiguration\n  maxPod: 50"), cp + ".kubeletConfiguration.maxPod", "no such field", "maxPod"},
		{"kubelet's type", inWorkers("kubeletConfiguration:\n  maxPods: many"), worker + ".kubeletConfiguration.maxPods", "whole number", "maxPods"},
		{"kubelet's providerID", inControlPlane("kubeletConfiguration:\n  providerID: x"), cp + ".kubeletConfiguration.providerID", "set by the provider", "providerID"},
		{"kubelet's kind", inControlPlane("kubeletConfiguration:\n  kind: Kubelet"), cp + ".kubeletConfiguration.kind", "the kind is", "kind: Kubelet"},
		{"kubelet's version", inControlPlane("kubeletConfiguration:\n  apiVersion: v1"), cp + ".kubeletConfiguration.apiVersion", "the apiVersion is", "apiVersion: v1"},

		{"audit policy", inControlPlane("auditPolicyContent: |\n  apiVersion: audit.k8s.io/v1\n  kind: Policy\n  rules:\n    - level: Metadata"), "", "", ""},
		{"audit policy is not YAML", inControlPlane("auditPolicyContent: |\n  apiVersion: [audit"), cp + ".auditPolicyContent", "not valid YAML", "auditPolicyContent"},
		{"audit policy's field", inControlPlane("auditPolicyContent: |\n  apiVersion: audit.k8s.io/v1\n  kind: Policy\n  rulez: []"), cp + ".auditPolicyContent", "line 3 of the policy: rulez: there is no such field", "auditPolicyContent"},
		{"audit policy's kind", inControlPlane("auditPolicyContent: |\n  apiVersion: audit.k8s.io/v1\n  kind: Policies\n  rules: [{level: None}]"), cp + ".auditPolicyContent", `"Policies"`, "auditPolicyContent"},
		{"audit policy's level", inControlPlane("auditPolicyContent: |\n  apiVersion: audit.k8s.io/v1\n  kind: Policy\n  rules: [{level: All}]"), cp + ".auditPolicyContent", "no audit level", "auditPolicyContent"},
		{"audit policy without rules", inControlPlane("auditPolicyContent: |\n  apiVersion: audit.k8s.io/v1\n  kind: Policy"), cp + ".auditPolicyContent", "no rules", "auditPolicyContent"},
		{"two audit policies", inControlPlane("auditPolicyContent: |\n  apiVersion: audit.k8s.io/v1\n  ---\n  kind: Policy"), cp + ".auditPolicyContent", "2 objects", "auditPolicyContent"},

		{"packages of a workload cluster", inSpec("managementCluster: {name: other}\npackages: {cronjob: {disable: true}}"), "spec.packages.cronjob", "no effect", "packages"},
	})
}

func TestIdentityRules(t *testing.T) {
	const oidcObject = "\n---\napiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: OIDCConfig\nmetadata: {name: login}\nspec:\n  clientId: kubernetes\n  issuerUrl: https://login.example.com\n"
	const iamObject = "\n---\napiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: AWSIamConfig\nmetadata: {name: iam}\nspec:\n  awsRegion: us-west-2\n  backendMode: [CRD]\n  mapRoles: [{roleARN: a, username: b}]\n  mapUsers: [{userARN: a, username: b}]\n"
	const fluxObject = "\n---\napiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: FluxConfig\nmetadata: {name: flux}\nspec:\n  git:\n    repositoryUrl: ssh://git@git.example.com/a.git\n"
	const end = "    - {kind: VSphereMachineConfig, name: prod-worker}\n"
	with := func(object string, more ...string) []string {
		return append(append([]string{end, end + object}, inSpec("identityProviderRefs:\n  - {kind: OIDCConfig, name: login}")...), more...)
	}
	oidc := func(old, new string) []string { return with(strings.Replace(oidcObject, old, new, 1)) }
	iam := func(old, new string) []string {
		return append([]string{end, end + strings.Replace(iamObject, old, new, 1)}, inSpec("identityProviderRefs:\n  - {kind: AWSIamConfig, name: iam}")...)
	}
	flux := func(old, new string) []string {
		return append([]string{end, end + strings.Replace(fluxObject, old, new, 1)}, inSpec("gitOpsRef: {kind: FluxConfig, name: flux}")...)
	}
	ref := "spec.identityProviderRefs[0]"
	checkRules(t, "testdata/vsphere.yaml", []rule{
		{"oidc", with(oidcObject), "", "", ""},
		{"no such oidc", inSpec("identityProviderRefs:\n  - {kind: OIDCConfig, name: login}"), ref + ".name", "no OIDCConfig named", "login"},
		{"kind of a provider", inSpec("identityProviderRefs:\n  - {kind: LDAPConfig, name: login}"), ref + ".kind", "cannot be to the kind", "LDAP"},
		{"provider without a name", inSpec("identityProviderRefs:\n  - {kind: OIDCConfig}"), ref + ".name", "missing", "OIDCConfig"},
		{"reference twice", with(oidcObject, "login}\n", "login}\n    - {kind: OIDCConfig, name: login}\n"), "spec.identityProviderRefs[1]", "same reference", "login"},
		{"two issuers", with(oidcObject+strings.Replace(oidcObject, "login", "login2", 1), "login}\n", "login}\n    - {kind: OIDCConfig, name: login2}\n"), "spec.identityProviderRefs[1]", "one OIDC issuer", "login2"},
		{"oidc twice", with(oidcObject + oidcObject), "metadata.name", "another OIDCConfig of this name", "login"},
		{"no client", oidc("  clientId: kubernetes\n", ""), "spec.clientId", "missing", "spec:"},
		{"no issuer", oidc("  issuerUrl: https://login.example.com\n", ""), "spec.issuerUrl", "missing", "spec:"},
		{"issuer is no URL", oidc("https://login.example.com", "login."), "spec.issuerUrl", "not a URL", "issuerUrl"},
		{"issuer by http", oidc("https://", "http://"), "spec.issuerUrl", "must be https", "issuerUrl"},
		{"issuer with a query", oidc("example.com", "example.com?a=b"), "spec.issuerUrl", "no user, query", "issuerUrl"},
		{"two claims", oidc("spec:\n", "spec:\n  requiredClaims: [{claim: a, value: b}, {claim: c, value: d}]\n"), "spec.requiredClaims", "2 required claims", "requiredClaims"},
		{"claim without a value", oidc("spec:\n", "spec:\n  requiredClaims: [{claim: a}]\n"), "spec.requiredClaims[0].value", "missing", "requiredClaims"},
		{"oidc flag beside oidc", append(with(oidcObject), inControlPlane("apiServerExtraArgs: {oidc-client-id: x}")...), cp + ".apiServerExtraArgs[oidc-client-id]", "set by the OIDCConfig", "oidc-client-id"},
		{"oidc in another namespace", oidc("{name: login}", "{name: login, namespace: other}"), "metadata.namespace", `"other"`, "other"},

		{"iam", iam("x", "x"), "", "", ""},
		{"iam without region", iam("  awsRegion: us-west-2\n", ""), "spec.awsRegion", "missing", "spec:"},
		{"iam without mode", iam("  backendMode: [CRD]\n", ""), "spec.backendMode", "missing", "spec:"},
		{"iam with files", iam("CRD", "MountedFile"), "spec.backendMode[0]", `"MountedFile"`, "backendMode"},
		{"iam role", iam("roleARN: a, ", ""), "spec.mapRoles[0].roleARN", "missing", "mapRoles"},
		{"iam role's user", iam("{roleARN: a, username: b}", "{roleARN: a}"), "spec.mapRoles[0].username", "missing", "mapRoles"},
		{"iam user's ARN", iam("{userARN: a, username: b}", "{username: b}"), "spec.mapUsers[0].userARN", "missing", "mapUsers"},
		{"iam user", iam("{userARN: a, username: b}", "{userARN: a}"), "spec.mapUsers[0].username", "missing", "mapUsers"},

		{"flux", flux("x", "x"), "", "", ""},
		{"no such flux", inSpec("gitOpsRef: {kind: FluxConfig, name: flux}"), "spec.gitOpsRef.name", "no FluxConfig named", "gitOpsRef"},
		{"kind of GitOps", inSpec("gitOpsRef: {kind: ArgoConfig, name: flux}"), "spec.gitOpsRef.kind", "cannot be to the kind", "gitOpsRef"},
		{"flux over https", flux("ssh://", "https://"), "spec.git.repositoryUrl", "not an ssh URL", "repositoryUrl"},
		{"flux key", flux("  git:\n", "  git:\n    sshKeyAlgorithm: dsa\n"), "spec.git.sshKeyAlgorithm", "not a value", "dsa"},
		{"flux branch", flux("spec:\n", "spec:\n  branch: \"a b\"\n"), "spec.branch", "not the name of a branch", "branch"},
		{"github repository", flux("  git:\n    repositoryUrl: ssh://git@git.example.com/a.git\n", "  github: {owner: a, repository: \"b c\"}\n"), "spec.github.repository", "not the name of a repository", "b c"},
		{"flux twice over", flux("spec:\n", "spec:\n  github: {owner: a, repository: b}\n"), "spec", "both git and github", "spec:"},
		{"flux without a provider", flux("  git:\n    repositoryUrl: ssh://git@git.example.com/a.git\n", "  branch: main\n"), "spec", "neither git nor github", "spec:"},
		{"GitOpsConfig", append([]string{end, end + "\n---\napiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: GitOpsConfig\nmetadata: {name: flux}\nspec:\n  flux:\n    github:\n      owner: \"\"\n      repository: b\n"}, inSpec("gitOpsRef: {kind: GitOpsConfig, name: flux}")...), "spec.flux.github.owner", "missing", "owner"},
	})
}
