package v1alpha1

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// edit applies pairs of old and new text.
func edit(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("there is no %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

func TestUnsupported(t *testing.T) {
	base := read(t, "testdata/vsphere.yaml")
	if _, err := Parse("file", []byte(base)); err != nil {
		t.Fatalf("the file without edits has problems:\n%v", err)
	}
	for _, test := range []struct {
		name  string
		edits []string
		want  map[string]string // field to a part of the reason
	}{
		{"etcd machines", inSpec("externalEtcdConfiguration: {count: 3, machineGroupRef: {kind: VSphereMachineConfig, name: prod-cp}}"),
			map[string]string{"spec.externalEtcdConfiguration": "no provider for it"}},
		{"workload cluster", inSpec("managementCluster: {name: other}"), map[string]string{"spec.managementCluster.name": "not supported yet"}},
		{"packages", inSpec("packages: {controller: {tag: x}}"), map[string]string{"spec.packages": "package controller"}},
		{"packages off", inSpec("packages: {disable: true}"), map[string]string{}},
		{"self-managed", inSpec("managementCluster: {name: prod}"), map[string]string{}},
		{"bottlerocket", []string{"osFamily: ubuntu", "osFamily: bottlerocket", "name: capv", "name: ec2-user"}, map[string]string{"spec.osFamily": "cannot configure it"}},
		{"no family", []string{"  osFamily: ubuntu\n", "", "name: capv", "name: ec2-user"}, map[string]string{"spec.osFamily": "which means bottlerocket"}},
		{"proxy with a password", inSpec("proxyConfiguration: {httpProxy: \"http://u:p@proxy.example.com:3128\", httpsProxy: \"u:p@proxy.example.com:3128\"}"),
			map[string]string{"spec.proxyConfiguration.httpProxy": "credentials", "spec.proxyConfiguration.httpsProxy": "credentials"}},
		{"in place", inControlPlane("upgradeRolloutStrategy: {type: InPlace}"), map[string]string{cp + ".upgradeRolloutStrategy.type": "not supported yet"}},
		{"workers in place", inWorkers("upgradeRolloutStrategy: {type: InPlace}"), map[string]string{worker + ".upgradeRolloutStrategy.type": "not supported yet"}},
		{"AWS IAM", inSpec("identityProviderRefs: [{kind: AWSIamConfig, name: x}]"), map[string]string{"spec.identityProviderRefs[0]": "not supported yet"}},
		{"flux", inSpec("gitOpsRef: {kind: FluxConfig, name: x}"), map[string]string{"spec.gitOpsRef": "not supported yet"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			config, problems := Decode("file", []byte(edit(t, base, test.edits...)))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			got := map[string]string{}
			for _, p := range config.Unsupported() {
				checkWhole(t, p)
				got[p.Field] = p.Message
				if want, ok := test.want[p.Field]; !ok || !strings.Contains(p.Message, want) {
					t.Errorf("not expected: %v", p)
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if _, err := Parse("file", []byte(edit(t, base, test.edits...))); len(test.want) > 0 && err == nil {
				t.Error("Parse takes what is not supported")
			}
		})
	}
	config, _ := Decode("file", []byte(read(t, "testdata/tinkerbell.yaml")))
	if got := config.Unsupported(); len(got) != 1 || got[0].Field != "spec.datacenterRef.kind" {
		t.Errorf("bare metal: %v", got)
	}
}

func TestNotes(t *testing.T) {
	base := read(t, "testdata/vsphere.yaml")
	for _, test := range []struct {
		name           string
		edits          []string
		field, message string
	}{
		{"eksaVersion", inSpec("eksaVersion: v0.26.1"), "spec.eksaVersion", "has no effect"},
		{"bundlesRef", inSpec("bundlesRef: {apiVersion: a, name: b, namespace: c}"), "spec.bundlesRef", "has no effect"},
		{"licence", inSpec("licenseToken: abc"), "spec.licenseToken", "has no effect"},
		{"one control-plane machine", []string{"count: 3", "count: 1"}, cp + ".count", "does not survive"},
		{"seven", []string{"count: 3", "count: 7"}, cp + ".count", "slower"},
		{"insecure", []string{"  server:", "  insecure: true\n  server:"}, "spec.insecure", "not verified"},
		{"no thumbprint", []string{"  thumbprint: \"01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67\"\n", ""}, "spec.thumbprint", "no thumbprint"},
		{"raised memory", []string{"  datastore: ds\n", "  datastore: ds\n  memoryMiB: 1024\n"}, "spec.memoryMiB", "1024 is too little; 2048 is used"},
		{"raised disk", []string{"  datastore: ds\n", "  datastore: ds\n  diskGiB: 10\n"}, "spec.diskGiB", "10 is too little; 20 is used"},
		{"case", inControlPlane("certSANs: [a.b]"), cp + ".certSans", `written "certSANs"`},
		{"former field", []string{"  server:", "  disableCSI: true\n  server:"}, "spec.disableCSI", "no effect"},
		{"status", []string{"spec:\n  kub", "status: {}\nspec:\n  kub"}, "status", "no effect"},
		{"unused", []string{"name: prod-worker}", "name: prod-cp}", "    - {kind: VSphereMachineConfig, name: prod-worker}\n", ""}, "metadata.name", "nothing refers to this object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config, err := Parse("file", []byte(edit(t, base, test.edits...)))
			if err != nil {
				t.Fatalf("a note is no problem:\n%v", err)
			}
			notes := config.Notes()
			if !slices.ContainsFunc(notes, func(p Problem) bool {
				checkWhole(t, p)
				return p.Field == test.field && strings.Contains(p.Message, test.message)
			}) {
				t.Errorf("no note on %s says %q: %v", test.field, test.message, notes)
			}
		})
	}
	config, err := Parse("file", []byte(base))
	if err != nil {
		t.Fatal(err)
	}
	if notes := config.Notes(); len(notes) != 1 || notes[0].Field != "spec.users" {
		t.Errorf("notes on the file without edits, want one on the workers' users: %v", notes)
	}
}

func TestDefaults(t *testing.T) {
	text := edit(t, read(t, "testdata/vsphere.yaml"), slices.Concat(
		inSpec("registryMirrorConfiguration: {endpoint: registry.example.com}\netcdEncryption: [{providers: [{kms: {name: k, socketListenAddress: \"unix:///a\"}}], resources: [secrets]}]\nmachineHealthCheck: {unhealthyMachineTimeout: 7m}"),
		[]string{"    - name: md-0\n      count: 2\n", "    - autoscalingConfiguration: {minCount: 2, maxCount: 4}\n      machineHealthCheck: {maxUnhealthy: 1}\n",
			"/DC/network/VM Network", "VM Network", "cniConfig: {cilium: {}}", "cni: cilium"},
	)...)
	config, err := Parse("file", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	spec := &config.Cluster.Spec
	group, kms := &spec.WorkerNodeGroupConfigurations[0], spec.EtcdEncryption[0].Providers[0].KMS
	machine := config.VSphereMachines["prod-worker"].Spec
	for name, pair := range map[string][2]any{
		"mirror port":          {spec.RegistryMirrorConfiguration.Port, "443"},
		"group name":           {group.Name, "md-0"},
		"group count":          {*group.Count, 2},
		"kms cache":            {*kms.CacheSize, int32(1000)},
		"kms timeout":          {kms.Timeout.Duration.String(), "3s"},
		"startup timeout":      {group.MachineHealthCheck.NodeStartupTimeout.Duration.String(), "10m0s"},
		"unhealthy timeout":    {group.MachineHealthCheck.UnhealthyMachineTimeout.Duration.String(), "7m0s"},
		"group's maxUnhealthy": {group.MachineHealthCheck.MaxUnhealthy.String(), "1"},
		"control plane's":      {spec.ControlPlaneConfiguration.MachineHealthCheck.MaxUnhealthy.String(), "100%"},
		"cni":                  {spec.ClusterNetwork.CNI, CNI("")},
		"cilium":               {spec.ClusterNetwork.CNIConfig.Cilium != nil, true},
		"network":              {config.VSphereDatacenter.Spec.Network, "/DC/network/VM Network"},
		"disk":                 {machine.DiskGiB, 25},
		"CPUs":                 {machine.NumCPUs, 2},
		"memory":               {machine.MemoryMiB, 8192},
		"user":                 {machine.Users[0].Name, "capv"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
}

// TestEffectiveConfiguration makes sure that YAML is a whole configuration of
// the same meaning, and does not change when it is read again.
func TestEffectiveConfiguration(t *testing.T) {
	for _, file := range []string{"testdata/vsphere.yaml", "testdata/tinkerbell.yaml", "testdata/ssh.yaml"} {
		first, problems := Decode(file, []byte(read(t, file)))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		once, err := first.YAML()
		if err != nil {
			t.Fatal(err)
		}
		second, problems := Decode("effective", once)
		problems = append(problems, second.Validate()...)
		if len(problems) > 0 {
			t.Fatalf("the effective configuration has problems:\n%v\n%s", problems, once)
		}
		twice, err := second.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(once), string(twice)); diff != "" {
			t.Errorf("%s changes when read again (-once +twice):\n%s", file, diff)
		}
		if strings.Contains(string(once), "null") || strings.Contains(string(once), "status") {
			t.Errorf("the effective configuration has empty fields:\n%s", once)
		}
	}
}

// TestSecretsAreNeverShown plants secrets everywhere that a file may have
// them, right and wrong, and searches everything that is said.
func TestSecretsAreNeverShown(t *testing.T) {
	const planted = "hunter2"
	base := read(t, "testdata/vsphere.yaml")
	for name, edits := range map[string][]string{
		"licence":          inSpec("licenseToken: " + planted),
		"licence is list":  inSpec("licenseToken: [" + planted + "]"),
		"proxy":            inSpec("proxyConfiguration: {httpProxy: \"http://u:" + planted + "@p.example.com:1\", httpsProxy: \"http://u:" + planted + "@p.example.com:x\"}"),
		"unknown field":    []string{"  server:", "  password: " + planted + "\n  server:"},
		"private key":      []string{"        - ssh-ed25519 AAAA", "        - |\n          -----BEGIN OPENSSH PRIVATE KEY-----\n          " + planted + "\n        - ssh-ed25519 AAAA"},
		"issuer with user": inSpec("podIamConfig: {serviceAccountIssuer: \"https://u:" + planted + "@a.b\"}"),
	} {
		t.Run(name, func(t *testing.T) {
			text := edit(t, base, edits...)
			config, problems := Decode("file", []byte(text))
			said := problems.Error() + config.Validate().Error() + config.Unsupported().Error() + Problems(config.Notes()).Error()
			if _, err := Parse("file", []byte(text)); err != nil {
				said += err.Error()
			}
			if strings.Contains(said, planted) {
				t.Errorf("a problem shows the secret:\n%s", said)
			}
		})
	}
	config, _ := Decode("file", []byte(edit(t, base, inSpec("licenseToken: "+planted)...)))
	if got := config.Cluster.Spec.LicenseToken.Reveal(); got != planted {
		t.Errorf("the token is %q", got)
	}
	effective, err := config.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(effective), planted) {
		t.Errorf("the effective configuration shows the token:\n%s", effective)
	}
}

func TestMirrorCAFromEnvironment(t *testing.T) {
	dir := t.TempDir()
	file := dir + "/cluster.yaml"
	text := edit(t, read(t, "testdata/vsphere.yaml"), inSpec("registryMirrorConfiguration: {endpoint: registry.example.com}")...)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(mirrorCAVariable, "testdata/ca.pem")
	config, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := config.Cluster.Spec.RegistryMirrorConfiguration.CACertContent; got != read(t, "testdata/ca.pem") {
		t.Errorf("certificate: %q", got)
	}
	t.Setenv(mirrorCAVariable, dir+"/none.pem")
	if _, err := Load(file); err == nil || !strings.Contains(err.Error(), mirrorCAVariable) {
		t.Errorf("error %v", err)
	}
}

// TestNamespaceOfAll has every object in a namespace that cannot be.
func TestNamespaceOfAll(t *testing.T) {
	text := strings.ReplaceAll(read(t, "testdata/vsphere.yaml"), "metadata:\n", "metadata:\n  namespace: a.b\n")
	_, err := Parse("file", []byte(text))
	if err == nil || len(err.(Problems)) != 5 || strings.Count(err.Error(), "not a valid namespace") != 5 {
		t.Errorf("want a problem for each of 5 objects, got:\n%v", err)
	}
}

// TestMadeByProgram covers a Config that came from no file.
func TestMadeByProgram(t *testing.T) {
	config := &Config{Source: "interview", Cluster: &Cluster{}}
	config.Cluster.Name = "prod"
	problems := config.Validate()
	if len(problems) == 0 {
		t.Fatal("an empty cluster has no problem")
	}
	for _, p := range problems {
		if p.File != "interview" || p.Line != 0 || p.Object != "Cluster/prod" {
			t.Errorf("problem %+v", p)
		}
	}
	if got := (&Config{}).Validate(); len(got) != 1 {
		t.Errorf("no cluster: %v", got)
	}
	data, err := config.YAML()
	if err != nil || !strings.Contains(string(data), "kind: Cluster") {
		t.Errorf("%s %v", data, err)
	}
}
