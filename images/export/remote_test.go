package export

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"groundwork.dev/bootstrap/images/imagestest"
	"groundwork.dev/bootstrap/images/nodefiles"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/manifests/releases"
)

func TestFromAMirror(t *testing.T) {
	s := newSite(t)
	var blobs, broken atomic.Int64
	var once sync.Map
	s.mirrored(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
				// Some layers break off in the middle, the first time. What comes
				// first are the images' configurations.
				if _, again := once.LoadOrStore(r.URL.Path, true); !again && blobs.Add(1)%8 == 0 && blobs.Load() > 10 {
					whole := httptest.NewRecorder()
					h.ServeHTTP(whole, r)
					w.Header().Set("Content-Length", strconv.Itoa(whole.Body.Len()))
					w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
					w.(http.Flusher).Flush() // else the client's transport asks again by itself
					broken.Add(1)
					panic(http.ErrAbortHandler)
				}
			}
			h.ServeHTTP(w, r)
		})
	})
	// The archives hold the same images: they make the same bundle.
	want := export(t, s.options(filepath.Join(t.TempDir(), "from-archives"))).Digest
	output := filepath.Join(t.TempDir(), "bundle")
	o := s.options(output)
	o.Archives = ""
	r := export(t, o)
	if r.Digest != want {
		t.Errorf("the digest is %s, from archives it is %s", r.Digest, want)
	}
	if broken.Load() == 0 {
		t.Error("no blob broke off")
	}
	index := open(t, output, r.Digest).Index()
	if m, ok := index.Image(s.mirror() + "/eks-distro/kubernetes/pause:3.10.1"); !ok || m.Reference != "public.ecr.aws/eks-distro/kubernetes/pause:3.10.1" {
		t.Errorf("got %+v", m)
	}
	// The second run asks for manifests only, to see that nothing has changed.
	blobs.Store(0)
	if r := export(t, o); r.Made != 0 || r.Digest != want {
		t.Errorf("a second run: got %+v", r)
	}
	if n := blobs.Load(); n > int64(r.Images) { // the images' configurations
		t.Errorf("a second run fetched %d blobs", n)
	}
}

func TestImagesThatARegistryDoesNotHaveAreNamedAtOnce(t *testing.T) {
	s := newSite(t)
	etcd, pause := s.release.Etcd.String(), s.release.Pause.String()
	delete(s.images, etcd)
	delete(s.images, pause)
	s.mirrored(t, nil)
	output := filepath.Join(t.TempDir(), "bundle")
	o := s.options(output)
	o.Archives = ""
	_, err := Export(context.Background(), o)
	if failure.ExitCode(err) != failure.Infrastructure || failure.Remedy(err) == "" {
		t.Fatalf("got %v", err)
	}
	for _, missing := range []string{etcd, pause} {
		if want := s.mirror() + strings.TrimPrefix(missing, "public.ecr.aws"); !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named:\n%v", want, err)
		}
	}
}

func TestImagesWithAnotherDigest(t *testing.T) {
	s := newSite(t)
	s.release.Cilium.Digest = "sha256:" + strings.Repeat("0", 64)
	s.mirrored(t, nil)
	o := s.options(filepath.Join(t.TempDir(), "bundle"))
	o.Archives = ""
	_, err := Export(context.Background(), o)
	if failure.ExitCode(err) != failure.Configuration || !strings.Contains(err.Error(), "/cilium/cilium:") || !strings.Contains(err.Error(), s.release.Cilium.Digest) {
		t.Errorf("got %v", err)
	}
}

