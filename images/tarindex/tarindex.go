// Package tarindex finds where the files of an uncompressed tar file lie, so
// that they can be read in any order without being unpacked.
package tarindex

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Span is where a file's content lies in the tar file, in bytes.
type Span struct{ Offset, Size int64 }

// Index is what a tar file holds.
type Index struct {
	// Files are the regular files, by cleaned name, and the links to them.
	Files map[string]Span
	// Twice are the names that the tar file has more than once; the last is
	// the one in Files.
	Twice []string
}

// maxLinks is how many links may follow one another.
const maxLinks = 8

// Scan reads the headers of a tar file.
func Scan(r io.ReadSeeker) (*Index, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	index := &Index{Files: map[string]Span{}}
	links := map[string]string{}
	t := tar.NewReader(r)
	for {
		header, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		name := path.Clean(header.Name)
		switch header.Typeflag {
		case tar.TypeReg:
			span, err := content(r, header)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			if _, twice := index.Files[name]; twice {
				index.Twice = append(index.Twice, name)
			}
			index.Files[name] = span
		case tar.TypeLink:
			links[name] = path.Clean(header.Linkname)
		case tar.TypeSymlink:
			links[name] = path.Join(path.Dir(name), header.Linkname)
		}
	}
	for name := range links {
		target := name
		for range maxLinks {
			if next, ok := links[target]; ok {
				target = next
			}
		}
		if span, ok := index.Files[target]; ok && target != name {
			index.Files[name] = span
		}
	}
	return index, nil
}

// content is where the content of the file lies whose header was read last:
// the tar reader has taken no more than that.
func content(r io.Seeker, header *tar.Header) (Span, error) {
	for key := range header.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return Span{}, errors.New("it is stored as a sparse file")
		}
	}
	offset, err := r.Seek(0, io.SeekCurrent)
	return Span{offset, header.Size}, err
}

// compressions are the first bytes of compressed files.
var compressions = []struct{ name, magic string }{
	{"gzip", "\x1f\x8b"}, {"zstd", "\x28\xb5\x2f\xfd"}, {"xz", "\xfd7zXZ\x00"}, {"bzip2", "BZh"},
}

// Compression is how the file that begins with head (6 bytes are enough) is
// compressed: "gzip", "zstd", "xz", "bzip2", or "" for not at all.
func Compression(head []byte) string {
	for _, c := range compressions {
		if strings.HasPrefix(string(head), c.magic) {
			return c.name
		}
	}
	return ""
}
