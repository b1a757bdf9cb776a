package v1alpha1

import (
	"strings"
	"testing"
)

func TestSSHDatacenterRules(t *testing.T) {
	datacenter := func(lines string) []string {
		return []string{"  user: admin\n", "  user: admin\n" + indent(2, lines)}
	}
	location := func(text string) []string { return []string{"/srv/bundle", text} }
	digest := "sha256:" + strings.Repeat("0a", 32)
	const pin = "SHA256:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
	host := func(i, field string) string { return "spec.hosts[" + i + "]." + field }
	checkRules(t, "testdata/ssh.yaml", []rule{
		{"port", datacenter("port: 2200"), "", "", ""},
		{"port too high", datacenter("port: 65536"), "spec.port", "65536 is not a port", "port"},
		{"port negative", datacenter("port: -1"), "spec.port", "-1 is not a port", "port"},
		{"user with a space", []string{"user: admin", "user: the admin"}, "spec.user", "not the name of a user", "user"},
		{"user of a directory", []string{"user: admin", "user: admin@example.com"}, "", "", ""},
		{"no user at all", []string{"  user: admin\n", "", "      user: root\n", ""}, "spec.user", "which user", "spec:"},
		{"no user of one host", []string{"  user: admin\n", "", "      hostKey", "      user: a\n      hostKey", "labels: {type: cp, rack: b}", "user: a\n      labels: {type: cp, rack: b}",
			"labels: {type: cp, rack: c}", "user: a\n      labels: {type: cp, rack: c}", "labels: {type: worker, rack: a}", "user: a\n      labels: {type: worker, rack: a}"}, host("5", "user"), "which user", "host-6"},
		{"no key at all", []string{"  keyFile: /keys/id_ed25519\n", "", "      keyFile: /keys/host-5\n", ""}, "spec.keyFile", "with which private key", "spec:"},
		{"key itself", []string{"keyFile: /keys/id_ed25519", "keyFile: \"-----BEGIN OPENSSH PRIVATE KEY-----\""}, "spec.keyFile", "this is a key", "keyFile"},
		{"public key", []string{"/keys/id_ed25519", "/keys/id_ed25519.pub"}, "spec.keyFile", "public key", "keyFile"},
		{"known hosts by URL", datacenter("knownHostsFile: https://example.com/known_hosts"), "spec.knownHostsFile", "a URL", "knownHostsFile"},
		{"no node files", []string{"  nodeFiles:\n    location: /srv/bundle\n", ""}, "spec.nodeFiles.location", "missing", "spec:"},
		{"location by http", location("http://files.example.com/bundle"), "spec.nodeFiles.location", "anyone on the way", "location"},
		{"location by another scheme", location("oci://files.example.com/bundle"), "spec.nodeFiles.location", "not by \"oci\"", "location"},
		{"location with a password", location("https://u:p@files.example.com/bundle"), "spec.nodeFiles.location", "credentials", "location"},
		{"location without a host", location("https:///bundle"), "spec.nodeFiles.location", "not a URL", "location"},
		{"location without a digest", location("https://files.example.com/bundle"), "spec.nodeFiles.digest", "the digest is missing", "nodeFiles"},
		{"location with a digest", location("https://files.example.com/bundle\n    digest: " + digest), "", "", ""},
		{"location compressed", location("/srv/bundle.tar.gz"), "spec.nodeFiles.location", "not a .gz file", "location"},
		{"location in a tar file", location("/srv/bundle.tar\n    digest: " + digest), "", "", ""},
		{"digest cut", location("/srv/bundle\n    digest: " + digest[:70]), "spec.nodeFiles.digest", "not a SHA-256 digest", "digest"},
		{"digest in capitals", location("/srv/bundle\n    digest: sha256:" + strings.Repeat("0A", 32)), "spec.nodeFiles.digest", "not a SHA-256 digest", "digest"},
		{"field of bare metal", datacenter("tinkerbellIP: 10.0.0.1"), "spec.tinkerbellIP", "have their operating system already", "tinkerbellIP"},
		{"password", datacenter("password: hunter2"), "spec.password", "must not hold credentials", "password"},

		{"host without a name", []string{"- name: host-1\n      address", "- address"}, host("0", "name"), "no name", "198.51.100.21"},
		{"host's name", []string{"name: host-1", "name: Host_1"}, host("0", "name"), "not a name that a node", "Host_1"},
		{"host's name too long", []string{"name: host-1", "name: " + strings.Repeat("a", 64)}, host("0", "name"), "64 characters", "aaa"},
		{"host twice", []string{"name: host-2", "name: host-1"}, host("1", "name"), "hosts[0] has the same name", "host-1"},
		{"host without an address", []string{"      address: 198.51.100.21\n", ""}, host("0", "address"), "no address", "host-1"},
		{"address by name", []string{"address: 198.51.100.21", "address: host-1.example.com"}, host("0", "address"), "is a host name", "example.com"},
		{"address of nothing", []string{"address: 198.51.100.21", "address: 198.51.100.321"}, host("0", "address"), "not an IP address", "321"},
		{"address with a port", []string{"address: 198.51.100.21", "address: \"198.51.100.21:22\""}, host("0", "address"), "with a port", ":22"},
		{"address of IPv6", []string{"address: 198.51.100.21", "address: \"2001:db8::1\""}, host("0", "address"), "not an IPv4 address", "2001"},
		{"address of this machine", []string{"address: 198.51.100.21", "address: 127.0.0.1"}, host("0", "address"), "not an address by which", "127"},
		{"address twice", []string{"address: 198.51.100.22", "address: 198.51.100.21"}, host("1", "address"), "hosts[0] has the same address", ".21"},
		{"address in the pods' range", []string{"address: 198.51.100.22", "address: 192.168.1.1"}, host("1", "address"), "inside the pods' range", "192.168.1.1"},
		{"address in the services' range", []string{"address: 198.51.100.22", "address: 10.96.0.1"}, host("1", "address"), "inside the services' range", "10.96.0.1"},
		{"host's port", []string{"port: 2222", "port: 70000"}, host("4", "port"), "not a port", "70000"},
		{"host's user", []string{"user: root", "user: -oProxyCommand=x"}, host("4", "user"), "not the name of a user", "-oProxy"},
		{"host's key", []string{"/keys/host-5", "/keys/host-5.pub"}, host("4", "keyFile"), "public key", "host-5.pub"},
		{"no pin", []string{"      hostKeyFingerprint: " + pin + "\n", ""}, host("0", "hostKeyFingerprint"), "whoever answers", "host-1"},
		{"pin in a file that is not read", append(datacenter("knownHostsFile: known_hosts"), "      hostKeyFingerprint: "+pin+"\n", ""), "", "", ""},
		{"pin cut", []string{pin, pin[:40]}, host("0", "hostKeyFingerprint"), "cut short", "SHA256"},
		{"pin by MD5", []string{pin, "MD5:00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f"}, host("0", "hostKeyFingerprint"), "MD5", "MD5"},
		{"pin as a key", []string{pin, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKZJR6wWbTditxCEpj9Ao/q2V9x3Dog/bUH8ofaIWnXq"}, host("0", "hostKeyFingerprint"), "takes the key's fingerprint", "ssh-ed25519"},
		{"label's name", []string{"rack: a", "\"a b\": a"}, host("0", "labels[a b]"), "is not a label", "a b"},
		{"label's value", []string{"rack: a", "rack: \"a b\""}, host("0", "labels[rack]"), "is not a label", "a b"},
		{"unknown field of a host", []string{"      port: 2222", "      prot: 2222"}, host("4", "prot"), "no such field", "prot"},
	})
}

func TestSSHMachineRules(t *testing.T) {
	const name = "racks-worker\nspec:\n"
	ca := strings.ReplaceAll(read(t, "testdata/ca.pem"), "\n", "\\n")
	machine := func(lines string) []string { return []string{name, name + indent(2, lines)} }
	workers := func(selector string) []string {
		return []string{"hardwareSelector: {type: worker}", "hardwareSelector: " + selector}
	}
	checkRules(t, "testdata/ssh.yaml", []rule{
		{"no selector", workers("{}"), "spec.hardwareSelector", "which hosts", "hardwareSelector"},
		{"selector is no label", workers("{\"a b\": c}"), "spec.hardwareSelector[a b]", "is not a label", "a b"},
		{"family", []string{"osFamily: ubuntu", "osFamily: debian"}, "", "", ""},
		{"family unknown", []string{"osFamily: ubuntu", "osFamily: ubunto"}, "spec.osFamily", "not a value", "ubunto"},
		{"Bottlerocket", []string{"osFamily: ubuntu", "osFamily: bottlerocket"}, "spec.osFamily", "Bottlerocket cannot", "bottlerocket"},
		{"Bottlerocket's settings", machine("hostOSConfiguration: {bottlerocketConfiguration: {}}"), "spec.hostOSConfiguration.bottlerocketConfiguration", "Bottlerocket only", "hostOS"},
		{"time servers", machine("hostOSConfiguration: {ntpConfiguration: {servers: [ntp.example.com]}}"), "", "", ""},
		{"no time servers", machine("hostOSConfiguration: {ntpConfiguration: {servers: []}}"), "spec.hostOSConfiguration.ntpConfiguration.servers", "no servers", "hostOS"},
		{"certificates", machine("hostOSConfiguration: {certBundles: [{name: a, data: \"" + ca + "\"}]}"), "", "", ""},
		{"certificates without a family", append(machine("hostOSConfiguration: {certBundles: [{name: a, data: \""+ca+"\"}]}"), "  osFamily: ubuntu\n", ""), "spec.osFamily", "where certBundles go", "spec:"},
		{"user", []string{"name: ops", "name: \"o ps\""}, "spec.users[0].name", "not a name that Linux", "o ps"},
		{"affinity", machine("hardwareAffinity: {required: []}"), "spec.hardwareAffinity", "by hardwareSelector alone", "hardwareAffinity"},
		{"image", machine("osImageURL: http://a/b"), "spec.osImageURL", "operating system already", "osImageURL"},

		{"more labels", workers("{type: worker, rack: a}"), "spec.hardwareSelector", "1 host has the labels rack=a,type=worker, and 2 are needed, for md-0", "hardwareSelector"},
		{"no such label", workers("{type: workers}"), "spec.hardwareSelector", "no host has the labels type=workers", "hardwareSelector"},
		{"too few hosts", []string{"      count: 2", "      count: 4"}, "spec.hardwareSelector", "3 hosts have the labels type=worker, and 4 are needed, for md-0", "{type: worker}"},
		{"too few for all groups", []string{"      count: 2\n", "      count: 2\n      machineGroupRef: {kind: SSHMachineConfig, name: racks-worker}\n    - name: md-1\n      count: 2\n"}, "spec.hardwareSelector", "for md-0 and md-1", "{type: worker}"},
		{"just enough", []string{"      count: 2", "      count: 3"}, "", "", ""},
		{"the same hosts twice", workers("{type: cp}"), "spec.hardwareSelector", "3 hosts have the labels, and 5 are needed, for the control plane (type=cp) and md-0 (type=cp) together", "{type: cp}"},
		{"hosts shared with room", append(workers("{rack: a}"), "    count: 3", "    count: 1"), "", "", ""},
		// rack=a is host-1 and host-4; the control plane needs all of type=cp.
		{"hosts shared without room", workers("{rack: a}"), "spec.hardwareSelector", "4 hosts have the labels, and 5 are needed", "hardwareSelector"},
		{"workers on another kind", []string{"name: racks-worker}", "name: racks-cp}", "      count: 2", "      count: 1"}, "spec.hardwareSelector", "3 hosts have the labels type=cp, and 4 are needed, for the control plane and md-0", "{type: cp}"},
		{"no workers", []string{"    - name: md-0\n      count: 2\n      machineGroupRef: {kind: SSHMachineConfig, name: racks-worker}\n", ""}, "", "", ""},
		{"failure domains", inWorkers("failureDomains: [a]"), worker + ".failureDomains", "for vSphere only", "failureDomains"},
		{"machines of vSphere", []string{"{kind: SSHMachineConfig, name: racks-worker}", "{kind: VSphereMachineConfig, name: racks-worker}"}, worker + ".machineGroupRef.kind", "cannot be to the kind", "VSphereMachineConfig"},
	})
}

func TestSSHEndpoint(t *testing.T) {
	const field = cp + ".endpoint.host"
	at := func(address string, edits ...string) []string {
		return append([]string{"host: 198.51.100.10", "host: " + address}, edits...)
	}
	own := inControlPlane("skipLoadBalancerDeployment: true")
	one := []string{"    count: 3\n", "    count: 1\n    skipLoadBalancerDeployment: true\n"}
	checkRules(t, "testdata/ssh.yaml", []rule{
		{"of a host", at("198.51.100.24"), field, "that of the host \"host-4\", and kube-vip", "198.51.100.24"},
		{"of one of several", at("198.51.100.21", own...), field, "2 other hosts can become", "198.51.100.21"},
		{"of one of several that can be", at("198.51.100.21", one...), field, "2 other hosts can become", "198.51.100.21"},
		{"of the only one", at("198.51.100.21", append(one, "hardwareSelector: {type: cp}", "hardwareSelector: {type: cp, rack: a}")...), "", "", ""},
		{"of a balancer on a worker", at("198.51.100.24", own...), "", "", ""},
		{"of a balancer by name", at("api.example.com", own...), "", "", ""},
		{"by name", at("api.example.com"), field, "not an IP address", "api"},
	})
}

func TestUnsupportedOverSSH(t *testing.T) {
	base := read(t, "testdata/ssh.yaml")
	if _, err := Parse("file", []byte(base)); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		edits          []string
		field, message string
	}{
		"workers' version": {inWorkers("kubernetesVersion: \"1.34\""), worker + ".kubernetesVersion", "node files are of one version"},
		"etcd":             {inSpec("externalEtcdConfiguration: {count: 3, machineGroupRef: {kind: SSHMachineConfig, name: racks-cp}}"), "spec.externalEtcdConfiguration", "not supported"},
		"in place":         {inWorkers("upgradeRolloutStrategy: {type: InPlace}"), worker + ".upgradeRolloutStrategy.type", "not supported yet"},
	} {
		config, _ := Decode("file", []byte(edit(t, base, test.edits...)))
		problems := config.Unsupported()
		if len(problems) != 1 || problems[0].Field != test.field || !strings.Contains(problems[0].Message, test.message) {
			t.Errorf("%s: %v", name, problems)
		}
	}
}
