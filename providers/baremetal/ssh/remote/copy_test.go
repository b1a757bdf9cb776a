package remote_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote/remotetest"
)

// blob is content in memory that counts how much of it is read.
type blob struct {
	data []byte
	read atomic.Int64
	open atomic.Int64
}

func (b *blob) ReadAt(p []byte, at int64) (int, error) {
	n, err := bytes.NewReader(b.data).ReadAt(p, at)
	b.read.Add(int64(n))
	return n, err
}

func (b *blob) Close() error {
	b.open.Add(-1)
	return nil
}

// file makes a file of size random bytes.
func file(t testing.TB, path string, size int, mode fs.FileMode) (remote.File, *blob) {
	t.Helper()
	b := &blob{data: make([]byte, size)}
	_, _ = rand.Read(b.data) // never fails
	sum := sha256.Sum256(b.data)
	return remote.File{
		Path: path, Mode: mode, SHA256: hex.EncodeToString(sum[:]), Size: int64(size),
		Open: func(context.Context) (remote.Content, error) {
			b.open.Add(1)
			return b, nil
		},
	}, b
}

// wantFile sees that a file is on the host as it should be.
func wantFile(t *testing.T, f remote.File, b *blob) {
	t.Helper()
	got, err := os.ReadFile(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, b.data) || info.Mode() != f.Mode {
		t.Errorf("%s has %d bytes and mode %v, want %d and %v", f.Path, len(got), info.Mode(), len(b.data), f.Mode)
	}
	if b.open.Load() != 0 {
		t.Errorf("%s was opened %d times more than closed", f.Path, b.open.Load())
	}
}

// parts are what interrupted copies have left in a folder.
func parts(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, ".*.part"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestCopy(t *testing.T) {
	for name, o := range map[string]remotetest.Options{
		"as root":               {},
		"through sudo":          {User: "admin", Sudo: remotetest.SudoFree},
		"sudo with a password":  {User: "admin", Sudo: remotetest.SudoAsks, SudoPassword: "hunter2"},
		"sudo that remembers":   {User: "admin", Sudo: remotetest.SudoRemembers, SudoPassword: "hunter2"},
		"with a talkative host": {Noise: "Welcome!\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "made", "as needed")
			dir = strings.ReplaceAll(dir, " ", "-")
			s := remotetest.Start(t, o)
			c := dial(t, s.Target())
			big, bigBlob := file(t, dir+"/big", 5<<20+17, 0o755)
			small, smallBlob := file(t, dir+"/small", 1, 0o644)
			empty, emptyBlob := file(t, dir+"/sub/empty", 0, 0o600)
			files := []remote.File{small, big, empty, small}
			var last remote.CopyProgress
			got, err := c.Copy(t.Context(), files, func(p remote.CopyProgress) {
				if p.Sent < last.Sent {
					t.Errorf("progress goes back from %+v to %+v", last, p)
				}
				last = p
			})
			want := remote.CopyProgress{Total: big.Size + 1, Sent: big.Size + 1}
			if err != nil || got != want || last != want {
				t.Fatalf("got %+v, %v and reported %+v, want %+v", got, err, last, want)
			}
			wantFile(t, big, bigBlob)
			wantFile(t, small, smallBlob)
			wantFile(t, empty, emptyBlob)
			if left := parts(t, dir); len(left) > 0 {
				t.Errorf("parts are left: %s", left)
			}

			before := bigBlob.read.Load()
			got, err = c.Copy(t.Context(), files, nil)
			if want := (remote.CopyProgress{Total: big.Size + 1, Present: big.Size + 1}); err != nil || got != want {
				t.Fatalf("the second time: got %+v, %v, want %+v", got, err, want)
			}
			if bigBlob.read.Load() != before {
				t.Error("content that is there was read again")
			}
		})
	}
}

// What was verified is not read again, what was changed is sent again.
func TestCopyBelievesItsRecordsOnly(t *testing.T) {
	dir := t.TempDir()
	counter := filepath.Join(t.TempDir(), "sha256sum")
	for name, script := range map[string]string{
		"sha256sum": "#!/bin/sh\necho x >> " + counter + ".calls\nPATH=${PATH#*:}\nexec sha256sum\n",
		"openssl":   "#!/bin/sh\nexit 1\n",
	} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(counter), name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	calls := func() int {
		b, err := os.ReadFile(counter + ".calls")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return len(b) / 2
	}
	s := remotetest.Start(t, remotetest.Options{Env: []string{"PATH=" + filepath.Dir(counter) + ":" + os.Getenv("PATH")}})
	c := dial(t, s.Target())
	f, b := file(t, dir+"/f", 100_000, 0o644)
	copies := func(wantSent int64, wantCalls int) {
		t.Helper()
		before := calls()
		got, err := c.Copy(t.Context(), []remote.File{f}, nil)
		if err != nil || got.Sent != wantSent {
			t.Fatalf("got %+v, %v, want %d sent", got, err, wantSent)
		}
		if n := calls() - before; n != wantCalls {
			t.Fatalf("%d files were read to verify them, want %d", n, wantCalls)
		}
		wantFile(t, f, b)
	}
	copies(f.Size, 1)
	copies(0, 0)
	if err := os.Chmod(f.Path, 0o600); err != nil { // the mode is mended, the content is known
		t.Fatal(err)
	}
	copies(0, 0)
	if err := os.WriteFile(f.Path, b.data, 0o644); err != nil { // written anew, the same
		t.Fatal(err)
	}
	copies(0, 1)
	copies(0, 0)
	other := bytes.Clone(b.data)
	other[5]++
	if err := os.WriteFile(f.Path, other, 0o644); err != nil {
		t.Fatal(err)
	}
	copies(f.Size, 2)
	if err := os.Chmod(dir, 0o777); err != nil { // others may write: records mean nothing
		t.Fatal(err)
	}
	copies(0, 1)
	copies(0, 1)
}

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
	if err := os.WriteFile(fakes+"/dd", []byte("#!/bin/sh\nhead -c 1000 >/dev/null\necho \"dd: error writing 'x': No space left on device\" >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
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

// BenchmarkCopy copies 8 files of 32 MiB to an empty host and reports MB/s.
func BenchmarkCopy(b *testing.B) {
	s := remotetest.Start(b, remotetest.Options{})
	benchmarkCopy(b, s.Target())
}

func benchmarkCopy(b *testing.B, target remote.Target) {
	c, err := remote.Dial(b.Context(), target)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	var files []remote.File
	var total int64
	for i := range 8 {
		f, _ := file(b, "", 32<<20, 0o644)
		f.Path = string(rune('a' + i))
		files, total = append(files, f), total+f.Size
	}
	b.SetBytes(total)
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		these := make([]remote.File, len(files))
		for i, f := range files {
			f.Path = dir + "/" + f.Path
			these[i] = f
		}
		b.StartTimer()
		if _, err := c.Copy(b.Context(), these, nil); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
