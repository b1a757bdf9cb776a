package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

const reference = "registry.k8s.io/coredns/coredns:v1.13.1"

// tree makes a small root file system; its files are made in the given order.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("content of "+name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("usr/bin", filepath.Join(root, "bin")); err != nil {
		t.Fatal(err)
	}
	tmp := filepath.Join(root, "tmp")
	if err := os.Mkdir(tmp, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(tmp, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	return root
}

func write(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	err := Write(t.Context(), dir, "amd64", Image{
		Reference: reference, Root: root, Env: []string{"PATH=/usr/bin"}, Entrypoint: []string{"/usr/bin/coredns"},
		Command: []string{"-conf"}, User: "65535:65535", WorkingDir: "/tmp",
	})
	if err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 || left[0].Name() != "registry.k8s.io_coredns_coredns_v1.13.1.tar" {
		t.Fatalf("the folder holds %v, %v", left, err)
	}
	return filepath.Join(dir, left[0].Name())
}

func TestTheSameContentGivesTheSameBytes(t *testing.T) {
	first, second := tree(t, "usr/bin/b", "usr/bin/a"), tree(t, "usr/bin/a", "usr/bin/b")
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(second, "usr/bin/a"), past, past); err != nil {
		t.Fatal(err)
	}
	one, err := os.ReadFile(write(t, first))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(write(t, second))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, other) {
		t.Error("two archives of one content differ")
	}
}

func TestTheArchiveIsAnImage(t *testing.T) {
	tag, err := name.NewTag(reference)
	if err != nil {
		t.Fatal(err)
	}
	image, err := tarball.ImageFromPath(write(t, tree(t, "usr/bin/coredns")), &tag)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(image); err != nil {
		t.Error(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c := config.Config
	if config.OS != "linux" || config.Architecture != "amd64" || !slices.Equal(c.Entrypoint, []string{"/usr/bin/coredns"}) ||
		!slices.Equal(c.Cmd, []string{"-conf"}) || !slices.Equal(c.Env, []string{"PATH=/usr/bin"}) || c.User != "65535:65535" || c.WorkingDir != "/tmp" {
		t.Errorf("the configuration is %+v", config)
	}
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	got := map[string]tar.Header{}
	for r := tar.NewReader(content); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || !h.ModTime.Equal(time.Unix(0, 0)) {
			t.Errorf("%s is owned by %d:%d, of %s", h.Name, h.Uid, h.Gid, h.ModTime)
		}
		got[h.Name] = *h
	}
	for name, want := range map[string]tar.Header{
		"bin":             {Typeflag: tar.TypeSymlink, Linkname: "usr/bin", Mode: 0o777},
		"tmp/":            {Typeflag: tar.TypeDir, Mode: 0o1777},
		"usr/bin/":        {Typeflag: tar.TypeDir, Mode: 0o755},
		"usr/bin/coredns": {Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len("content of usr/bin/coredns"))},
	} {
		h, ok := got[name]
		if !ok || h.Typeflag != want.Typeflag || h.Linkname != want.Linkname || h.Mode != want.Mode || h.Size != want.Size {
			t.Errorf("%s is %+v, want %+v", name, h, want)
		}
	}
}

func TestAReferenceThatLacksATagIsRefused(t *testing.T) {
	for _, bad := range []string{"registry.k8s.io/pause", "pause:3.10.1", ""} {
		if err := Write(t.Context(), t.TempDir(), "amd64", Image{Reference: bad, Root: tree(t)}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
