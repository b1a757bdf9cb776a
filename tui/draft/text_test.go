package draft_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/scaffold"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/tui/draft"
)

func TestLicenceSurvivesSaving(t *testing.T) {
	for _, token := range []string{"abc.def", "with 'quotes' and \"these\"", "- a\nlicenseToken: b", "  blank  ", "# no comment", "<&>\u2028é"} {
		d := draft.New(v1alpha1.VSphereDatacenterKind, "prod")
		d.Config.Cluster.Spec.LicenseToken = v1alpha1.Token{String: secret.New(token)}
		// It says the same as the line that the token stands in, elsewhere.
		d.ControlPlane().AuditPolicyContent = "x: 1\n  licenseToken: '[redacted]'\n"
		d.Changed()
		if strings.Contains(d.YAML(), token) {
			t.Errorf("%q is shown", token)
		}
		text, secrets, err := d.Text("x.yaml")
		if err != nil || !secrets {
			t.Fatal(secrets, err)
		}
		again, err := draft.Read("x.yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		if got := again.Config.Cluster.Spec.LicenseToken.Reveal(); got != token {
			t.Errorf("%q became %q", token, got)
		}
		if got := again.ControlPlane().AuditPolicyContent; got != d.ControlPlane().AuditPolicyContent {
			t.Errorf("the policy became %q", got)
		}
	}
}

// The effective configuration of an earlier run has no token to go on with.
func TestRedactedTokenIsNone(t *testing.T) {
	d := read(t, "vsphere", strings.NewReplacer("  kubernetesVersion", "  licenseToken: \"[redacted]\"\n  kubernetesVersion"))
	if !d.Config.Cluster.Spec.LicenseToken.Empty() || d.HoldsSecrets() {
		t.Error("the mark of a redacted token was taken for a token")
	}
}

func TestProxyWithPasswordIsSecret(t *testing.T) {
	d := draft.New(v1alpha1.VSphereDatacenterKind, "prod")
	if d.HoldsSecrets() {
		t.Error("a new configuration holds secrets")
	}
	d.Config.Cluster.Spec.ProxyConfiguration = &v1alpha1.ProxyConfiguration{HttpProxy: "http://me:word@proxy.example.com:3128"}
	if !d.HoldsSecrets() {
		t.Error("a proxy's password is no secret")
	}
}

// open writes a file with changes and opens it.
func open(t *testing.T, provider string, changes *strings.Replacer) (*draft.Draft, string) {
	t.Helper()
	text, err := scaffold.Config(provider, "demo")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "demo.yaml")
	if err := os.WriteFile(path, []byte(changes.Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := draft.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return d, path
}

func TestRelativePathsSurviveAMove(t *testing.T) {
	d, path := open(t, "ssh", strings.NewReplacer("~/.ssh/id_ed25519", "keys/id", "# knownHostsFile: known_hosts", "knownHostsFile: known_hosts"))
	folder := filepath.Dir(path)
	same, _, err := d.Text(filepath.Join(folder, "other.yaml"))
	if err != nil || !strings.Contains(string(same), "keyFile: keys/id\n") {
		t.Errorf("beside the file the path does not stay (%v):\n%s", err, same)
	}
	elsewhere := filepath.Join(t.TempDir(), "moved.yaml")
	moved, _, err := d.Text(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"keyFile: " + folder + "/keys/id\n", "knownHostsFile: " + folder + "/known_hosts\n", "location: /srv/bundle\n"} {
		if !strings.Contains(string(moved), want) {
			t.Errorf("there is no %q in\n%s", want, moved)
		}
	}
	if !strings.Contains(d.YAML(), "keyFile: keys/id\n") {
		t.Error("the draft itself was changed")
	}
	if err := d.Saved(elsewhere); err != nil || d.Unsaved() || d.Path != elsewhere || d.YAML() != string(moved) {
		t.Errorf("after saving (%v): unsaved %v, path %s\n%s", err, d.Unsaved(), d.Path, d.YAML())
	}
}

func TestUnsaved(t *testing.T) {
	d := draft.New(v1alpha1.VSphereDatacenterKind, "prod")
	if !d.Unsaved() {
		t.Error("a new configuration is saved")
	}
	d, path := open(t, "vsphere", strings.NewReplacer())
	if d.Unsaved() || d.Path != path {
		t.Error("a configuration that was only opened is not saved")
	}
	d.Rename("other")
	if !d.Unsaved() {
		t.Error("a changed configuration is saved")
	}
	d.Rename("demo")
	if d.Unsaved() {
		t.Error("a configuration that was changed back is not saved")
	}
}

func TestOpenRefusesWhatWouldBeLost(t *testing.T) {
	folder := t.TempDir()
	for name, test := range map[string]struct{ text, want string }{
		"a misspelled field": {"apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: Cluster\nmetadata:\n  name: a\nspec:\n  kubernetesVersoin: \"1.35\"\n", "there is no such field"},
		"no provider":        {"apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: Cluster\nmetadata:\n  name: a\n", "what the cluster is built on"},
		"no Cluster":         {"", "there is no Cluster"},
	} {
		path := filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".yaml")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		var problems v1alpha1.Problems
		if _, err := draft.Open(path); !errors.As(err, &problems) || !strings.Contains(problems[0].Message, test.want) || problems[0].Remedy == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, path := range []string{folder, filepath.Join(folder, "missing.yaml")} {
		if _, err := draft.Open(path); failure.Remedy(err) == "" {
			t.Errorf("%s: %v has no remedy", path, err)
		}
	}
}

// A file that lacks what it refers to is opened, and asks for it.
func TestOpenCompletes(t *testing.T) {
	d, err := draft.Read("x.yaml", []byte(`apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: Cluster
metadata:
  name: demo
spec:
  controlPlaneConfiguration:
    count: 1
  workerNodeGroupConfigurations:
  - machineGroupRef:
      kind: VSphereMachineConfig
      name: nodes
  datacenterRef:
    kind: VSphereDatacenterConfig
    name: site
`))
	if err != nil {
		t.Fatal(err)
	}
	if d.Config.VSphereDatacenter == nil || d.Config.VSphereDatacenter.Name != "site" {
		t.Error("there is no datacenter")
	}
	if got := strings.Join(machineNames(d), " "); got != "demo-cp nodes" {
		t.Errorf("the machine configurations are %s", got)
	}
	if d.ControlPlane().Endpoint == nil {
		t.Error("there is no endpoint")
	}
}

// What is loaded for the checks is what would be saved.
func TestLoader(t *testing.T) {
	d, _ := open(t, "vsphere", strings.NewReplacer())
	load := d.Loader()
	d.Rename("other")
	config, err := load()
	if err != nil || config.Cluster.Name != "demo" || config.Cluster.Spec.MachineHealthCheck == nil {
		t.Errorf("%+v, %v", config, err)
	}
	d.ControlPlane().Count = 2
	d.Changed()
	var problems v1alpha1.Problems
	if _, err := d.Loader()(); !errors.As(err, &problems) {
		t.Errorf("%v", err)
	}
}

func BenchmarkChangeAndCheck(b *testing.B) {
	d := draft.New(v1alpha1.SSHDatacenterKind, "prod")
	for i := range 500 {
		d.Config.SSHDatacenter.Spec.Hosts = append(d.Config.SSHDatacenter.Spec.Hosts, v1alpha1.SSHHost{
			Name: "host-" + strings.Repeat("x", i%7), Address: "198.51.100.7", Labels: map[string]string{"type": "worker"}})
	}
	for b.Loop() {
		d.Changed()
		d.YAML()
		d.Problems()
	}
}
