package remote_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote/remotetest"
)

func TestCopyResumes(t *testing.T) {
	dir := t.TempDir()
	s := remotetest.Start(t, remotetest.Options{})
	f, b := file(t, dir+"/f", 8<<20, 0o755)
	c := dial(t, s.Target())
	s.CutAfter(6 << 20)
	got, err := c.Copy(t.Context(), []remote.File{f}, nil)
	wantFailure(t, err, remote.ErrLost)
	if _, err := os.Stat(f.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("half a file has its name: %v", err)
	}
	s.CutAfter(0)
	s.WaitIdle() // what has come is being written yet
	before := s.Received()
	got, err = dial(t, s.Target()).Copy(t.Context(), []remote.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, f, b)
	// A channel's window, 2 MiB, may have been under way.
	if got.Present < 4<<20-64<<10 || got.Present+got.Sent != f.Size {
		t.Errorf("resumed with %+v, want at least 4 MiB present", got)
	}
	if wire := s.Received() - before; wire > got.Sent+got.Sent/50+64<<10 {
		t.Errorf("%d bytes came to send %d", wire, got.Sent)
	}
}

// What an interrupted copy has left and a power cut has spoilt is not built
// upon.
func TestCopyDropsASpoiltPart(t *testing.T) {
	dir := t.TempDir()
	f, b := file(t, dir+"/f", 1<<20, 0o644)
	part := dir + "/.f." + f.SHA256[:16] + ".part"
	for name, content := range map[string][]byte{
		"zeros":    make([]byte, 500_000),
		"too long": make([]byte, 2<<20),
		"complete": b.data,
		"a folder": nil,
	} {
		_ = os.Remove(f.Path)
		if content == nil {
			if err := os.MkdirAll(part+"/x", 0o755); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(part, content, 0o600); err != nil {
			t.Fatal(err)
		}
		want := remote.CopyProgress{Total: f.Size, Sent: f.Size}
		if name == "complete" {
			want = remote.CopyProgress{Total: f.Size, Present: f.Size}
		}
		got, err := dial(t, remotetest.Serve(t, remotetest.Options{})).Copy(t.Context(), []remote.File{f}, nil)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, want)
		}
		wantFile(t, f, b)
	}
}
