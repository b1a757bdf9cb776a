package remote_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote/remotetest"
)

func TestCopyRefusesOtherContent(t *testing.T) {
	dir := t.TempDir()
	s := remotetest.Start(t, remotetest.Options{})
	c := dial(t, s.Target())
	f, b := file(t, dir+"/f", 1<<20, 0o644)
	b.data[7]++
	_, err := c.Copy(t.Context(), []remote.File{f}, nil)
	wantFailure(t, err, remote.ErrContent)
	b.data = b.data[:1000]
	if _, err = c.Copy(t.Context(), []remote.File{f}, nil); err == nil || !strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("content that is too short: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".part") {
			t.Errorf("%s was made", e.Name())
		}
	}
	f.Path = dir + "/$(touch x)"
	if _, err = c.Copy(t.Context(), []remote.File{f}, nil); err == nil {
		t.Error("a path for the shell is taken")
	}
}

// A full disk is told before anything is sent where the host knows, and for
// what it is where it shows in between.
func TestCopyToAFullDisk(t *testing.T) {
	dir := t.TempDir()
	c := dial(t, remotetest.Serve(t, remotetest.Options{}))
	f, b := file(t, dir+"/f", 1<<20, 0o644)
	f.Size = 1 << 50
	_, err := c.Copy(t.Context(), []remote.File{f}, nil)
	if fail := wantFailure(t, err, remote.ErrDiskFull); !strings.Contains(fail.Summary, "1073741824 MiB") {
		t.Errorf("the error does not say how much is needed: %v", fail)
	}
	if b.read.Load() > 0 {
		t.Error("it was sent all the same")
	}

	// Bytes over the limit are refused as on a full disk, whose words dd has.
	fakes := t.TempDir()
	remotetest.WriteScript(t, fakes+"/dd", "#!/bin/sh\nhead -c 1000 >/dev/null\necho \"dd: error writing 'x': No space left on device\" >&2\nexit 1\n")
	c = dial(t, remotetest.Serve(t, remotetest.Options{Env: []string{"PATH=" + fakes + ":" + os.Getenv("PATH")}}))
	f, _ = file(t, dir+"/g", 8<<20, 0o644)
	_, err = c.Copy(t.Context(), []remote.File{f}, nil)
	wantFailure(t, err, remote.ErrDiskFull)
}

func TestCopyIsCancelledAtOnce(t *testing.T) {
	dir := t.TempDir()
	s := remotetest.Start(t, remotetest.Options{})
	c := dial(t, s.Target())
	f, b := file(t, dir+"/f", 8<<20, 0o644)
	ctx, cancel := context.WithCancel(t.Context())
	open := f.Open
	f.Open = func(ctx context.Context) (remote.Content, error) {
		s.Freeze()
		cancel()
		return open(ctx)
	}
	if _, err := c.Copy(ctx, []remote.File{f}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if b.open.Load() != 0 {
		t.Error("the content is still open")
	}
}
