package tarindex

import (
	"archive/tar"
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestScan(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	long := strings.Repeat("d/", 80) + "long"
	for _, h := range []tar.Header{
		{Name: "./a", Typeflag: tar.TypeReg, Size: 3},
		{Name: "dir/", Typeflag: tar.TypeDir},
		{Name: long, Typeflag: tar.TypeReg, Size: 1000, Format: tar.FormatPAX},
		{Name: "dir/sym", Typeflag: tar.TypeSymlink, Linkname: "../a"},
		{Name: "dir/hard", Typeflag: tar.TypeLink, Linkname: "dir/sym"},
		{Name: "dir/loop", Typeflag: tar.TypeSymlink, Linkname: "loop"},
		{Name: "dir/nowhere", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		{Name: "a", Typeflag: tar.TypeReg, Size: 4},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte{h.Name[len(h.Name)-1]}, int(h.Size))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	index, err := Scan(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a": "aaaa", "dir/sym": "aaaa", "dir/hard": "aaaa", long: strings.Repeat("g", 1000)}
	if len(index.Files) != len(want) {
		t.Errorf("got %v", index.Files)
	}
	for name, content := range want {
		s := index.Files[name]
		got, err := io.ReadAll(io.NewSectionReader(bytes.NewReader(b.Bytes()), s.Offset, s.Size))
		if err != nil || string(got) != content {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if len(index.Twice) != 1 || index.Twice[0] != "a" {
		t.Errorf("twice are %v", index.Twice)
	}
	if _, err := Scan(strings.NewReader(strings.Repeat("x", 1024))); err == nil {
		t.Error("no error for what is no tar file")
	}
}

func TestCompression(t *testing.T) {
	for head, want := range map[string]string{"\x1f\x8b\x08": "gzip", "\x28\xb5\x2f\xfd\x04": "zstd", "BZh9": "bzip2", "\xfd7zXZ\x00": "xz", "": "", "ustar": ""} {
		if got := Compression([]byte(head)); got != want {
			t.Errorf("%q: got %q, want %q", head, got, want)
		}
	}
}
