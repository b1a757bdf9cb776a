package v1alpha1

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestVSphereRules(t *testing.T) {
	machine := func(lines string) []string {
		return []string{"  name: prod-worker\nspec:\n", "  name: prod-worker\nspec:\n" + indent(2, lines)}
	}
	domain := func(old, new string) []string {
		return []string{"  server:", strings.Replace(failureDomain("a", "net"), old, new, 1) + "  server:"}
	}
	ca := strings.ReplaceAll(read(t, "testdata/ca.pem"), "\n", "\\n")
	bundles := func(names ...string) []string {
		var list []string
		for _, name := range names {
			list = append(list, "{name: \""+name+"\", data: \""+ca+"\"}")
		}
		return machine("hostOSConfiguration: {certBundles: [" + strings.Join(list, ", ") + "]}")
	}
	const private = "-----BEGIN OPENSSH PRIVATE KEY-----"
	checkRules(t, "testdata/vsphere.yaml", []rule{
		{"no datacenter", []string{"  datacenter: DC\n", ""}, "spec.datacenter", "missing", "spec:"},
		{"no network", []string{"  network: /DC/network/VM Network\n", ""}, "spec.network", "missing", "spec:"},
		{"network by name", []string{"/DC/network/VM Network", "VM Network"}, "", "", ""},
		{"network of another datacenter", []string{"/DC/network/VM Network", "/DC2/network/VM Network"}, "spec.network", "not one of the datacenter", "DC2"},
		{"no server", []string{"  server: vcenter.example.com\n", ""}, "spec.server", "missing", "spec:"},
		{"server as URL", []string{"server: vcenter.example.com", "server: https://vcenter.example.com/"}, "spec.server", "is a URL", "server"},
		{"server with a space", []string{"server: vcenter.example.com", "server: vcenter example"}, "spec.server", "neither a host name", "server"},
		{"server with a port", []string{"server: vcenter.example.com", "server: \"vcenter.example.com:8443\""}, "", "", ""},
		{"thumbprint cut short", []string{"01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67", "01:23"}, "spec.thumbprint", "not the SHA-1", "thumbprint"},
		{"thumbprint SHA-256", []string{"01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67", strings.Repeat("ab", 32)}, "spec.thumbprint", "SHA-256", "thumbprint"},
		{"insecure drops the thumbprint", []string{"  thumbprint: \"01:23", "  insecure: true\n  thumbprint: \"xx:23"}, "", "", ""},
		{"former field", []string{"  datacenter: DC\n", "  datacenter: DC\n  disableCSI: true\n"}, "", "", ""},
		{"failure domain twice", append(domain("", ""), "  server:", strings.TrimPrefix(failureDomain("a", "net"), "  failureDomains:\n")+"  server:"), "spec.failureDomains[1].name", "the same name", "name: a"},
		{"failure domain without a cluster", domain("computeCluster: c, ", ""), "spec.failureDomains[0].computeCluster", "missing", "name: a"},
		{"failure domain without a folder", domain("folder: f, ", ""), "spec.failureDomains[0].folder", "missing", "name: a"},
		{"failure domain's network", domain("network: net", "network: /X/network/n"), "spec.failureDomains[0].network", "not one of the datacenter", "name: a"},
		{"two datacenters", []string{"---\napiVersion: groundwork.dev", "---\napiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: VSphereDatacenterConfig\nmetadata: {name: second}\nspec: {datacenter: DC, network: n, server: s}\n---\napiVersion: groundwork.dev"}, "", "this is another", "apiVersion"},
		{"two clusters", []string{"---\napiVersion: groundwork.dev", "---\napiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: Cluster\nmetadata: {name: second}\n---\napiVersion: groundwork.dev"}, "", "more than one Cluster", "apiVersion"},

		{"certificates", bundles("corporate", "proxy_2.1"), "", "", ""},
		{"certificates under a path", bundles("../corporate"), "spec.hostOSConfiguration.certBundles[0].name", "name of a file", "certBundles"},
		{"certificates twice", bundles("a", "b", "a"), "spec.hostOSConfiguration.certBundles[2].name", "also in certBundles[0]", "certBundles"},
		{"no certificates", machine("hostOSConfiguration: {certBundles: [{name: a, data: b}]}"), "spec.hostOSConfiguration.certBundles[0].data", "no certificate", "certBundles"},

		{"no datastore", []string{"  datastore: ds\n", ""}, "spec.datastore", "missing", "spec:"},
		{"no pool", []string{"  resourcePool: pool\n", ""}, "spec.resourcePool", "missing", "spec:"},
		{"no template", []string{"  template: tmpl\n", ""}, "spec.template", "missing", "spec:"},
		{"family", []string{"osFamily: ubuntu", "osFamily: debian"}, "spec.osFamily", `"debian" is not a value`, "debian"},
		{"no CPU", machine("numCPUs: -1"), "spec.numCPUs", "not a positive", "numCPUs"},
		{"negative disk", machine("diskGiB: -5"), "spec.diskGiB", "not a positive", "diskGiB"},
		{"odd memory", machine("memoryMiB: 8193"), "spec.memoryMiB", "steps of 4 MiB", "memoryMiB"},
		{"little memory is raised", machine("memoryMiB: 1024\ndiskGiB: 5"), "", "", ""},
		{"clone mode", machine("cloneMode: linked"), "spec.cloneMode", "not a value", "cloneMode"},
		{"networks", machine("networks: [a, b]"), "", "", ""},
		{"three networks", machine("networks: [a, b, c]"), "spec.networks", "3 networks", "networks"},
		{"same networks", machine("networks: [a, a]"), "spec.networks[1]", "there twice", "networks"},
		{"networks of the control plane", []string{"  name: prod-cp\nspec:\n", "  name: prod-cp\nspec:\n  networks: [a]\n"}, "spec.networks", "datacenter's network only", "networks"},
		{"tag", machine("tags: [production]"), "spec.tags[0]", "not the ID of a tag", "tags"},
		{"user's name", machine("users: [{name: \"a b\"}]"), "spec.users[0].name", "not a name that Linux takes", "users"},
		{"user without a name defaults", machine("users: [{sshAuthorizedKeys: [\"\"]}]"), "", "", ""},
		{"second user without a name", machine("users: [{name: a}, {sshAuthorizedKeys: []}]"), "spec.users[1].name", "has no name", "users"},
		{"user twice", machine("users: [{name: a}, {name: a}]"), "spec.users[1].name", "the same name", "users"},
		{"key cut short", machine("users: [{name: a, sshAuthorizedKeys: [ssh-rsa AAAA...]}]"), "spec.users[0].sshAuthorizedKeys[0]", "not an SSH public key", "users"},
		{"private key", machine("users: [{name: a, sshAuthorizedKeys: [\"" + private + "\"]}]"), "spec.users[0].sshAuthorizedKeys[0]", "this is a private key", "users"},
		{"two keys in one", []string{"- ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA9Du2Mid30N9tPB54odX2ayRqZUrD6QqaxrKmlk4CZ0 admin@example.com", "- |\n          ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA9Du2Mid30N9tPB54odX2ayRqZUrD6QqaxrKmlk4CZ0 a\n          ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA9Du2Mid30N9tPB54odX2ayRqZUrD6QqaxrKmlk4CZ0 b"}, "spec.users[0].sshAuthorizedKeys[0]", "more than one line", "- |"},
		{"time servers", machine("hostOSConfiguration: {ntpConfiguration: {servers: [pool.ntp.org, 10.0.0.1, \"udp://a.b\"]}}"), "", "", ""},
		{"no time servers", machine("hostOSConfiguration: {ntpConfiguration: {servers: []}}"), "spec.hostOSConfiguration.ntpConfiguration.servers", "no servers", "hostOS"},
		{"time server", machine("hostOSConfiguration: {ntpConfiguration: {servers: [\"a b\"]}}"), "spec.hostOSConfiguration.ntpConfiguration.servers[0]", "neither an IP", "hostOS"},
		{"Bottlerocket's settings", machine("hostOSConfiguration: {bottlerocketConfiguration: {kernel: {sysctlSettings: {a: b}}}}"), "spec.hostOSConfiguration.bottlerocketConfiguration", "for osFamily bottlerocket only", "hostOS"},
		{"name of an object", []string{"name: prod-worker\nspec", "name: Prod_Worker\nspec", "name: prod-worker}", "name: Prod_Worker}", "name: prod-worker}", "name: Prod_Worker}"}, "metadata.name", "not a valid name", "Prod_Worker"},
		{"object twice", []string{"  name: prod-worker\nspec", "  name: prod-cp\nspec", "name: prod-worker}", "name: prod-cp}", "    - {kind: VSphereMachineConfig, name: prod-worker}\n", ""}, "metadata.name", "another VSphereMachineConfig of this name", "name: prod-cp"},
	})
}

