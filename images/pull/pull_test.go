package pull

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images/imagestest"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/manifests/releases"
)

// mirror is a registry over TLS with an image of two platforms.
type mirror struct {
	config *v1alpha1.RegistryMirrorConfiguration
	image  releases.Image // with its digest
	ids    map[string]string
}

func newMirror(t *testing.T, wrap func(http.Handler) http.Handler) *mirror {
	t.Helper()
	r := imagestest.NewRegistry(t, wrap)
	m := &mirror{ids: map[string]string{}}
	var images []v1.Image
	for _, arch := range []string{"arm64", "amd64"} {
		image := imagestest.Image(t, arch, "layer for "+arch)
		id, err := image.ConfigName()
		if err != nil {
			t.Fatal(err)
		}
		m.ids[arch] = id.String()
		images = append(images, image)
	}
	digest := r.Push(t, "eks/pause:3.10", imagestest.Index(t, images...))
	m.image = releases.Image{Name: "pause", Repository: net.JoinHostPort(r.Host, r.Port) + "/eks/pause", Tag: "3.10", Digest: digest}
	m.config = &v1alpha1.RegistryMirrorConfiguration{Endpoint: r.Host, Port: r.Port, CACertContent: r.CA}
	return m
}

func TestImage(t *testing.T) {
	m := newMirror(t, nil)
	insecure := *m.config
	insecure.CACertContent, insecure.InsecureSkipVerify = "", true
	for name, config := range map[string]*v1alpha1.RegistryMirrorConfiguration{"own authority": m.config, "not verified": &insecure} {
		for arch, id := range m.ids {
			p, err := New(Options{Mirror: config, Arch: arch})
			if err != nil {
				t.Fatal(err)
			}
			image, err := p.Image(context.Background(), m.image)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if image.ID() != id || image.Check(arch) != nil {
				t.Errorf("%s: got %s for %s, want %s: %v", name, image.ID(), arch, id, image.Check(arch))
			}
			r, err := image.Layers[0].Open(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			z, err := gzip.NewReader(r)
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(z)
			if want := "layer for " + arch; err != nil || !strings.Contains(string(data), want) {
				t.Errorf("the layer is %q: %v", data, err)
			}
			r.Close()
		}
	}
}

func TestImageTellsWhy(t *testing.T) {
	m := newMirror(t, nil)
	stranger := *m.config
	stranger.CACertContent = ""
	other := m.image
	other.Digest = "sha256:" + strings.Repeat("0", 64)
	missing := m.image
	missing.Tag = "3.11"
	for name, c := range map[string]struct {
		config *v1alpha1.RegistryMirrorConfiguration
		arch   string
		image  releases.Image
		code   failure.Code
		want   string
		remedy string
	}{
		"another digest":    {m.config, "amd64", other, failure.Configuration, "another image under the release's reference", "crane copy"},
		"not there":         {m.config, "amd64", missing, failure.Infrastructure, "does not have the image", "images list"},
		"no such platform":  {m.config, "s390x", m.image, failure.Infrastructure, "linux/s390x", "--arch"},
		"unknown authority": {&stranger, "amd64", m.image, failure.Infrastructure, "certificate", "caCertContent"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := New(Options{Mirror: c.config, Arch: c.arch})
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Image(context.Background(), c.image)
			if failure.ExitCode(err) != c.code || !strings.Contains(err.Error(), c.want) || !strings.Contains(failure.Remedy(err), c.remedy) {
				t.Errorf("got %v with the remedy %q", err, failure.Remedy(err))
			}
		})
	}
}

func TestCredentialsGoToTheMirrorOnly(t *testing.T) {
	m := newMirror(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if user, password, _ := r.BasicAuth(); user != "reader" || password != "s3cret" {
				w.Header().Set("WWW-Authenticate", `Basic realm="mirror"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			h.ServeHTTP(w, r)
		})
	})
	m.config.Authenticate = true
	if _, err := New(Options{Mirror: m.config, Arch: "amd64"}); failure.ExitCode(err) != failure.Configuration || !strings.Contains(failure.Remedy(err), "REGISTRY_PASSWORD") {
		t.Errorf("without credentials: got %v", err)
	}
	p, err := New(Options{Mirror: m.config, Arch: "amd64", Username: "reader", Password: secret.New("s3cret")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Image(context.Background(), m.image); err != nil {
		t.Fatal(err)
	}
	p, err = New(Options{Mirror: m.config, Arch: "amd64", Username: "reader", Password: secret.New("wrong")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Image(context.Background(), m.image)
	if err == nil || !strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("with a wrong password: got %v", err)
	}

	// Another registry, asked in the same run, sees no credentials.
	var seen bytes.Buffer
	stranger := newMirror(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen.WriteString(r.Header.Get("Authorization"))
			w.Header().Set("WWW-Authenticate", `Basic realm="other"`)
			w.WriteHeader(http.StatusUnauthorized)
		})
	})
	m.config.CACertContent += stranger.config.CACertContent
	p, err = New(Options{Mirror: m.config, Arch: "amd64", Username: "reader", Password: secret.New("s3cret")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Image(context.Background(), stranger.image); err == nil || seen.Len() > 0 {
		t.Errorf("got %v; it was shown %q", err, seen.String())
	}
}

func TestPlainHTTPIsNeverSpoken(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	p, err := New(Options{Arch: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Image(context.Background(), releases.Image{Repository: strings.TrimPrefix(server.URL, "http://") + "/pause", Tag: "1"})
	if err == nil || asked {
		t.Errorf("got %v; the server was asked: %t", err, asked)
	}
}

func TestBadAuthority(t *testing.T) {
	_, err := New(Options{Mirror: &v1alpha1.RegistryMirrorConfiguration{Endpoint: "m", Port: "443", CACertContent: "nothing"}, Arch: "amd64"})
	if failure.ExitCode(err) != failure.Configuration || failure.Remedy(err) == "" {
		t.Errorf("got %v", err)
	}
}
