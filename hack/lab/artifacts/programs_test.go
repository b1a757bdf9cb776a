package artifacts

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The versions that images and programs are named with are those that the
// modules pin.
func TestVersionsAreThePinnedOnes(t *testing.T) {
	for _, test := range []struct{ module, path, version string }{
		{"cilium", "github.com/cilium/cilium", ciliumVersion},
		{"containerd", "github.com/containerd/containerd/v2", containerdVersion},
		{"coredns", "github.com/coredns/coredns", corednsVersion},
		{"crictl", "sigs.k8s.io/cri-tools", crictlVersion},
		{"etcd", "go.etcd.io/etcd/server/v3", etcdVersion},
		{"etcd", "go.etcd.io/etcd/etcdctl/v3", etcdVersion},
		{"helm", "helm.sh/helm/v3", helmVersion},
		{"kube-vip", "github.com/kube-vip/kube-vip", kubeVIPVersion},
		{"kubernetes", "k8s.io/kubernetes", kubernetesVersion},
	} {
		mod := read(t, test.module, "go.mod")
		if !slices.Contains(strings.Fields(mod), test.path) || !strings.Contains(mod, test.path+" "+test.version+"\n") {
			t.Errorf("%s/go.mod does not pin %s %s", test.module, test.path, test.version)
		}
	}
}

// go.sum has to hold what every command needs, and tools.go is what it is
// tidied for.
func TestModulesNameTheCommandsThatAreBuilt(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range groups {
		if !g.Module {
			continue
		}
		seen[g.Name] = true
		tools := read(t, g.Name, "tools.go")
		for _, c := range g.Commands {
			if !strings.Contains(tools, `_ "`+c.Package+`"`) {
				t.Errorf("%s/tools.go does not name %s", g.Name, c.Package)
			}
		}
	}
	dirs, err := os.ReadDir("modules")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if !seen[d.Name()] {
			t.Errorf("nothing is built from the module %s", d.Name())
		}
	}
}

func TestImagesTakeProgramsThatAreBuilt(t *testing.T) {
	for _, i := range images {
		for _, program := range i.programs {
			if !builds(i.group.Name, program) {
				t.Errorf("the image of %s has %s, which %s does not build", i.component, program, i.group.Name)
			}
		}
	}
	for program := range ciliumPrograms {
		if !builds(cilium.Name, program) {
			t.Errorf("the image of Cilium has %s, which is not built", program)
		}
	}
}

func builds(group, program string) bool {
	for _, g := range groups {
		for _, c := range g.Commands {
			if g.Name == group && c.ProgramName() == program {
				return true
			}
		}
	}
	return false
}

func read(t *testing.T, module, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("modules", module, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
