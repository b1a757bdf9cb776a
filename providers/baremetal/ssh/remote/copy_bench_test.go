package remote_test

import (
	"os"
	"testing"

	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote/remotetest"
)

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
