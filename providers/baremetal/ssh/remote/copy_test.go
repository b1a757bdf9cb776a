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
		remotetest.WriteScript(t, filepath.Join(filepath.Dir(counter), name), script)
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
