package kubeadm

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/secret"
)

func mirror() *v1alpha1.RegistryMirrorConfiguration {
	return &v1alpha1.RegistryMirrorConfiguration{Endpoint: "registry.example.com", Port: "5000"}
}

func TestMirrorHosts(t *testing.T) {
	plain := mirror()
	mapped := mirror()
	mapped.OCINamespaces = []v1alpha1.OCINamespace{{Registry: "public.ecr.aws", Namespace: "ecr"}, {Registry: "registry.k8s.io", Namespace: "a/b"}}
	six := mirror()
	six.Endpoint = "fd00::9"
	for name, test := range map[string]struct {
		mirror *v1alpha1.RegistryMirrorConfiguration
		want   map[string]string
	}{
		"without namespaces": {plain, map[string]string{"registry.example.com:5000": "registry.example.com:5000/v2", "public.ecr.aws": "registry.example.com:5000/v2"}},
		"with namespaces": {mapped, map[string]string{
			"registry.example.com:5000": "registry.example.com:5000/v2",
			"public.ecr.aws":            "registry.example.com:5000/v2/ecr",
			"registry.k8s.io":           "registry.example.com:5000/v2/a/b",
		}},
		"IPv6": {six, map[string]string{"[fd00::9]:5000": "[fd00::9]:5000/v2", "public.ecr.aws": "[fd00::9]:5000/v2"}},
	} {
		got := mirrorHosts(test.mirror)
		if len(got) != len(test.want) {
			t.Errorf("%s: %v", name, got)
		}
		for registry, address := range test.want {
			if got[registry] != address {
				t.Errorf("%s: %s is at %q, want %q", name, registry, got[registry], address)
			}
		}
	}
}

func TestHostsFile(t *testing.T) {
	m := mirror()
	m.CACertContent, m.InsecureSkipVerify, m.Authenticate = "PEM", true, true
	got := hostsTOML(m, "public.ecr.aws", "registry.example.com:5000/v2/ecr", Credentials{Username: "u", Password: secret.New("p")})
	want := `server = "https://public.ecr.aws"

[host."https://registry.example.com:5000/v2/ecr"]
  capabilities = ["pull", "resolve"]
  override_path = true
  ca = "/etc/containerd/certs.d/registry.example.com:5000/ca.crt"
  skip_verify = true
  [host."https://registry.example.com:5000/v2/ecr".header]
    authorization = "Basic dTpw"
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMirrorKeysAreOnesThatASecretTakes(t *testing.T) {
	for registry, want := range map[string]string{
		"public.ecr.aws":  "public.ecr.aws.hosts.toml",
		"a.example:5000":  "a.example-5000.hosts.toml",
		"[fd00::9]:5000":  "fd00--9-5000.hosts.toml",
		"a.example/ns/in": "a.example-ns-in.hosts.toml",
	} {
		if got := mirrorKey(registry); got != want {
			t.Errorf("%s becomes %s, want %s", registry, got, want)
		}
	}
}

// The command runs on every node, on whatever configuration its image has, so
// it is run here on each kind.
func TestMirrorCommand(t *testing.T) {
	for name, test := range map[string]struct{ before, want string }{
		"no registry at all": {
			"version = 2\n",
			"version = 2\n" + registryConfig,
		},
		"containerd 1's default": {
			"version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"\"\n",
			"version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"/etc/containerd/certs.d\"\n",
		},
		"containerd 2's default": {
			"version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\n  config_path = ''\n",
			"version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\n  config_path = \"/etc/containerd/certs.d\"\n",
		},
		"there already": {
			"[plugins.x.registry]\n  config_path = \"/etc/containerd/certs.d\"\n",
			"[plugins.x.registry]\n  config_path = \"/etc/containerd/certs.d\"\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range map[string]string{"config.toml": test.before, "config_append.toml": registryConfig} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			command := strings.NewReplacer(
				containerdConfig, filepath.Join(dir, "config.toml"),
				containerdAppend, filepath.Join(dir, "config_append.toml"),
			).Replace(mirrorCommand)
			// Twice: cloud-init may run it again.
			for range 2 {
				if output, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, output)
				}
			}
			got, err := os.ReadFile(filepath.Join(dir, "config.toml"))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
