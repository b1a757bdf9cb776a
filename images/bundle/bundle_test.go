package bundle

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// sample are the files of a small bundle, by path.
func sample() map[string][]byte {
	return map[string][]byte{
		"files/kubelet":      bytes.Repeat([]byte("kubelet "), 40_000),
		"files/cni/loopback": []byte("loopback"),
		"images/pause.tar":   []byte("pause"),
	}
}

func sampleIndex(files map[string][]byte) Index {
	i := Index{Kubernetes: "1.35", Version: "v1.35.4", Arch: "amd64"}
	for _, name := range []string{"kubelet", "cni/loopback"} {
		path := "files/" + name
		i.Files = append(i.Files, File{Name: name, Path: path, SHA256: hexSum(files[path]), Size: int64(len(files[path]))})
	}
	pause := files["images/pause.tar"]
	i.Images = []Image{{
		Reference: "registry.k8s.io/pause:3.10.1", Aliases: []string{"mirror.example:5000/pause:3.10.1"},
		Path: "images/pause.tar", SHA256: hexSum(pause), Size: int64(len(pause)),
	}}
	return i
}

// write makes a bundle's folder and returns its index's digest.
func write(t *testing.T, dir string, files map[string][]byte, index Index) string {
	t.Helper()
	data, err := json.Marshal(index)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{IndexFile: data}
	for path, content := range files {
		all[path] = content
	}
	for path, content := range all {
		name := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return "sha256:" + hexSum(data)
}

// pack makes a tar file of a folder, each name with a prefix.
func pack(t *testing.T, dir, prefix string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: prefix + name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "bundle.tar")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// content reads a file of a bundle whole.
func content(t *testing.T, b *Bundle, path string) []byte {
	t.Helper()
	c, err := b.File(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	data, err := io.ReadAll(io.NewSectionReader(c, 0, 1<<30))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOpenDirectoryAndTar(t *testing.T) {
	dir := t.TempDir()
	digest := write(t, dir, sample(), sampleIndex(sample()))
	for name, location := range map[string]string{
		"directory": dir, "tar": pack(t, dir, ""), "tar of .": pack(t, dir, "./"), "tar of a folder": pack(t, dir, "v1.35/"),
	} {
		t.Run(name, func(t *testing.T) {
			b, err := Open(context.Background(), location, digest)
			if err != nil {
				t.Fatal(err)
			}
			if b.Digest() != digest {
				t.Errorf("digest %s, want %s", b.Digest(), digest)
			}
			for path, want := range sample() {
				if got := content(t, b, path); !bytes.Equal(got, want) {
					t.Errorf("%s: got %d bytes, want %d", path, len(got), len(want))
				}
			}
			if _, err := b.File(context.Background(), "files/nothing"); err == nil {
				t.Error("a file that is not in the index was opened")
			}
			open, err := b.File(context.Background(), "files/kubelet")
			if err != nil {
				t.Fatal(err)
			}
			defer open.Close()
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := open.ReadAt(make([]byte, 7), 8); err != nil {
				t.Errorf("an open file ended with its bundle: %v", err)
			}
		})
	}
}

func TestOpenRefusesAnotherDigest(t *testing.T) {
	dir := t.TempDir()
	digest := write(t, dir, sample(), sampleIndex(sample()))
	for _, other := range []string{"sha256:" + strings.Repeat("0", 64), "sha256:123", strings.TrimPrefix(digest, "sha256:")} {
		_, err := Open(context.Background(), dir, other)
		if failure.ExitCode(err) != failure.Configuration || failure.Remedy(err) == "" {
			t.Errorf("%s: got %v", other, err)
		}
	}
}

func TestOpenTellsWhatIsNoBundle(t *testing.T) {
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "b.tar")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	twice := t.TempDir()
	write(t, twice, sample(), sampleIndex(sample()))
	name := pack(t, twice, "")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	repeated := append(bytes.Clone(data[:len(data)-1024]), data...) // without the end marker
	for location, want := range map[string]string{
		filepath.Join(t.TempDir(), "missing"): "cannot be opened",
		t.TempDir():                           "has no " + IndexFile,
		file("\x1f\x8b1234"):                  "compressed with gzip",
		file("\x28\xb5\x2f\xfd12"):            "compressed with zstd",
		file(strings.Repeat("x", 4096)):       "not a whole tar",
		file(string(data[:len(data)/2])):      "",
		file(string(repeated)):                "twice",
		file(""):                              "has no " + IndexFile,
	} {
		_, err := Open(context.Background(), location, "")
		if failure.ExitCode(err) != failure.Configuration || failure.Remedy(err) == "" || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want one with %q", err, want)
		}
	}
}

func TestFileOfAnotherSize(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, sample(), sampleIndex(sample()))
	if err := os.Truncate(filepath.Join(dir, "files/kubelet"), 5); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "images/pause.tar")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "images/pause.tar")); err != nil {
		t.Fatal(err)
	}
	for _, location := range []string{dir, pack(t, dir, "")} {
		b, err := Open(context.Background(), location, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"files/kubelet", "images/pause.tar"} {
			if _, err := b.File(context.Background(), path); failure.ExitCode(err) != failure.Configuration {
				t.Errorf("%s of %s: got %v", path, location, err)
			}
		}
		b.Close()
	}
}
