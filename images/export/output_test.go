package export

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/images/tarindex"
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
			damage(t, path)
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

// damage changes a bit in the largest file of a tar file.
func damage(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	index, err := tarindex.Scan(f)
	if err != nil {
		t.Fatal(err)
	}
	var largest tarindex.Span
	for _, span := range index.Files {
		if span.Size > largest.Size {
			largest = span
		}
	}
	bit := make([]byte, 1)
	at := largest.Offset + largest.Size/2
	if _, err := f.ReadAt(bit, at); err != nil {
		t.Fatal(err)
	}
	bit[0] ^= 1
	if _, err := f.WriteAt(bit, at); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatIsBeingChangedIsNoBundle(t *testing.T) {
	s := newSite(t)
	spec := &s.config.Cluster.Spec.ControlPlaneConfiguration
	spec.SkipLoadBalancerDeployment = true
	folder, file := filepath.Join(t.TempDir(), "bundle"), filepath.Join(t.TempDir(), "bundle.tar")
	for _, output := range []string{folder, file} {
		export(t, s.options(output))
	}
	spec.SkipLoadBalancerDeployment = false
	damage(t, filepath.Join(s.archives, "kube-vip.tar"))
	for _, output := range []string{folder, file} {
		_, err := Export(context.Background(), s.options(output))
		if failure.ExitCode(err) != failure.Configuration || !strings.Contains(err.Error(), "kube-vip") {
			t.Fatalf("got %v", err)
		}
	}
	if _, err := bundle.Open(context.Background(), folder, ""); err == nil {
		t.Error("a folder without an image that it should have is a bundle")
	}
	if b, err := bundle.Open(context.Background(), file, ""); err != nil || b.Verify(context.Background(), nil) != nil {
		t.Errorf("a file that could not be replaced is no longer as it was: %v", err)
	}
}

func TestGivingUpLeavesWhatTheNextRunNeeds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bundle")
	take := func() *output {
		o, err := openOutput(dir)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	giveUp := func(o *output) {
		if err := o.giveUp(); err != nil {
			t.Fatal(err)
		}
		o.unlock()
	}
	giveUp(take())
	if got := listing(t, filepath.Dir(dir)); len(got) > 0 {
		t.Errorf("of nothing is left: %v", got)
	}
	o := take()
	made := filepath.Join(o.temporary, "made")
	if err := os.WriteFile(made, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := o.place(made, "files/kubelet"); err != nil {
		t.Fatal(err)
	}
	giveUp(o)
	take().unlock() // it is still known as a bundle in the making
}
