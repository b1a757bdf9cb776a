package export

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images"
	"groundwork.dev/bootstrap/images/imagestest"
	"groundwork.dev/bootstrap/images/nodefiles"
	"groundwork.dev/bootstrap/manifests/releases"
)

// site is a cluster, a release, and where its images and binaries are.
type site struct {
	config          *v1alpha1.Config
	release         releases.Release
	archives, files string
	images          map[string]v1.Image // by reference
}

func newSite(t *testing.T) *site {
	t.Helper()
	const distro = "public.ecr.aws/eks-distro/"
	references := map[string]string{
		"cilium":                  "public.ecr.aws/eks/cilium/cilium:v1.19.4-1",
		"cilium-operator":         "public.ecr.aws/eks/cilium/operator-generic:v1.19.4-1",
		"coredns":                 distro + "coredns/coredns:v1.13.1-eks-1-35-4",
		"etcd":                    distro + "etcd-io/etcd:v3.5.21-eks-1-35-4",
		"kube-apiserver":          distro + "kubernetes/kube-apiserver:v1.35.1-eks-1-35-4",
		"kube-controller-manager": distro + "kubernetes/kube-controller-manager:v1.35.1-eks-1-35-4",
		"kube-proxy":              distro + "kubernetes/kube-proxy:v1.35.1-eks-1-35-4",
		"kube-scheduler":          distro + "kubernetes/kube-scheduler:v1.35.1-eks-1-35-4",
		"kube-vip":                "public.ecr.aws/eks-anywhere/kube-vip/kube-vip:v1.2.0-eks-a-122",
		"kubeadm-pause":           distro + "kubernetes/pause:3.10.1",
		"pause":                   distro + "kubernetes/pause:v1.35.1-eks-1-35-4",
	}
	release, err := releases.New("1.35", "kubernetes-1-35-eks-4", references)
	if err != nil {
		t.Fatal(err)
	}
	cluster := &v1alpha1.Cluster{}
	cluster.Spec.ClusterNetwork.CNIConfig = &v1alpha1.CNIConfig{Cilium: &v1alpha1.CiliumConfig{}}
	s := &site{
		config: &v1alpha1.Config{Cluster: cluster}, release: release,
		archives: t.TempDir(), files: t.TempDir(), images: map[string]v1.Image{},
	}
	for _, n := range images.Nodes(s.config, release) {
		// The base is in all of them, as with real ones.
		image := imagestest.Image(t, "amd64", strings.Repeat("base ", 1000), noise(n.Name))
		s.images[n.String()] = image
		imagestest.DockerSave(t, filepath.Join(s.archives, n.Name+".tar"), map[string]v1.Image{n.String(): image})
	}
	imagestest.Programs(t, s.files, "amd64", nodefiles.Required...)
	return s
}

// noise is text that stays large when it is compressed, the same for a name.
func noise(name string) string {
	var seed [32]byte
	copy(seed[:], name)
	data := make([]byte, 50_000)
	_, _ = rand.NewChaCha8(seed).Read(data) // it never fails
	return string(data)
}

// options are those of an export from the site's folders.
func (s *site) options(output string) Options {
	return Options{
		Config: s.config, Release: s.release, Arch: "amd64", Output: output, Archives: s.archives, Files: s.files,
		Wait: func(ctx context.Context, _ int) error { return ctx.Err() },
	}
}

// mirrored puts the images into a registry that the configuration names as
// its mirror, under a namespace.
func (s *site) mirrored(t *testing.T, wrap func(http.Handler) http.Handler) {
	t.Helper()
	r := imagestest.NewRegistry(t, wrap)
	s.config.Cluster.Spec.RegistryMirrorConfiguration = &v1alpha1.RegistryMirrorConfiguration{
		Endpoint: r.Host, Port: r.Port, CACertContent: r.CA,
		OCINamespaces: []v1alpha1.OCINamespace{{Registry: "public.ecr.aws", Namespace: "ecr"}},
	}
	for reference, image := range s.images {
		_, repository, _ := strings.Cut(reference, "/")
		r.Push(t, "ecr/"+repository, imagestest.Index(t, imagestest.Image(t, "arm64", "other"), image))
	}
}

func (s *site) mirror() string {
	m := s.config.Cluster.Spec.RegistryMirrorConfiguration
	return fmt.Sprintf("%s/ecr", net.JoinHostPort(m.Endpoint, m.Port))
}
