package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"

	"groundwork.dev/bootstrap/images/imagestest"
)

// ociLayout writes an OCI image layout with an index of several platforms.
func ociLayout(t *testing.T, path, reference, annotation string, images ...v1.Image) {
	t.Helper()
	dir := t.TempDir()
	l, err := layout.Write(dir, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.AppendIndex(imagestest.Index(t, images...), layout.WithAnnotations(map[string]string{annotation: reference})); err != nil {
		t.Fatal(err)
	}
	pack(t, dir, path)
}

func pack(t *testing.T, dir, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(f)
	if err := errors.Join(w.AddFS(os.DirFS(dir)), w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func folder(t *testing.T, dir string) (*Folder, error) {
	t.Helper()
	f, err := OpenFolder(context.Background(), dir, "amd64", t.TempDir())
	if err == nil {
		t.Cleanup(func() { f.Close() })
	}
	return f, err
}

// write writes an image of a folder and returns the file.
func write(t *testing.T, f *Folder, reference string, as ...string) string {
	t.Helper()
	image, _, ok := f.Image(reference)
	if !ok {
		t.Fatalf("no %s in %v", reference, f.References())
	}
	if err := image.Check("amd64"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "image.tar")
	var told int64
	if err := Write(context.Background(), path, image, as, NewLayers(t.TempDir()), func(n int64) { told += n }); err != nil {
		t.Fatal(err)
	}
	if told != image.Size() {
		t.Errorf("%d bytes were told, the image has %d", told, image.Size())
	}
	return path
}

const pause = "registry.k8s.io/pause:3.10.1"

func TestEveryFormBecomesTheSameArchive(t *testing.T) {
	texts := []string{strings.Repeat("layer one ", 10_000), "two", "two"}
	image, other := imagestest.Image(t, "amd64", texts...), imagestest.Image(t, "arm64", "other")
	id, err := image.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	var first []byte
	for form, make := range map[string]func(dir string){
		"docker save": func(dir string) {
			imagestest.DockerSave(t, filepath.Join(dir, "a.tar"), map[string]v1.Image{pause: image})
		},
		"one for several": func(dir string) {
			imagestest.DockerSave(t, filepath.Join(dir, "a.tar"), map[string]v1.Image{pause: image, "example.com/other:v1": other})
		},
		"gzip": func(dir string) {
			plain := filepath.Join(t.TempDir(), "a.tar")
			imagestest.DockerSave(t, plain, map[string]v1.Image{pause: image})
			data, err := os.ReadFile(plain)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			z.Write(data)
			z.Close()
			if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "sub", "a.tgz"), b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"OCI, several platforms": func(dir string) {
			ociLayout(t, filepath.Join(dir, "a.tar"), pause, annotationImageName, other, image)
		},
		"OCI, as skopeo names it": func(dir string) {
			ociLayout(t, filepath.Join(dir, "a.tar"), pause, annotationRefName, image)
		},
	} {
		t.Run(form, func(t *testing.T) {
			dir := t.TempDir()
			make(dir)
			if err := os.WriteFile(filepath.Join(dir, "README"), []byte("no archive"), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := folder(t, dir)
			if err != nil {
				t.Fatal(err)
			}
			path := write(t, f, pause, pause, "mirror.example.com:5000/pause:3.10.1")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = data
			} else if !bytes.Equal(first, data) {
				t.Error("another form makes other bytes")
			}
			// What was written is read again, under both names.
			again, err := folder(t, filepath.Dir(path))
			if err != nil {
				t.Fatal(err)
			}
			for _, reference := range []string{pause, "mirror.example.com:5000/pause:3.10.1"} {
				got, _, ok := again.Image(reference)
				if !ok || got.ID() != id.String() {
					t.Errorf("%s is %s, want %s", reference, got.ID(), id)
				}
			}
		})
	}
}

func TestIs(t *testing.T) {
	dir := t.TempDir()
	image := imagestest.Image(t, "amd64", "content")
	imagestest.DockerSave(t, filepath.Join(dir, "a.tar"), map[string]v1.Image{pause: image})
	id, err := image.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	f, err := folder(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(write(t, f, pause, pause, "b.io/p:1"))
	if err != nil {
		t.Fatal(err)
	}
	original, err := os.ReadFile(filepath.Join(dir, "a.tar"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data       []byte
		id         string
		references []string
		want       bool
	}{
		"it is":             {data, id.String(), []string{pause, "b.io/p:1"}, true},
		"another ID":        {data, "sha256:" + strings.Repeat("0", 64), []string{pause, "b.io/p:1"}, false},
		"another reference": {data, id.String(), []string{pause, "b.io/p:2"}, false},
		"one less":          {data, id.String(), []string{pause}, false},
		"cut off":           {data[:len(data)/2], id.String(), []string{pause, "b.io/p:1"}, false},
		"of docker save":    {original, id.String(), []string{pause}, false},
		"nothing":           {nil, id.String(), []string{pause}, false},
	} {
		if got := Is(bytes.NewReader(c.data), int64(len(c.data)), c.id, c.references); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	imagestest.DockerSave(t, filepath.Join(dir, "a.tar"), map[string]v1.Image{
		"a.io/arm:1": imagestest.Image(t, "arm64", "x"), "a.io/none:1": empty.Image,
	})
	f, err := folder(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	for reference, want := range map[string]string{"a.io/arm:1": "linux/arm64, not linux/amd64", "a.io/none:1": "(none)/(none)"} {
		image, _, ok := f.Image(reference)
		if err := image.Check("amd64"); !ok || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want one with %q", reference, err, want)
		}
	}
}

func TestFolderNamesEveryArchiveThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	imagestest.DockerSave(t, filepath.Join(dir, "a.tar"), map[string]v1.Image{pause: imagestest.Image(t, "amd64", "x")})
	imagestest.DockerSave(t, filepath.Join(dir, "b.tar"), map[string]v1.Image{pause: imagestest.Image(t, "amd64", "y")})
	pack(t, dir, filepath.Join(t.TempDir(), "no-images.tar"))
	for path, text := range map[string]string{"c.tar": strings.Repeat("x", 1024), "d.tar.gz": "\x1f\x8bxxxxxxxxxxxxxx", "e.tar": ""} {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := folder(t, dir)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{pause + " is another image than in", "c.tar: ", "d.tar.gz: ", "e.tar: it is no archive of images"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing says %q:\n%v", want, err)
		}
	}
}
