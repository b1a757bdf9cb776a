package export

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

func TestWhatHasChangedIsMadeAnew(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"bundle", "bundle.tar"} {
		output := filepath.Join(t.TempDir(), name)
		whole := export(t, s.options(output)).Digest
		// A damaged file, as far as a folder's can be reached.
		if name == "bundle" {
			path := filepath.Join(output, "images", "cilium.tar")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			data[len(data)/2] ^= 1
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if r := export(t, s.options(output)); r.Made != 1 || r.Digest != whole {
				t.Errorf("a damaged file: got %+v", r)
			}
		}
		// A cluster with a load balancer of its own has no kube-vip.
		s.config.Cluster.Spec.ControlPlaneConfiguration.SkipLoadBalancerDeployment = true
		r := export(t, s.options(output))
		if r.Made != 0 || r.Images != 9 || r.Digest == whole {
			t.Errorf("%s: one image less: got %+v", name, r)
		}
		open(t, output, r.Digest)
		if slices.Contains(listing(t, output), "images/kube-vip.tar") {
			t.Error("kube-vip is still there")
		}
		s.config.Cluster.Spec.ControlPlaneConfiguration.SkipLoadBalancerDeployment = false
		if r := export(t, s.options(output)); r.Made != 1 || r.Digest != whole {
			t.Errorf("%s: one image more: got %+v", name, r)
		}
		open(t, output, whole)
	}
}

func TestOutputsThatAreRefused(t *testing.T) {
	s := newSite(t)
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "folder.tar")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	busy := t.TempDir()
	held, err := openOutput(busy)
	if err != nil {
		t.Fatal(err)
	}
	defer held.unlock()
	for output, want := range map[string]string{
		other:                               "holds other things: thesis.txt",
		filepath.Join(other, "thesis.txt"):  "a file has the name",
		filepath.Join(other, "b.tar.gz"):    "compressed already",
		filepath.Join(other, "b.tgz"):       "compressed already",
		folder:                              "a folder has the name",
		busy:                                "another export",
		filepath.Join("/proc/self", "none"): "cannot be written",
	} {
		_, err := Export(context.Background(), s.options(output))
		if err == nil || !strings.Contains(err.Error(), want) || failure.Remedy(err) == "" {
			t.Errorf("%s: got %v, want %q", output, err, want)
		}
	}
	if got := listing(t, other); len(got) != 1 {
		t.Errorf("a folder with other things was changed: %v", got)
	}
}
