package vsphere

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/providers/kubeadm"
)

func TestProviderIDScriptWritesWhatKubeadmReads(t *testing.T) {
	if path := kubeadm.KubeletPatch(1); !strings.Contains(providerIDScript, path) {
		t.Errorf("the script does not write %s", path)
	}
}

// The script runs on every node, so it is run here as it is there.
func TestProviderIDScript(t *testing.T) {
	for name, test := range map[string]struct{ serial, want string }{
		"as VMware writes it": {"VMware-42 0c 91 1a 5f 0d 5a 64-8e 5c 3b 7a 10 2d 4e 6f\n", "vsphere://420c911a-5f0d-5a64-8e5c-3b7a102d4e6f"},
		"upper case":          {"VMware-42 0C 91 1A 5F 0D 5A 64-8E 5C 3B 7A 10 2D 4E 6F\n", "vsphere://420c911a-5f0d-5a64-8e5c-3b7a102d4e6f"},
		"not a VMware":        {"42 0c 91 1a 5f 0d 5a 64-8e 5c 3b 7a 10 2d 4e 6f\n", ""},
		"cut short":           {"VMware-42 0c 91\n", ""},
		"empty":               {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			script, serial := filepath.Join(dir, "script"), filepath.Join(dir, "serial")
			patch := filepath.Join(dir, "patches", filepath.Base(kubeadm.KubeletPatch(1)))
			if err := os.WriteFile(script, []byte(providerIDScript), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(serial, []byte(test.serial), 0o600); err != nil {
				t.Fatal(err)
			}
			output, err := exec.CommandContext(t.Context(), "sh", script, serial, patch).CombinedOutput()
			if test.want == "" {
				if err == nil {
					t.Error("it found a UUID where there is none")
				}
				if _, err := os.Stat(patch); err == nil {
					t.Error("it wrote a patch without a UUID")
				}
				return
			}
			if err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			data, err := os.ReadFile(patch)
			if err != nil {
				t.Fatal(err)
			}
			var configuration kubeletv1beta1.KubeletConfiguration
			if err := yaml.UnmarshalStrict(data, &configuration); err != nil {
				t.Fatal(err)
			}
			if configuration.ProviderID != test.want {
				t.Errorf("the providerID is %q, want %q", configuration.ProviderID, test.want)
			}
		})
	}
}
