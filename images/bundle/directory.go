package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"groundwork.dev/bootstrap/internal/failure"
)

// directory is a bundle in a folder.
type directory struct {
	path string
	// root keeps links from leading out of the folder.
	root *os.Root
}

func newDirectory(path string) (*directory, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return &directory{path, root}, nil
}

func (d *directory) index(context.Context) ([]byte, error) {
	f, err := d.root.Open(IndexFile)
	if err != nil {
		return nil, noIndex(d.path, err)
	}
	defer f.Close()
	return readIndex(d.path, f)
}

func (d *directory) open(_ context.Context, e entry) (Content, error) {
	f, err := d.root.Open(e.path)
	if err != nil {
		return nil, damaged(d.path, e.path, cause(err))
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a file")
	}
	if err == nil && info.Size() != e.size {
		err = fmt.Errorf("it has %d bytes, not %d", info.Size(), e.size)
	}
	if err != nil {
		f.Close()
		return nil, damaged(d.path, e.path, cause(err))
	}
	return f, nil
}

func (d *directory) close() error { return d.root.Close() }

// readIndex never takes in more than maxIndexSize.
func readIndex(location string, r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxIndexSize+1))
	if err == nil && len(data) > maxIndexSize {
		err = fmt.Errorf("%s has more than %d bytes", IndexFile, maxIndexSize)
	}
	if err != nil {
		return nil, unreadable(location, err)
	}
	return data, nil
}

func unreadable(location string, err error) error {
	return &failure.Error{
		Code: failure.Configuration, Object: location, Err: cause(err),
		Summary: "the bundle of node files cannot be read",
		Remedy:  "name the folder or .tar file that bootstrap images export made",
	}
}

func noIndex(location string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return unreadable(location, err)
	}
	return &failure.Error{
		Code: failure.Configuration, Object: location,
		Summary: "this is no bundle of node files: it has no " + IndexFile,
		Remedy:  "name what bootstrap images export made; one that was interrupted is finished by the same command",
	}
}

// damaged is a file that is not as the index says.
func damaged(location, path string, err error) error {
	return &failure.Error{
		Code: failure.Configuration, Object: location, Err: err,
		Summary: "the bundle's file " + path + " is not as its index says",
		Remedy:  "run bootstrap images verify " + location + " and make the bundle again",
	}
}

// cause is a file error without the path, which is named beside it.
func cause(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
