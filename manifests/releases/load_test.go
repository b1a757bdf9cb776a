package releases

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// own is a user's release of the given minor, from a registry of their own.
func own(minor string) string {
	lines := []string{"- kubernetes: " + minor, "  name: own-" + minor, "  images:"}
	for _, c := range components {
		repository, tag := "registry.example.com/own/"+c.name, "v2"
		if c.base != "" {
			repository = "registry.example.com/k8s/" + c.base
		}
		if c.kubernetes {
			tag = "v" + minor + ".9"
		}
		lines = append(lines, "    "+c.name+": "+repository+":"+tag)
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestUserCatalogueAddsAndReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(path, []byte("releases:\n"+own("1.37")+own("1.30")), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	var minors []string
	for _, r := range c.Releases {
		minors = append(minors, r.Kubernetes)
	}
	if want := append(slices.Clone(supported), "1.37"); !slices.Equal(minors, want) {
		t.Errorf("the catalogue has %v, want %v", minors, want)
	}
	// 1.30 is not quoted in the file: read as a number it would be 1.3.
	for _, minor := range []string{"1.30", "1.37"} {
		r, err := c.Find(minor)
		if err != nil {
			t.Fatal(err)
		}
		if r.ImageRepository != "registry.example.com/k8s" || r.Version != "v"+minor+".9" || r.EKSD != "own-"+minor {
			t.Errorf("Kubernetes %s is %+v, want the user's release", minor, r)
		}
	}
	if r, err := c.Find("1.31"); err != nil || r.ImageRepository != "public.ecr.aws/eks-distro/kubernetes" {
		t.Errorf("Kubernetes 1.31 is %+v, %v, want the built-in release", r, err)
	}
}

func TestUserCatalogueProblems(t *testing.T) {
	release := own("1.35")
	change := func(old, new string) string {
		if !strings.Contains(release, old) {
			t.Fatalf("the sample has no %q", old)
		}
		return "releases:\n" + strings.Replace(release, old, new, 1)
	}
	for _, test := range []struct {
		name, file string
		want       []string
	}{
		{"empty", "", []string{"1:1: the file is empty"}},
		{"only a comment", "# nothing\n", []string{"1:1: the file is empty"}},
		{"not fields", "- a\n", []string{"1:1: fields are expected here, not a list"}},
		{"no releases", "sources: [{repository: r}]\n", []string{"1:1: releases: the field is missing"}},
		{"no release", "releases: []\n", []string{"1:11: releases: the list is empty"}},
		{"releases without a value", "releases:\n", []string{"1:10: releases: a list is expected here, not nothing"}},
		{"broken", "releases:\n- name: 'a\n", []string{"2:1: this is not valid YAML"}},
		{"tab", "releases:\n\t- a\n", []string{"2:1: this is not valid YAML"}},
		{"binary", "\x00\x01", []string{"1:1: this is not valid YAML"}},
		{"two documents", "releases: []\n---\nreleases: []\n", []string{"2:1: a second document begins here"}},
		{"alias", "releases: &a\n- *a\n", []string{"2:3: releases[0]: fields are expected here, not a reference"}},
		{"unknown fields", "release: []\n" + change("  name:", "  eksd: x\n  name:"), []string{
			"1:1: release: there is no such field; use one of sources, releases",
			"4:3: releases[0]: eksd: there is no such field; use one of kubernetes, name, manifests, images",
		}},
		{"manifests", change("  name: own-1.35", "  name: a\n  manifests: {eks-distro: http://example.com/a.yaml, eks-d: x}"), []string{
			`4:27: Kubernetes 1.35: manifests.eks-distro: "http://example.com/a.yaml" is not an https URL`,
			"4:54: Kubernetes 1.35: manifests.eks-d: there is no such field; use one of eks-distro, eks-anywhere",
		}},
		{"field twice", change("  name: own-1.35", "  name: a\n  name: b"),
			[]string{"4:3: releases[0]: name: the field is given twice, first on line 3; keep one"}},
		{"release twice", "releases:\n" + release + release,
			[]string{"16:3: Kubernetes 1.35 has a release already, on line 2; keep one"}},
		{"minor with a patch", change("kubernetes: 1.35", "kubernetes: 1.35.2"),
			[]string{`2:15: releases[0]: kubernetes: "1.35.2" is not valid; give the Kubernetes minor version, such as "1.35"`}},
		{"tag of another minor", change("kubernetes: 1.35", "kubernetes: 1.34"),
			[]string{"9:21: Kubernetes 1.34: images.kube-apiserver: the tag v1.35.9 is not a version of Kubernetes 1.34"}},
		{"no name, no images", "releases:\n- kubernetes: 1.35\n", []string{
			"2:3: releases[0]: name: the field is missing",
			"2:3: Kubernetes 1.35: images: the field is missing; name the images of cilium, cilium-operator",
		}},
		{"name", change("name: own-1.35", "name: Own Release"), []string{`3:9: releases[0]: name: "Own Release" is not valid`}},
		{"image twice", change("    etcd:", "    pause: example.com/pause:1\n    etcd:"),
			[]string{"16:5: Kubernetes 1.35: images.pause: the field is given twice"}},
		{"image unknown and missing", change("    kube-vip:", "    kubevip:"), []string{
			"5:5: Kubernetes 1.35: images: images are missing: kube-vip; add them",
			"13:5: Kubernetes 1.35: images.kubevip: there is no such field; use one of cilium, ",
		}},
		{"image without a value", change("registry.example.com/own/kube-vip:v2", ""),
			[]string{"13:14: Kubernetes 1.35: images.kube-vip: text is expected here, not nothing; give a value"}},
		{"bad references", change("registry.example.com/own/kube-vip:v2", "Registry.example.com/UP:v2"),
			[]string{`images.kube-vip: "Registry.example.com/UP:v2" is not an image reference`}},
		{"no tag", change("own/cilium:v2", "own/cilium"), []string{"it has no tag"}},
		{"no registry", change("registry.example.com/own/cilium:v2", "cilium/cilium:v2"), []string{"it names no registry"}},
		{"bad digest", change("own/cilium:v2", "own/cilium:v2@sha256:12"), []string{"images.cilium: "}},
		{"another tag", change("kube-proxy:v1.35.9", "kube-proxy:v1.35.8"),
			[]string{"11:17: Kubernetes 1.35: images.kube-proxy: the tag is v1.35.8; kubeadm gives it kube-apiserver's tag, v1.35.9"}},
		{"another repository", change("k8s/kube-proxy:", "other/kube-proxy:"),
			[]string{"images.kube-proxy: the repository is registry.example.com/other/kube-proxy; kubeadm takes it from registry.example.com/k8s/kube-proxy"}},
		{"kubeadm's pause elsewhere", change("kubeadm-pause: registry.example.com/k8s/", "kubeadm-pause: registry.example.com/own/"),
			[]string{"images.kubeadm-pause: the repository is registry.example.com/own/pause; kubeadm takes it from"}},
		{"etcd by another name", change("k8s/etcd:", "k8s/etcd3:"),
			[]string{"images.etcd: the repository is registry.example.com/k8s/etcd3; kubeadm adds /etcd"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("own.yaml", []byte(test.file))
			var problems v1alpha1.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %v, want problems", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got:\n%v\nwant a problem with %q", err, want)
				}
			}
			if lines := len(problems); lines != len(test.want) {
				t.Errorf("got %d problems, want %d:\n%v", lines, len(test.want), err)
			}
			if !slices.IsSortedFunc(problems, func(a, b v1alpha1.Problem) int { return a.Line - b.Line }) {
				t.Errorf("the problems are not in the order of the file:\n%v", err)
			}
			for _, p := range problems {
				if p.Line == 0 || p.Column == 0 || p.Remedy == "" {
					t.Errorf("a problem lacks its place or remedy: %+v", p)
				}
			}
		})
	}
}

