package scaffold

import (
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
)

func TestConfigIsValidAsItIs(t *testing.T) {
	for _, provider := range []string{"vsphere", "ssh", "tinkerbell"} {
		t.Run(provider, func(t *testing.T) {
			data, err := Config(provider, "production")
			if err != nil {
				t.Fatal(err)
			}
			config, problems := v1alpha1.Decode("file", data)
			problems = append(problems, config.Validate()...)
			if len(problems) > 0 {
				t.Fatalf("problems:\n%v", problems)
			}
			if got := config.Cluster.Name; got != "production" {
				t.Errorf("name %q", got)
			}
			if got := config.Cluster.Spec.ControlPlaneConfiguration.Count; got != 3 {
				t.Errorf("%d control-plane machines", got)
			}
			if got := *config.Cluster.Spec.WorkerNodeGroupConfigurations[0].Count; got != 2 {
				t.Errorf("%d workers", got)
			}
		})
	}
}

func TestConfigIsSupported(t *testing.T) {
	for _, provider := range []string{"vsphere", "ssh"} {
		data, err := Config(provider, "production")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v1alpha1.Parse("file", data); err != nil {
			t.Errorf("%s: problems:\n%v", provider, err)
		}
	}
}

// TestSSHHasNoNotes makes sure that upgrades of the generated cluster need no
// host that it has not.
func TestSSHHasNoNotes(t *testing.T) {
	data, err := Config("ssh", "production")
	if err != nil {
		t.Fatal(err)
	}
	config, err := v1alpha1.Parse("file", data)
	if err != nil {
		t.Fatal(err)
	}
	if notes := config.Notes(); len(notes) > 0 {
		t.Errorf("notes: %v", notes)
	}
}

// TestAddressPoolOfComment makes sure that the pool in the comment is valid
// once the marks are removed.
func TestAddressPoolOfComment(t *testing.T) {
	data, err := Config("vsphere", "production")
	if err != nil {
		t.Fatal(err)
	}
	text, comment, found := strings.Cut(string(data), "# ---\n")
	if !found {
		t.Fatal("there is no pool in the comment")
	}
	for line := range strings.Lines(comment) {
		text += strings.TrimPrefix(line, "# ")
	}
	text = strings.Replace(text, "apiVersion: groundwork.dev", "---\napiVersion: groundwork.dev", 1)
	config, err := v1alpha1.Parse("file", []byte(text))
	if err != nil {
		t.Fatalf("problems:\n%v", err)
	}
	if len(config.AddressPools) != 1 {
		t.Errorf("%d address pools", len(config.AddressPools))
	}
}

func TestConfigRefuses(t *testing.T) {
	if _, err := Config("aws", "production"); failure.ExitCode(err) != failure.Usage || failure.Remedy(err) == "" {
		t.Errorf("unknown provider: %v", err)
	}
	for _, name := range []string{"", "1", "Production", "has space", "a: b", "prod # one", "x\n---\nkind: Cluster", strings.Repeat("x", 36)} {
		if _, err := Config("vsphere", name); err == nil {
			t.Errorf("the name %q was taken", name)
		}
	}
}
