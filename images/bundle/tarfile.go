package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"groundwork.dev/bootstrap/images/tarindex"
	"groundwork.dev/bootstrap/internal/failure"
)

// tarFile is a bundle in an uncompressed tar file. Its files are read where
// they lie.
type tarFile struct {
	path  string
	file  *os.File
	where map[string]tarindex.Span
}

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
	head := make([]byte, 6)
	n, err := t.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return unreadable(t.path, err)
	}
	if how := tarindex.Compression(head[:n]); how != "" {
		return t.unusable("it is compressed with " + how + "; files are read in it where they lie")
	}
	index, err := tarindex.Scan(t.file)
	if err != nil {
		return &failure.Error{
			Code: failure.Configuration, Object: t.path, Err: err,
			Summary: "the bundle is not a whole tar file",
			Remedy:  "copy it again, or make it again with bootstrap images export",
		}
	}
	if len(index.Twice) > 0 {
		return t.unusable("it has twice: " + strings.Join(index.Twice, ", "))
	}
	t.where = within(index.Files)
	return nil
}

// within takes the bundle's folder off the names: `tar -cf b.tar -C DIR .` and
// `tar -cf b.tar DIR` are both bundles.
func within(all map[string]tarindex.Span) map[string]tarindex.Span {
	if _, ok := all[IndexFile]; ok {
		return all
	}
	where := map[string]tarindex.Span{}
	for name := range all {
		if dir, file := path.Split(name); file == IndexFile && strings.Count(dir, "/") == 1 {
			for name, span := range all {
				if inside, ok := strings.CutPrefix(name, dir); ok {
					where[inside] = span
				}
			}
			break
		}
	}
	return where
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
	return readIndex(t.path, io.NewSectionReader(t.file, s.Offset, s.Size))
}

func (t *tarFile) open(_ context.Context, e entry) (Content, error) {
	s, ok := t.where[e.path]
	if !ok {
		return nil, damaged(t.path, e.path, errors.New("it is not there"))
	}
	if s.Size != e.size {
		return nil, damaged(t.path, e.path, fmt.Errorf("it has %d bytes, not %d", s.Size, e.size))
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
	return &section{SectionReader: io.NewSectionReader(f, s.Offset, s.Size), Closer: f}, nil
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