// publisher serves the binaries and the manifests that list them.
type publisher struct {
	*httptest.Server
	mu       sync.Mutex
	content  map[string][]byte // by path
	requests map[string]int
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

func tarball(t *testing.T, arch, folder string, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, name := range names {
		program := imagestest.Program(t, arch, name)
		if strings.HasPrefix(folder, "cni") {
			program = imagestest.Program(t, arch, "cni/"+name)
		}
		if err := w.WriteHeader(&tar.Header{Name: "./" + folder + "/" + name, Mode: 0o755, Size: int64(len(program))}); err != nil {
			t.Fatal(err)
		}
		w.Write(program)
	}
	w.Close()
	z.Close()
	return b.Bytes()
}

// publish has the same binaries as the site's folder; those of kubectl are
// for another processor where wrong is set.
func publish(t *testing.T, s *site, wrong bool) *publisher {
	t.Helper()
	p := &publisher{content: map[string][]byte{}, requests: map[string]int{}}
	for _, name := range []string{"kubelet", "kubeadm", "kubectl"} {
		p.content["/"+name] = imagestest.Program(t, "amd64", name)
	}
	if wrong {
		p.content["/kubectl"] = imagestest.Program(t, "arm64", "kubectl")
	}
	p.content["/cni.tgz"] = tarball(t, "amd64", "cni", "loopback", "bridge", "host-local", "portmap", "vrf")
	p.content["/containerd.tgz"] = tarball(t, "amd64", "usr/local/bin", "containerd", "containerd-shim-runc-v2", "ctr", "containerd-stress", "runc")
	p.content["/crictl.tgz"] = tarball(t, "amd64", ".", "crictl")
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.requests[r.URL.Path]++
		data := p.content[r.URL.Path]
		p.mu.Unlock()
		w.Write(data)
	}))
	t.Cleanup(p.Close)
	asset := func(name, path string) string {
		return fmt.Sprintf("{arch: [amd64], os: linux, name: %s, archive: {uri: %s%s, sha256: %s}}", name, p.URL, path, sum(p.content[path]))
	}
	p.content["/distro.yaml"] = []byte(fmt.Sprintf("kind: Release\nmetadata: {name: %s}\nstatus: {components: [{name: kubernetes, assets: [%s, %s, %s]}, {name: cni-plugins, assets: [%s]}]}\n",
		s.release.EKSD, asset("bin/linux/amd64/kubelet", "/kubelet"), asset("bin/linux/amd64/kubeadm", "/kubeadm"), asset("bin/linux/amd64/kubectl", "/kubectl"), asset("cni", "/cni.tgz")))
	archive := func(path string) string {
		return fmt.Sprintf("{arch: [amd64], os: linux, uri: %s%s, sha256: %s}", p.URL, path, sum(p.content[path]))
	}
	p.content["/anywhere.yaml"] = []byte(fmt.Sprintf("kind: Bundles\nspec: {versionsBundles: [{kubeVersion: \"1.35\", eksD: {containerd: %s, crictl: %s}}]}\n",
		archive("/containerd.tgz"), archive("/crictl.tgz")))
	s.release.Manifests = releases.Manifests{EKSDistro: p.URL + "/distro.yaml", EKSAnywhere: p.URL + "/anywhere.yaml"}
	return p
}

func TestPublishedBinaries(t *testing.T) {
	s := newSite(t)
	want := export(t, s.options(filepath.Join(t.TempDir(), "from-folder"))).Digest
	p := publish(t, s, false)
	o := s.options(filepath.Join(t.TempDir(), "bundle"))
	o.Files, o.CacheDir, o.Transport = "", filepath.Join(t.TempDir(), "cache"), p.Client().Transport
	r := export(t, o)
	if r.Digest != want || r.Files != len(nodefiles.Required) {
		t.Errorf("got %+v, want the digest %s", r, want)
	}
	// A damaged cache is not believed; what is whole is not fetched again.
	if err := os.WriteFile(filepath.Join(o.CacheDir, sum(p.content["/crictl.tgz"])), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Output += ".tar"
	if r := export(t, o); r.Digest != want {
		t.Errorf("got %+v, want the digest %s", r, want)
	}
	for path, n := range p.requests {
		most := map[string]int{"/distro.yaml": 2, "/anywhere.yaml": 2, "/crictl.tgz": 2}[path]
		if n > max(most, 1) {
			t.Errorf("%s was fetched %d times", path, n)
		}
	}
}

func TestPublishedBinariesThatCannotBeUsed(t *testing.T) {
	s := newSite(t)
	try := func(p *publisher) error {
		o := s.options(filepath.Join(t.TempDir(), "bundle"))
		o.Files, o.CacheDir, o.Transport = "", t.TempDir(), p.Client().Transport
		_, err := Export(context.Background(), o)
		return err
	}
	err := try(publish(t, s, true))
	if failure.ExitCode(err) != failure.Configuration || !strings.Contains(err.Error(), "kubectl cannot be used") || !strings.Contains(err.Error(), "EM_AARCH64") {
		t.Errorf("for another processor: got %v", err)
	}
	p := publish(t, s, false)
	p.content["/kubelet"] = []byte("something else")
	err = try(p)
	if failure.ExitCode(err) != failure.Configuration || !strings.Contains(err.Error(), "another file") || !strings.Contains(err.Error(), "/kubelet") {
		t.Errorf("with another digest: got %v", err)
	}
}