func TestAddressPoolRules(t *testing.T) {
	const ranges = "[198.51.100.20-198.51.100.40]"
	second := func(addresses, refs string) string {
		return "\n---\napiVersion: groundwork.dev/v1alpha1\nkind: VSphereAddressPool\nmetadata: {name: more}\nspec: {addresses: [" + addresses + "], prefix: 24, gateway: 198.51.100.1, machineConfigRefs: [" + refs + "]}\n"
	}
	const workers = "    - {kind: VSphereMachineConfig, name: prod-worker}\n"
	checkRules(t, "testdata/vsphere.yaml", []rule{
		{"addresses, ranges and blocks", []string{ranges, "[198.51.100.20, 198.51.100.64/27, 198.51.100.30 - 198.51.100.33]"}, "", "", ""},
		{"no addresses", []string{ranges, "[]"}, "spec.addresses", "no addresses", "addresses"},
		{"backwards", []string{ranges, "[198.51.100.40-198.51.100.20]"}, "spec.addresses[0]", "not a range", "addresses"},
		{"by name", []string{ranges, "[node1]"}, "spec.addresses[0]", "not a range", "addresses"},
		{"outside the subnet", []string{ranges, "[198.51.101.20-198.51.101.40]"}, "spec.addresses[0]", "not all in the gateway's subnet", "addresses"},
		{"partly outside", []string{ranges, "[198.51.100.20-198.51.101.40]"}, "spec.addresses[0]", "not all in the gateway's subnet", "addresses"},
		{"broadcast", []string{ranges, "[198.51.100.240-198.51.100.255]"}, "spec.addresses[0]", "broadcast", "addresses"},
		{"gateway inside", []string{"gateway: 198.51.100.1\n", "gateway: 198.51.100.30\n"}, "spec.addresses[0]", "include the gateway", "addresses"},
		{"name server inside", []string{"198.51.100.2]", "198.51.100.30]"}, "spec.addresses[0]", "include the name server", "addresses"},
		{"endpoint inside", []string{"host: 198.51.100.10", "host: 198.51.100.30"}, "spec.addresses[0]", "include the control plane's endpoint", "addresses"},
		{"no gateway", []string{"  gateway: 198.51.100.1\n", ""}, "spec.gateway", "missing", "spec:"},
		{"gateway", []string{"gateway: 198.51.100.1\n", "gateway: router\n"}, "spec.gateway", "not an IPv4 address", "gateway"},
		{"prefix", []string{"prefix: 24", "prefix: 31"}, "spec.prefix", "31 is not the prefix", "prefix"},
		{"name server", []string{"[198.51.100.2]", "[dns.example.com]"}, "spec.nameservers[0]", "not an IP address", "nameservers"},
		{"ranges overlap", []string{ranges, "[198.51.100.20-198.51.100.40, 198.51.100.40]"}, "spec.addresses[1]", "overlap", "addresses"},
		{"pools overlap", []string{workers, second("198.51.100.40-198.51.100.60", "{kind: VSphereMachineConfig, name: prod-worker}")}, "spec.addresses[0]", "overlap spec.addresses[0] of VSphereAddressPool/nodes", "198.51.100.60"},
		{"two pools", []string{workers, second("198.51.100.41-198.51.100.60", "{kind: VSphereMachineConfig, name: prod-worker}")}, "", "", ""},
		{"two pools of one name", []string{workers, strings.Replace(second("198.51.100.41-198.51.100.60", "{kind: VSphereMachineConfig, name: prod-worker}"), "more", "nodes", 1)}, "metadata.name", "another VSphereAddressPool", "nodes"},
		{"machines in two pools", []string{workers, workers + second("198.51.100.41-198.51.100.60", "{kind: VSphereMachineConfig, name: prod-worker}")}, "spec.machineConfigRefs[0]", "have their addresses from", "198.51.100.60"},
		{"serves nothing", []string{"  machineConfigRefs:\n    - {kind: VSphereMachineConfig, name: prod-cp}\n" + workers, ""}, "spec.machineConfigRefs", "serves no machines", "spec:"},
		{"unknown machines", []string{workers, workers + "    - {kind: VSphereMachineConfig, name: prod-etcd}\n"}, "spec.machineConfigRefs[2].name", "no VSphereMachineConfig named", "prod-etcd"},
		{"just enough", []string{ranges, "[198.51.100.20-198.51.100.26]"}, "", "", ""},
		{"one too few", []string{ranges, "[198.51.100.20-198.51.100.25]"}, "spec.addresses", "has 6 addresses, and its machines need 7", "addresses"},
		{"too few for autoscaling", append(inWorkers("autoscalingConfiguration: {minCount: 1, maxCount: 100}"), ranges, "[198.51.100.20-198.51.100.120]"), "spec.addresses", "need 105", "addresses"},
		{"in the pods' range", []string{"gateway: 198.51.100.1\n", "gateway: 192.168.1.1\n", ranges, "[192.168.1.20-192.168.1.40]"}, "spec.gateway", "inside the pods' range", "gateway"},
	})
}