func TestLoadUnreadable(t *testing.T) {
	large := filepath.Join(t.TempDir(), "large.yaml")
	if err := os.WriteFile(large, make([]byte, maxFileSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"missing.yaml": "missing.yaml: the release catalogue cannot be read: no such file or directory",
		t.TempDir():    "the release catalogue cannot be read: is a directory",
		large:          "the file has more than 1048576 bytes",
	} {
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Load(%s): got %v, want %q", path, err, want)
		}
	}
}

func TestNewReportsEveryProblem(t *testing.T) {
	_, err := New("1.35", "own", map[string]string{"etcd": "etcd", "pause": "registry.example.com/pause:1"})
	if err == nil || !strings.Contains(err.Error(), "etcd: ") || !strings.Contains(err.Error(), "images are missing: cilium, ") {
		t.Errorf("got %v, want the bad and the missing images", err)
	}
}

func TestImageParts(t *testing.T) {
	const digest = "sha256:73f9ddef28133cf9ee381d7ccda559f1a55d45e1ab99d2f9a0b2ffb22b5f22a0"
	image, err := parseImage("cilium", "localhost:5000/eks/cilium:v1@"+digest)
	if err != nil {
		t.Fatal(err)
	}
	want := Image{Name: "cilium", Repository: "localhost:5000/eks/cilium", Tag: "v1", Digest: digest}
	if diff := cmp.Diff(want, image); diff != "" {
		t.Error(diff)
	}
	if image.String() != "localhost:5000/eks/cilium:v1" || image.Parent() != "localhost:5000/eks" {
		t.Errorf("String is %s and Parent %s", image, image.Parent())
	}
}

func FuzzParse(f *testing.F) {
	f.Add(builtIn)
	f.Add([]byte("releases:\n" + own("1.35")))
	f.Add([]byte("releases: &a\n- *a\n---\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("fuzz.yaml", data)
		if (c == nil) == (err == nil) {
			t.Errorf("got %v and %v", c, err)
		}
	})
}
