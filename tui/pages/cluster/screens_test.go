package cluster_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
)

// answered is a draft that is well on its way.
func answered() *draft.Draft {
	d := draft.New(v1alpha1.VSphereDatacenterKind, "production")
	d.ControlPlane().Endpoint.Host = "198.51.100.10"
	d.Changed()
	return d
}

// home is a folder of who runs the program, with a key pair.
func home(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	t.Setenv("HOME", folder)
	if err := os.Mkdir(filepath.Join(folder, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"id_ed25519.pub": key + "\n", "id_ed25519": "not read", "notes.pub": "# nothing\n"} {
		if err := os.WriteFile(filepath.Join(folder, ".ssh", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// key is a public key whose private half was thrown away.
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDWnh0TqeaPKJJKQQGEgp2KeJzGHc1X6Y3PyA6H6pQ0K admin@example.com"

func TestPagesLook(t *testing.T) {
	home(t)
	for _, size := range []struct{ width, height int }{{80, 24}, {120, 40}} {
		for _, page := range pages(answered()) {
			t.Run(fmt.Sprintf("%s-%dx%d", page.ID, size.width, size.height), func(t *testing.T) {
				d, _ := open(t, answered(), page.ID, size.width, size.height)
				d.Golden(filepath.Base(t.Name()))
			})
		}
	}
}

func TestNameIsTyped(t *testing.T) {
	config := draft.New(v1alpha1.VSphereDatacenterKind, "")
	d, page := open(t, config, "cluster", 120, 40)
	d.Press("ctrl+n")
	d.Wait("the cluster has no name")
	d.Type("prod_1")
	d.Press("ctrl+n")
	d.Wait("is not a valid cluster name")
	d.Press("backspace", "backspace")
	d.Press("ctrl+n")
	d.Wait("write an unused IP address of the machines' network")
	d.Type("198.51.100.10")
	d.Press("ctrl+n")
	if !reflect.DeepEqual(page.left, []string{"next"}) || config.Name() != "prod" {
		t.Fatalf("left %q, name %q:\n%s", page.left, config.Name(), d.Screen())
	}
	for _, want := range []string{"name: prod-cp", "name: prod\n", "host: 198.51.100.10"} {
		if !strings.Contains(config.YAML(), want) {
			t.Errorf("the configuration lacks %q:\n%s", want, config.YAML())
		}
	}
}

func TestGroupsAreAddedAndRemoved(t *testing.T) {
	config := answered()
	d, page := open(t, config, "workers", 120, 40)
	d.Press("ctrl+o")
	d.Wait("The group md-1 was added")
	page.FocusField("1.name")
	d.Press("ctrl+u")
	d.Type("gpu")
	d.Press("tab")
	d.Press("ctrl+u")
	d.Type("4")
	d.Press("tab")
	d.Wait("6 workers in 2 groups")
	d.Golden("two-groups-120x40")
	if got := config.Machines()[2].Name; got != "production-gpu" {
		t.Errorf("the machine configuration is %s", got)
	}
	page.FocusField("group")
	d.Press("enter")
	d.Wait("2 machines", "4 machines")
	d.Type("md-0")
	d.Press("enter")
	d.Wait("remove md-0")
	d.Press("ctrl+x")
	d.Wait("The group md-0 was removed")
	if groups := config.Groups(); len(groups) != 1 || groups[0].Name != "gpu" || config.Config.VSphereMachines["production"] != nil {
		t.Errorf("%+v remain, with %v", groups, config.Machines())
	}
}

func TestProblemsOfOtherGroupsKeepThePage(t *testing.T) {
	config := answered()
	*config.Group(config.AddGroup()).Count = -1
	config.Changed()
	d, page := open(t, config, "workers", 80, 24)
	d.Wait("md-0")
	d.Press("ctrl+n")
	d.Wait("the count is -1")
	if len(page.left) > 0 {
		t.Fatal("the page was left")
	}
	d.Press("enter")
	d.Type("md-1")
	d.Press("enter", "tab")
	d.Wait("remove md-1")
	d.Press("ctrl+u")
	d.Type("1")
	d.Press("ctrl+n")
	if !reflect.DeepEqual(page.left, []string{"next"}) {
		t.Errorf("the page is not left:\n%s", d.Screen())
	}
}

func TestKeysAreChosenForAllMachines(t *testing.T) {
	home(t)
	config := answered()
	d, page := open(t, config, "access", 120, 40)
	d.Wait("Without an SSH key")
	page.FocusField("all machines.0.choose")
	d.Press("enter")
	d.Wait("id_ed25519.pub")
	d.Press("space", "enter")
	d.WaitGone("Without an SSH key")
	d.Golden("key-chosen-120x40")
	for _, m := range config.Machines() {
		if got := (*m.Users())[0].SshAuthorizedKeys; !reflect.DeepEqual(got, []string{key}) {
			t.Errorf("%s has the keys %q", m.Name, got)
		}
	}
	// One of them alone.
	page.FocusField("machines")
	d.Press("enter")
	d.Type("production-cp")
	d.Press("enter")
	page.FocusField("production-cp.0.name")
	d.Press("ctrl+u")
	d.Type("ops")
	d.Press("tab")
	machines := config.Machines()
	if got := (*machines[0].Users())[0].Name + " " + (*machines[1].Users())[0].Name; got != "ops capv" {
		t.Errorf("the users are %s", got)
	}
	page.FocusField("machines")
	d.Press("enter")
	d.Type("all")
	d.Press("enter")
	d.Wait("The machines differ here")
}

func TestPrivateKeyIsRefused(t *testing.T) {
	config := answered()
	d, page := open(t, config, "access", 80, 24)
	page.FocusField("all machines.0.keys")
	d.Press("enter")
	d.Paste("-----BEGIN OPENSSH PRIVATE KEY-----")
	d.Press("ctrl+n")
	d.Wait("this is a private key")
	if len(page.left) > 0 {
		t.Error("the page was left")
	}
}

func TestNetworkTellsWhatFits(t *testing.T) {
	config := answered()
	d, _ := open(t, config, "network", 120, 40)
	d.Wait("Room for 256 nodes")
	d.Press("ctrl+u")
	d.Type("198.51.0.0/16")
	d.Press("tab")
	d.Wait("share addresses")
	d.Golden("overlap-120x40")
}

func TestSettingsAsYAMLAreCheckedAtOnce(t *testing.T) {
	config := answered()
	for _, page := range pages(config) {
		for _, f := range page.Visible() {
			if f.ID != "kubelet" {
				continue
			}
			for typed, want := range map[string]string{
				"maxPod: 10":    "there is no such field",
				"maxPods: many": "whole number",
				"maxPods":       "not YAML",
				"a: 1\na: 2":    "not YAML",
			} {
				if err := f.Set(typed); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%q: %v, want %q", typed, err, want)
				}
				if config.ControlPlane().KubeletConfiguration != nil {
					t.Fatalf("%q stays", typed)
				}
			}
			if err := f.Set("maxPods: 200"); err != nil {
				t.Fatal(err)
			}
			if got := f.Get(); got != "maxPods: 200" {
				t.Errorf("it shows %q", got)
			}
		}
	}
}

// What is switched off and on again is as it was.
func TestTogglesRemember(t *testing.T) {
	config := answered()
	d, page := open(t, config, "surroundings", 80, 24)
	d.Press("space")
	d.Wait("Mirror's address")
	page.FocusField("mirrorEndpoint")
	d.Type("images.example.com")
	d.Press("tab")
	d.Golden("mirror-80x24")
	page.FocusField("mirror")
	d.Press("space")
	d.WaitGone("Mirror's address")
	if config.Config.Cluster.Spec.RegistryMirrorConfiguration != nil {
		t.Error("the mirror is still there")
	}
	d.Press("space")
	d.Wait("images.example.com")
}

func TestLicenceIsNotDrawn(t *testing.T) {
	config := answered()
	d, page := open(t, config, "more", 120, 40)
	page.FocusField("licence")
	d.Type("s3cr3t")
	d.Press("tab")
	if screen := d.Screen(); strings.Contains(screen, "s3cr3t") {
		t.Errorf("the licence token is on the screen:\n%s", screen)
	}
	text, secrets, err := config.Text("x.yaml")
	if err != nil || !secrets || !strings.Contains(string(text), `licenseToken: "s3cr3t"`) {
		t.Errorf("what is saved lacks the token (%v, %v):\n%s", secrets, err, text)
	}
	if strings.Contains(config.YAML(), "s3cr3t") {
		t.Error("what is shown has the token")
	}
}

func TestSignIn(t *testing.T) {
	config := answered()
	d, page := open(t, config, "identity", 80, 24)
	d.Press("space")
	d.Wait("Issuer")
	d.Press("ctrl+n")
	d.Wait("the field is missing or empty")
	page.FocusField("issuer")
	d.Type("https://issuer.example.com")
	d.Press("tab")
	d.Type("kubernetes")
	d.Press("ctrl+n")
	if !reflect.DeepEqual(page.left, []string{"next"}) {
		t.Fatalf("not left:\n%s", d.Screen())
	}
	for _, p := range config.Problems() {
		if strings.HasPrefix(p.Object, "OIDC") || strings.Contains(p.Field, "identity") {
			t.Error(p)
		}
	}
	config.Rename("stage")
	if config.Config.OIDC["stage"] == nil || config.Config.Cluster.Spec.IdentityProviderRefs[0].Name != "stage" {
		t.Error("the provider is not renamed with the cluster")
	}
}
