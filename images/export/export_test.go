package export

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images/archive"
	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/images/imagestest"
	"groundwork.dev/bootstrap/images/nodefiles"
	"groundwork.dev/bootstrap/internal/failure"
)

func export(t *testing.T, o Options) *Result {
	t.Helper()
	r, err := Export(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// open opens and verifies a bundle.
func open(t *testing.T, location, digest string) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Open(context.Background(), location, digest)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if err := b.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	return b
}

// listing are the files below a folder.
func listing(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && path != dir {
			name, _ := filepath.Rel(dir, path)
			list = append(list, name)
		}
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return list
}

func TestExport(t *testing.T) {
	s := newSite(t)
	dir := filepath.Join(t.TempDir(), "new", "bundle")
	o := s.options(dir)
	var last Progress
	o.OnProgress = func(p Progress) { last = p }
	r := export(t, o)
	if last.Read != last.Total || last.Total < 10*50_000 {
		t.Errorf("at the end %d of %d bytes were read", last.Read, last.Total)
	}
	index := open(t, dir, r.Digest).Index()
	if index.Kubernetes != "1.35" || index.Version != "v1.35.1-eks-1-35-4" || index.Arch != "amd64" {
		t.Errorf("got %+v", index)
	}
	if len(index.Files) != len(nodefiles.Required) || len(index.Images) != 10 || r.Files != len(index.Files) || r.Images != 10 || r.Made != 22 || r.Kept != 0 {
		t.Errorf("got %+v with %d files and %d images", r, len(index.Files), len(index.Images))
	}
	var all, worker int64
	for _, f := range index.Files {
		all, worker = all+f.Size, worker+f.Size
	}
	controlPlane := []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd", "kube-vip"}
	for _, m := range index.Images {
		all += m.Size
		name := strings.TrimSuffix(strings.TrimPrefix(m.Path, "images/"), ".tar")
		if m.ControlPlane != slices.Contains(controlPlane, name) || len(m.Aliases) > 0 {
			t.Errorf("got %+v", m)
		}
		if !m.ControlPlane {
			worker += m.Size
		}
	}
	if r.Bytes != all || r.ControlPlaneBytes != all || r.WorkerBytes != worker {
		t.Errorf("%d bytes, %d and %d to hosts; want %d, %d", r.Bytes, r.ControlPlaneBytes, r.WorkerBytes, all, worker)
	}
	// Each archive is read back as the image that went in.
	folder, err := archive.OpenFolder(context.Background(), filepath.Join(dir, "images"), "amd64", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for reference, image := range s.images {
		id, err := image.ConfigName()
		if err != nil {
			t.Fatal(err)
		}
		if got, _, _ := folder.Image(reference); got.ID() != id.String() {
			t.Errorf("%s is %s, want %s", reference, got.ID(), id)
		}
	}
	if got := listing(t, dir); slices.ContainsFunc(got, func(name string) bool { return strings.HasPrefix(name, ".") }) {
		t.Errorf("work is left: %v", got)
	}
	info, err := os.Stat(filepath.Join(dir, "files", "kubelet"))
	if err != nil || info.Mode().Perm()&0o111 == 0 {
		t.Errorf("kubelet cannot be run: %v, %v", info.Mode(), err)
	}
}

func TestASecondRunMakesNothing(t *testing.T) {
	s := newSite(t)
	for _, output := range []string{filepath.Join(t.TempDir(), "bundle"), filepath.Join(t.TempDir(), "bundle.tar")} {
		first := export(t, s.options(output))
		before, err := os.Stat(output)
		if err != nil {
			t.Fatal(err)
		}
		second := export(t, s.options(output))
		after, err := os.Stat(output)
		if err != nil {
			t.Fatal(err)
		}
		if second.Made != 0 || second.Kept != first.Made || second.Digest != first.Digest || !os.SameFile(before, after) {
			t.Errorf("%s: first %+v, then %+v", output, first, second)
		}
		if got := listing(t, filepath.Dir(output)); slices.ContainsFunc(got, func(n string) bool { return strings.Contains(n, "partial") || strings.Contains(n, ".export") }) {
			t.Errorf("work is left: %v", got)
		}
		open(t, output, first.Digest)
	}
}

func TestTheSameInputMakesTheSameBundle(t *testing.T) {
	s := newSite(t)
	first := export(t, s.options(filepath.Join(t.TempDir(), "a")))
	one, two := filepath.Join(t.TempDir(), "a.tar"), filepath.Join(t.TempDir(), "b.tar")
	for _, output := range []string{filepath.Join(t.TempDir(), "b"), one, two} {
		if r := export(t, s.options(output)); r.Digest != first.Digest {
			t.Errorf("%s has the digest %s, not %s", output, r.Digest, first.Digest)
		}
	}
	dataOne, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	dataTwo, err := os.ReadFile(two)
	if err != nil || string(dataOne) != string(dataTwo) {
		t.Errorf("the .tar files differ: %v", err)
	}
	// All in one archive, as one docker save makes it.
	s.archives = t.TempDir()
	imagestest.DockerSave(t, filepath.Join(s.archives, "all.tar"), s.images)
	if r := export(t, s.options(filepath.Join(t.TempDir(), "c"))); r.Digest != first.Digest {
		t.Errorf("from one archive: the digest is %s, not %s", r.Digest, first.Digest)
	}
}

func TestEverythingThatIsMissingIsNamedAtOnce(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"etcd.tar", "pause.tar"} {
		if err := os.Remove(filepath.Join(s.archives, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"runc", "cni/bridge"} {
		if err := os.Remove(filepath.Join(s.files, name)); err != nil {
			t.Fatal(err)
		}
	}
	imagestest.DockerSave(t, filepath.Join(s.archives, "coredns.tar"), map[string]v1.Image{s.release.CoreDNS.String(): imagestest.Image(t, "arm64", "x")})
	output := filepath.Join(t.TempDir(), "bundle")
	_, err := Export(context.Background(), s.options(output))
	if failure.ExitCode(err) != failure.Configuration {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		s.release.Etcd.String() + " is missing", s.release.Pause.String() + " is missing",
		s.release.CoreDNS.String() + " in " + filepath.Join(s.archives, "coredns.tar") + ": it is for linux/arm64",
		"runc is missing", "cni/bridge is missing",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing says %q:\n%v", want, err)
		}
	}
	if got := listing(t, filepath.Dir(output)); len(got) > 0 {
		t.Errorf("left are %v", got)
	}
}

func TestAnInterruptedExportGoesOn(t *testing.T) {
	s := newSite(t)
	want := export(t, s.options(filepath.Join(t.TempDir(), "whole"))).Digest
	for _, name := range []string{"bundle", "bundle.tar"} {
		output := filepath.Join(t.TempDir(), name)
		ctx, cancel := context.WithCancel(context.Background())
		o := s.options(output)
		finished := 0
		o.OnProgress = func(p Progress) {
			if strings.HasPrefix(p.Path, "images/") {
				if finished++; finished == 3 {
					cancel()
				}
			}
		}
		_, err := Export(ctx, o)
		cancel()
		if failure.ExitCode(err) != failure.Interrupted {
			t.Fatalf("got %v", err)
		}
		if _, err := bundle.Open(context.Background(), output, ""); err == nil {
			t.Error("what was interrupted is a bundle")
		}
		r := export(t, s.options(output))
		if r.Kept < finished || r.Digest != want {
			t.Errorf("%s: got %+v, want the digest %s and at least %d kept", name, r, want, finished)
		}
		open(t, output, want)
	}
}

func TestAliasesOfAMirror(t *testing.T) {
	s := newSite(t)
	s.config.Cluster.Spec.RegistryMirrorConfiguration = &v1alpha1.RegistryMirrorConfiguration{Endpoint: "mirror.example.com", Port: "443"}
	// One of the archives was saved from the mirror.
	vip := s.release.KubeVIP.String()
	imagestest.DockerSave(t, filepath.Join(s.archives, "kube-vip.tar"), map[string]v1.Image{
		"mirror.example.com:443/eks-anywhere/kube-vip/kube-vip:v1.2.0-eks-a-122": s.images[vip],
	})
	output := filepath.Join(t.TempDir(), "bundle")
	index := open(t, output, export(t, s.options(output)).Digest).Index()
	for _, m := range index.Images {
		want := strings.Replace(m.Reference, "public.ecr.aws", "mirror.example.com:443", 1)
		if len(m.Aliases) != 1 || m.Aliases[0] != want {
			t.Errorf("%s is also %v, want %s", m.Reference, m.Aliases, want)
		}
	}
	if _, ok := index.Image(vip); !ok {
		t.Errorf("no %s", vip)
	}
}
