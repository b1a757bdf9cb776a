package controllers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"groundwork.dev/bootstrap/images/bundle"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

func TestBundleIsOpenedOnceForAll(t *testing.T) {
	dir := t.TempDir()
	index := `{"kubernetes":"1.35","version":"v1.35.4","arch":"amd64","files":[{"name":"f","path":"f","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":1}]}`
	for name, content := range map[string]string{bundle.IndexFile: index, "f": "f"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var opened atomic.Int32
	b := newBundles()
	b.openBundle = func(ctx context.Context, location, digest string) (*bundle.Bundle, error) {
		opened.Add(1)
		return bundle.Open(ctx, location, digest)
	}
	files := infrav1.NodeFiles{Location: dir}
	var group sync.WaitGroup
	got, dones := make([]*bundle.Bundle, 8), make([]func(), 8)
	for i := range got {
		group.Go(func() {
			var err error
			if got[i], dones[i], err = b.get(t.Context(), files); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, g := range got {
		if g != got[0] {
			t.Error("there are several")
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("it was opened %d times", n)
	}
	for _, done := range dones {
		done()
	}
	// Nobody uses it: what lies there now counts.
	_, done, err := b.get(t.Context(), files)
	if err != nil || opened.Load() != 2 {
		t.Fatalf("%v after %d times", err, opened.Load())
	}
	done()
	if len(b.open) != 0 {
		t.Errorf("%d are still open", len(b.open))
	}
}

func TestBundleThatCannotBeOpenedIsTriedAgain(t *testing.T) {
	b := newBundles()
	fails := errors.New("planted")
	b.openBundle = func(context.Context, string, string) (*bundle.Bundle, error) { return nil, fails }
	for range 2 {
		if _, _, err := b.get(t.Context(), infrav1.NodeFiles{Location: "x"}); !errors.Is(err, fails) {
			t.Errorf("got %v", err)
		}
	}
	if len(b.open) != 0 {
		t.Errorf("%d are open", len(b.open))
	}
}

// Who waits for a bundle is not told that somebody else was stopped.
func TestBundleWhoseOpenerIsStopped(t *testing.T) {
	b := newBundles()
	opening, waiting := make(chan struct{}), make(chan struct{})
	var times atomic.Int32
	b.openBundle = func(ctx context.Context, _, _ string) (*bundle.Bundle, error) {
		if times.Add(1) > 1 {
			return &bundle.Bundle{}, nil
		}
		close(opening)
		<-waiting
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if _, _, err := b.get(ctx, infrav1.NodeFiles{Location: "x"}); !errors.Is(err, context.Canceled) {
			t.Errorf("who was stopped got %v", err)
		}
	})
	<-opening
	group.Go(func() {
		if got, _, err := b.get(t.Context(), infrav1.NodeFiles{Location: "x"}); err != nil || got == nil {
			t.Errorf("who waited got %v", err)
		}
	})
	cancel()
	close(waiting)
	group.Wait()
}