func TestTinkerbellRules(t *testing.T) {
	affinity := func(fields string) []string {
		return []string{"hardwareSelector: {type: worker}", "hardwareAffinity: {" + fields + "}"}
	}
	const required = "required: [{labelSelector: {matchLabels: {type: worker}}}]"
	inPlace := []string{"    count: 3\n", "    count: 3\n    upgradeRolloutStrategy: {type: InPlace}\n"}
	inPlaceWorkers := []string{"      count: 2\n", "      count: 2\n      upgradeRolloutStrategy: {type: InPlace}\n"}
	const image = "osImageURL: http://files.example.com/ubuntu-1-35.gz"
	checkRules(t, "testdata/tinkerbell.yaml", []rule{
		{"no IP", []string{"  tinkerbellIP: 198.51.100.11\n", ""}, "spec.tinkerbellIP", "missing", "spec:"},
		{"IP by name", []string{"tinkerbellIP: 198.51.100.11", "tinkerbellIP: tink"}, "spec.tinkerbellIP", "not an IPv4", "tinkerbellIP"},
		{"IP of the endpoint", []string{"tinkerbellIP: 198.51.100.11", "tinkerbellIP: 198.51.100.10"}, "spec.tinkerbellIP", "endpoint too", "tinkerbellIP"},
		{"IP in the pods' range", []string{"tinkerbellIP: 198.51.100.11", "tinkerbellIP: 192.168.0.11"}, "spec.tinkerbellIP", "inside the pods'", "tinkerbellIP"},
		{"image is no URL", []string{image, "osImageURL: ubuntu-1-35.gz"}, "spec.osImageURL", "not an http", "osImageURL"},
		{"image of another version", []string{"ubuntu-1-35", "ubuntu-1-34"}, "spec.osImageURL", "does not have Kubernetes 1.35", "osImageURL"},
		{"image of a worker's version", append(inWorkers("kubernetesVersion: \"1.34\""), "ubuntu-1-35", "ubuntu-1-35-and-1-34"), "", "", ""},
		{"image twice", []string{"  hardwareSelector: {type: cp}\n", "  hardwareSelector: {type: cp}\n  " + image + "\n"}, "spec.osImageURL", "here and in the", "osImageURL"},
		{"image in one machine only", []string{"  " + image + "\n", "", "  hardwareSelector: {type: cp}\n", "  hardwareSelector: {type: cp}\n  " + image + "\n"}, "spec.osImageURL", "nothing says which image", "spec:"},
		{"ISO without isoBoot", []string{"  tinkerbellIP", "  hookIsoURL: http://a.b/hook.iso\n  tinkerbellIP"}, "spec.hookIsoURL", "unless isoBoot", "hookIsoURL"},
		{"ISO's name", []string{"  tinkerbellIP", "  isoBoot: true\n  hookIsoURL: http://a.b/hook.img\n  tinkerbellIP"}, "spec.hookIsoURL", "does not end in .iso", "hookIsoURL"},
		{"hook images", []string{"  tinkerbellIP", "  hookImagesURLPath: files\n  tinkerbellIP"}, "spec.hookImagesURLPath", "not an http", "hookImages"},
		{"proxy without hook images", inSpec("proxyConfiguration: {httpProxy: \"a.b:80\", httpsProxy: \"a.b:80\"}"), "spec.hookImagesURLPath", "missing", "spec:"},
		{"no workers", []string{"  workerNodeGroupConfigurations:\n    - name: md-0\n      count: 2\n      machineGroupRef: {kind: TinkerbellMachineConfig, name: metal-worker}\n", ""}, "", "", ""},
		{"no workers and a taint", []string{"  workerNodeGroupConfigurations:\n    - name: md-0\n      count: 2\n      machineGroupRef: {kind: TinkerbellMachineConfig, name: metal-worker}\n", "", "    count: 3\n", "    count: 3\n    taints: [{key: a, effect: NoSchedule}]\n"}, cp + ".taints", "no workers", "taints"},
		{"no selector", []string{"  hardwareSelector: {type: worker}\n", ""}, "spec.hardwareSelector", "which servers", "spec:"},
		{"two labels", []string{"{type: worker}", "{type: worker, rack: a}"}, "spec.hardwareSelector", "2 labels", "hardwareSelector"},
		{"bad label", []string{"{type: worker}", "{\"a b\": worker}"}, "spec.hardwareSelector[a b]", "not a label", "hardwareSelector"},
		{"selector and affinity", []string{"hardwareSelector: {type: worker}", "hardwareSelector: {type: worker}\n  hardwareAffinity: {" + required + "}"}, "spec.hardwareSelector", "exclude each other", "hardwareSelector"},
		{"affinity", affinity(required + ", preferred: [{weight: 1, hardwareAffinityTerm: {labelSelector: {matchExpressions: [{key: a, operator: In, values: [b]}]}}}]"), "", "", ""},
		{"affinity without a required term", affinity("required: []"), "spec.hardwareAffinity.required", "no required term", "hardwareAffinity"},
		{"weight", affinity(required + ", preferred: [{weight: 101, hardwareAffinityTerm: {labelSelector: {}}}]"), "spec.hardwareAffinity.preferred[0].weight", "weight is 101", "hardwareAffinity"},
		{"operator", affinity("required: [{labelSelector: {matchExpressions: [{key: a, operator: Is}]}}]"), "spec.hardwareAffinity.required[0].labelSelector.matchExpressions[0].operator", "not a value", "hardwareAffinity"},
		{"In without values", affinity("required: [{labelSelector: {matchExpressions: [{key: a, operator: In}]}}]"), "spec.hardwareAffinity.required[0].labelSelector.matchExpressions[0].values", "needs values", "hardwareAffinity"},
		{"Exists with values", affinity("required: [{labelSelector: {matchExpressions: [{key: a, operator: Exists, values: [a]}]}}]"), "spec.hardwareAffinity.required[0].labelSelector.matchExpressions[0].values", "has no values", "hardwareAffinity"},
		{"unknown family", []string{"  workerNodeGroupConfigurations:\n    - name: md-0\n      count: 2\n      machineGroupRef: {kind: TinkerbellMachineConfig, name: metal-worker}\n", "", "osFamily: ubuntu", "osFamily: debian"}, "spec.osFamily", "not a value", "debian"},
		{"no time servers", []string{"  hardwareSelector: {type: cp}\n", "  hardwareSelector: {type: cp}\n  hostOSConfiguration: {ntpConfiguration: {servers: []}}\n"}, "spec.hostOSConfiguration.ntpConfiguration.servers", "no servers", "hostOS"},
		{"no users", []string{"  users: [{name: ec2-user}]\n", ""}, "spec.users", "no user", "spec:"},
		{"two families", []string{"  hardwareSelector: {type: worker}\n  osFamily: ubuntu", "  hardwareSelector: {type: worker}\n  osFamily: redhat"}, "spec.osFamily", "not the control plane's", "redhat"},
		{"unknown template", []string{"name: metal}\n  users", "name: other}\n  users"}, "spec.templateRef.name", "no TinkerbellTemplateConfig named", "templateRef"},
		{"template in another namespace", []string{"kind: TinkerbellTemplateConfig\nmetadata:\n", "kind: TinkerbellTemplateConfig\nmetadata:\n  namespace: other\n"}, "", "", ""},
		{"template's version", []string{`version: "0.1"`, `version: "0.2"`}, "spec.template.version", "no version", "0.2"},
		{"template without tasks", []string{"    tasks:\n      - name: metal\n        worker: \"{{.device_1}}\"\n        actions:\n          - name: image\n            image: quay.io/tinkerbell/actions/image2disk\n            timeout: 600\n", ""}, "spec.template.tasks", "no tasks", "template:"},
		{"template without a name", []string{"    name: metal\n    global", "    global"}, "spec.template.name", "missing", "template:"},
		{"template's timeout", []string{"global_timeout: 6000", "global_timeout: -1"}, "spec.template.global_timeout", "negative", "global_timeout"},
		{"task without a name", []string{"      - name: metal\n        worker", "      - worker"}, "spec.template.tasks[0].name", "missing", "worker"},
		{"task without actions", []string{"        actions:\n          - name: image\n            image: quay.io/tinkerbell/actions/image2disk\n            timeout: 600\n", ""}, "spec.template.tasks[0].actions", "no actions", "name: metal"},
		{"action without a name", []string{"          - name: image\n            image", "          - image"}, "spec.template.tasks[0].actions[0].name", "missing", "image2disk"},
		{"user's name", []string{"users: [{name: ec2-user}]", "users: [{name: \"ec2 user\"}]"}, "spec.users[0].name", "not a name that Linux takes", "ec2 user"},
		{"action without an image", []string{"            image: quay.io/tinkerbell/actions/image2disk\n", ""}, "spec.template.tasks[0].actions[0].image", "missing", "name: image"},
		{"etcd machines", inSpec("externalEtcdConfiguration: {count: 3, machineGroupRef: {kind: TinkerbellMachineConfig, name: metal-cp}}"), "spec.externalEtcdConfiguration", "not for bare metal", "externalEtcd"},
		{"in place", append(append([]string{}, inPlace...), inPlaceWorkers...), "", "", ""},
		{"in place with a rolling update", append([]string{"    count: 3\n", "    count: 3\n    upgradeRolloutStrategy: {type: InPlace, rollingUpdate: {maxSurge: 1}}\n"}, inPlaceWorkers...), cp + ".upgradeRolloutStrategy.rollingUpdate", "no rolling update", "rollingUpdate"},
		{"two strategies", inPlace, worker + ".upgradeRolloutStrategy.type", "is not the control plane's InPlace", "name: md-0"},
		{"in place and autoscaling", append(append(append([]string{}, inPlace...), inPlaceWorkers...), inWorkers("autoscalingConfiguration: {minCount: 1, maxCount: 3}")...), worker + ".autoscalingConfiguration", "exclude each other", "autoscaling"},
		{"failure domains", inWorkers("failureDomains: [a]"), worker + ".failureDomains", "for vSphere only", "failureDomains"},
	})
}

