package host

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

func TestCopyImageKeepsHoles(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	const size = 64 << 20
	f, err := os.Create(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{0, 20 << 20, size - 4096} {
		if _, err := f.WriteAt(bytes.Repeat([]byte{7}, 4096), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := CopyImage(from, to); err != nil {
		t.Fatal(err)
	}
	a, _ := os.ReadFile(from)
	b, _ := os.ReadFile(to)
	if !bytes.Equal(a, b) {
		t.Error("the copy differs")
	}
	var st syscall.Stat_t
	if err := syscall.Stat(to, &st); err != nil || st.Blocks*512 > 1<<20 {
		t.Errorf("the copy takes %d bytes, %v", st.Blocks*512, err)
	}
	if err := CopyImage(from, to); err == nil {
		t.Error("a disk that is there is overwritten")
	}
}

func TestSplitNames(t *testing.T) {
	if got := splitNames([]byte("user.a\x00trusted.overlay.opaque\x00")); !slices.Equal(got, []string{"user.a", "trusted.overlay.opaque"}) {
		t.Errorf("%q", got)
	}
}

func TestLinkStore(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	if err := os.MkdirAll(filepath.Join(from, "blobs"), 0o711); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"blobs/layer", "meta.db"} {
		if err := os.WriteFile(filepath.Join(from, name), []byte("golden"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if err := LinkStore(from, to); err != nil {
		t.Fatal(err)
	}
	for name, linked := range map[string]bool{"blobs/layer": true, "meta.db": false} {
		a, err := os.Stat(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.Stat(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		if os.SameFile(a, b) != linked || a.Mode() != b.Mode() || a.Size() != b.Size() {
			t.Errorf("%s: linked %t, %s %d", name, os.SameFile(a, b), b.Mode(), b.Size())
		}
	}
	if info, err := os.Stat(filepath.Join(to, "blobs")); err != nil || info.Mode().Perm() != 0o711 {
		t.Errorf("folder %v, %v", info.Mode(), err)
	}
}
