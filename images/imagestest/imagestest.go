// Package imagestest makes images, archives, registries and binaries for
// tests.
package imagestest

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Image is an image for Linux on arch, with a layer for each text.
func Image(t testing.TB, arch string, texts ...string) v1.Image {
	t.Helper()
	image := v1.Image(empty.Image)
	for _, text := range texts {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		if err := w.WriteHeader(&tar.Header{Name: "file", Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
		if err != nil {
			t.Fatal(err)
		}
		if image, err = mutate.AppendLayers(image, layer); err != nil {
			t.Fatal(err)
		}
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", arch
	if image, err = mutate.ConfigFile(image, config); err != nil {
		t.Fatal(err)
	}
	return image
}

// Index is an index of images, each with its platform.
func Index(t testing.TB, images ...v1.Image) v1.ImageIndex {
	t.Helper()
	index := v1.ImageIndex(empty.Index)
	for _, image := range images {
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: config.OS, Architecture: config.Architecture}},
		})
	}
	return index
}

// DockerSave writes an archive as docker save does, of images by reference.
func DockerSave(t testing.TB, path string, images map[string]v1.Image) {
	t.Helper()
	tagged := map[name.Tag]v1.Image{}
	for reference, image := range images {
		tag, err := name.NewTag(reference)
		if err != nil {
			t.Fatal(err)
		}
		tagged[tag] = image
	}
	if err := tarball.MultiWriteToFile(path, tagged); err != nil {
		t.Fatal(err)
	}
}

// Registry is a registry over TLS.
type Registry struct {
	// Host and Port are its address.
	Host, Port string
	// CA is the certificate that it is trusted by, in PEM.
	CA   string
	back string
}

// NewRegistry starts one; wrap, which may be nil, stands between it and those
// who pull.
func NewRegistry(t testing.TB, wrap func(http.Handler) http.Handler) *Registry {
	t.Helper()
	plain := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	handler := plain
	if wrap != nil {
		handler = wrap(plain)
	}
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	back := httptest.NewServer(plain)
	t.Cleanup(func() {
		server.Close()
		back.Close()
	})
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &Registry{
		Host: u.Hostname(), Port: u.Port(), back: strings.TrimPrefix(back.URL, "http://"),
		CA: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})),
	}
}

// Push puts an index under a repository and tag such as "eks/pause:3.10", and
// returns its digest.
func (r *Registry) Push(t testing.TB, repository string, index v1.ImageIndex) string {
	t.Helper()
	tag, err := name.NewTag(r.back + "/" + repository)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(tag, index); err != nil {
		t.Fatal(err)
	}
	digest, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

// Program is the least of an ELF file for an architecture, and text that
// makes it another one.
func Program(t testing.TB, arch, text string) []byte {
	t.Helper()
	machine := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[arch]
	header := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT), Ehsize: 64}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS], header.Ident[elf.EI_DATA], header.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, header); err != nil {
		t.Fatal(err)
	}
	b.WriteString(text)
	return b.Bytes()
}

// Programs writes a program for each name into a folder.
func Programs(t testing.TB, dir, arch string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, Program(t, arch, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
