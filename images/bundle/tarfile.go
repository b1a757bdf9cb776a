package bundle

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
)

// tarFile is a bundle in an uncompressed tar file. Its files are read where
// they lie.
type tarFile struct {
	path  string
	file  *os.File
	where map[string]span
}

// span is where a file's content lies in the tar file, in bytes.
type span struct{ offset, size int64 }

func newTarFile(name string) (*tarFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	t := &tarFile{path: name, file: f}
	if err := t.scan(); err != nil {
		f.Close()
		return nil, err
	}
	return t, nil
}

// scan finds the files. Only the headers are read.
func (t *tarFile) scan() error {
	if err := t.refuseCompressed(); err != nil {
		return err
	}
	all := map[string]span{}
	r := tar.NewReader(t.file)
	for {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return &failure.Error{
				Code: failure.Configuration, Object: t.path, Err: err,
				Summary: "the bundle is not a whole tar file",
				Remedy:  "copy it again, or make it again with bootstrap images export",
			}
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		name := path.Clean(header.Name)
		if _, twice := all[name]; twice {
			return t.unusable("it has " + name + " twice")
		}
		for key := range header.PAXRecords {
			if strings.HasPrefix(key, "GNU.sparse.") {
				return t.unusable(name + " is stored as a sparse file")
			}
		}
		// The reader takes no more from the file than the header.
		offset, err := t.file.Seek(0, io.SeekCurrent)
		if err != nil {
			return unreadable(t.path, err)
		}
		all[name] = span{offset, header.Size}
	}
	// `tar -cf b.tar -C DIR .` and `tar -cf b.tar DIR` are both bundles.
	base := "."
	if _, ok := all[IndexFile]; !ok {
		for name := range all {
			if dir, file := path.Split(name); file == IndexFile && strings.Count(dir, "/") == 1 {
				base = path.Clean(dir)
			}
		}
	}
	t.where = map[string]span{}
	for name, s := range all {
		if base == "." {
			t.where[name] = s
		} else if within, ok := strings.CutPrefix(name, base+"/"); ok {
			t.where[within] = s
		}
	}
	return nil
}

// refuseCompressed tells a compressed file from a damaged one.
func (t *tarFile) refuseCompressed() error {
	head := make([]byte, 6)
	n, err := t.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return unreadable(t.path, err)
	}
	for how, magic := range map[string]string{
		"gzip": "\x1f\x8b", "zstd": "\x28\xb5\x2f\xfd", "xz": "\xfd7zXZ\x00", "bzip2": "BZh",
	} {
		if bytes.HasPrefix(head[:n], []byte(magic)) {
			return t.unusable("it is compressed with " + how + "; files are read in it where they lie")
		}
	}
	return nil
}

func (t *tarFile) unusable(why string) error {
	return &failure.Error{
		Code: failure.Configuration, Object: t.path, Err: errors.New(why),
		Summary: "the tar file cannot be used as a bundle",
		Remedy:  "unpack it and name the folder, or make it again with bootstrap images export -o FILE.tar",
	}
}

func (t *tarFile) index(context.Context) ([]byte, error) {
	s, ok := t.where[IndexFile]
	if !ok {
		return nil, noIndex(t.path, fs.ErrNotExist)
	}
	return readIndex(t.path, io.NewSectionReader(t.file, s.offset, s.size))
}

func (t *tarFile) open(_ context.Context, e entry) (Content, error) {
	s, ok := t.where[e.path]
	if !ok {
		return nil, damaged(t.path, e.path, errors.New("it is not there"))
	}
	if s.size != e.size {
		return nil, damaged(t.path, e.path, fmt.Errorf("it has %d bytes, not %d", s.size, e.size))
	}
	// A file of its own stays open after the bundle is closed.
	f, err := os.Open(t.path)
	if err != nil {
		return nil, unreadable(t.path, err)
	}
	if err := t.same(f); err != nil {
		f.Close()
		return nil, damaged(t.path, e.path, err)
	}
	return &section{SectionReader: io.NewSectionReader(f, s.offset, s.size), Closer: f}, nil
}

// same is an error when another file has taken the place of the one that was
// scanned.
func (t *tarFile) same(f *os.File) error {
	before, err := t.file.Stat()
	if err != nil {
		return err
	}
	now, err := f.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(before, now) {
		return errors.New("the tar file was replaced meanwhile")
	}
	return nil
}

func (t *tarFile) close() error { return t.file.Close() }

// section is a part of a file.
type section struct {
	*io.SectionReader
	io.Closer
}