// TestBottlerocketInPlace has a problem at each group.
func TestBottlerocketInPlace(t *testing.T) {
	text := edit(t, read(t, "testdata/tinkerbell.yaml"), slices.Concat(
		[]string{"    count: 3\n", "    count: 3\n    upgradeRolloutStrategy: {type: InPlace}\n", "      count: 2\n", "      count: 2\n      upgradeRolloutStrategy: {type: InPlace}\n"},
		[]string{"osFamily: ubuntu", "osFamily: bottlerocket", "osFamily: ubuntu", "osFamily: bottlerocket"},
	)...)
	config, problems := Decode("file", []byte(text))
	problems = append(problems, config.Validate()...)
	var fields []string
	for _, p := range problems {
		if strings.Contains(p.Message, "cannot be upgraded in place") {
			fields = append(fields, p.Field)
		}
	}
	want := []string{cp + ".upgradeRolloutStrategy.type", worker + ".upgradeRolloutStrategy.type"}
	if len(problems) != 2 || !slices.Equal(fields, want) {
		t.Errorf("problems:\n%v", problems)
	}
}

// TestBottlerocketRules edits machines of a Bottlerocket cluster, which is
// valid though not supported.
func TestBottlerocketRules(t *testing.T) {
	base := edit(t, read(t, "testdata/vsphere.yaml"), "osFamily: ubuntu\n  template: tmpl\n", "osFamily: bottlerocket\n", "name: capv", "name: ec2-user")
	file := t.TempDir() + "/bottlerocket.yaml"
	if err := os.WriteFile(file, []byte(base), 0o600); err != nil {
		t.Fatal(err)
	}
	const host = "spec.hostOSConfiguration"
	settings := func(fields string) []string {
		return []string{"osFamily: bottlerocket\n", "osFamily: bottlerocket\n  hostOSConfiguration: {" + fields + "}\n"}
	}
	checkRules(t, file, []rule{
		{"settings", settings("bottlerocketConfiguration: {kubernetes: {maxPods: 50, clusterDNSIPs: [10.96.0.10], allowedUnsafeSysctls: [net.core.somaxconn]}, kernel: {sysctlSettings: {a: b}}, boot: {bootKernelParameters: {a: [b]}}}"), "", "", ""},
		{"user", []string{"name: ec2-user", "name: capv"}, "spec.users[0].name", "Bottlerocket has only ec2-user", "capv"},
		{"DNS", settings("bottlerocketConfiguration: {kubernetes: {clusterDNSIPs: [dns]}}"), host + ".bottlerocketConfiguration.kubernetes.clusterDNSIPs[0]", "not an IP", "hostOS"},
		{"sysctl", settings("bottlerocketConfiguration: {kubernetes: {allowedUnsafeSysctls: [\"\"]}}"), host + ".bottlerocketConfiguration.kubernetes.allowedUnsafeSysctls[0]", "missing", "hostOS"},
		{"pods", settings("bottlerocketConfiguration: {kubernetes: {maxPods: -1}}"), host + ".bottlerocketConfiguration.kubernetes.maxPods", "number is -1", "hostOS"},
		{"setting without a name", settings("bottlerocketConfiguration: {kernel: {sysctlSettings: {\"\": b}}}"), host + ".bottlerocketConfiguration.kernel.sysctlSettings", "no name", "hostOS"},
		{"parameter without a name", settings("bottlerocketConfiguration: {boot: {bootKernelParameters: {\"\": [b]}}}"), host + ".bottlerocketConfiguration.boot.bootKernelParameters", "no name", "hostOS"},
		{"certificate", settings("certBundles: [{name: a, data: b}]"), host + ".certBundles[0].data", "no certificate", "hostOS"},
		{"certificates without a name", settings("certBundles: [{data: \"" + strings.ReplaceAll(read(t, "testdata/ca.pem"), "\n", "\\n") + "\"}]"), host + ".certBundles[0].name", "missing", "hostOS"},
		{"family of one machine with etcd machines", inSpec("externalEtcdConfiguration: {count: 3, machineGroupRef: {kind: VSphereMachineConfig, name: prod-cp}}"), "spec.osFamily", "the control plane's is bottlerocket", "ubuntu"},
	})
}
