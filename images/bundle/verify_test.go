package bundle

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

func TestVerify(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, sample(), sampleIndex(sample()))
	verify := func(ctx context.Context, onProgress func(Progress)) error {
		b, err := Open(context.Background(), pack(t, dir, ""), "")
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		return b.Verify(ctx, onProgress)
	}
	var last Progress
	if err := verify(context.Background(), func(p Progress) { last = p }); err != nil {
		t.Fatal(err)
	}
	index := sampleIndex(sample())
	if want := (Progress{Total: index.Size(), Done: index.Size()}); last != want {
		t.Errorf("progress %+v, want %+v", last, want)
	}

	// One bit, one length, one file.
	changed := sample()
	changed["files/kubelet"] = bytes.Replace(changed["files/kubelet"], []byte("k"), []byte("j"), 1)
	changed["images/pause.tar"] = []byte("pauses")
	write(t, dir, changed, sampleIndex(sample()))
	if err := os.Remove(filepath.Join(dir, "files/cni/loopback")); err != nil {
		t.Fatal(err)
	}
	err := verify(context.Background(), nil)
	if failure.ExitCode(err) != failure.Configuration || failure.Remedy(err) == "" {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"3 of the bundle's 3 files", "files/kubelet: its digest is", "images/pause.tar: it has 6 bytes, not 5", "files/cni/loopback: it is not there"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing says %q:\n%v", want, err)
		}
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := verify(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}
