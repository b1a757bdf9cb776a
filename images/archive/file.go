package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/distribution/reference"

	"groundwork.dev/bootstrap/images/tarindex"
)

// file is an open archive of images.
type file struct {
	// name is what it is called in messages.
	name  string
	f     *os.File
	files *tarindex.Index
}

// open opens an archive. One that is compressed is uncompressed into a file
// in dir first: images lie in it in any order.
func open(ctx context.Context, path, dir string) (*file, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	a := &file{name: path, f: f}
	if err := a.index(ctx, dir); err != nil {
		a.f.Close()
		return nil, err
	}
	return a, nil
}

func (a *file) index(ctx context.Context, dir string) error {
	head := make([]byte, 6)
	if n, err := a.f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	} else if tarindex.Compression(head[:n]) != "" {
		if err := a.uncompress(ctx, dir); err != nil {
			return err
		}
	}
	var err error
	a.files, err = tarindex.Scan(a.f)
	return err
}

// uncompress puts an unnamed file in the place of the compressed one.
func (a *file) uncompress(ctx context.Context, dir string) error {
	plain, err := decompress(reader{ctx, a.f})
	if err != nil {
		return err
	}
	defer plain.Close()
	f, err := os.CreateTemp(dir, ".archive-*")
	if err != nil {
		return err
	}
	os.Remove(f.Name()) // it goes when it is closed, whatever happens
	if _, err := io.Copy(f, plain); err != nil {
		f.Close()
		return err
	}
	a.f.Close()
	a.f = f
	return nil
}

// images are the archive's images for Linux on arch, by full reference.
func (a *file) images(arch string) (map[string]Image, error) {
	found := map[string]Image{}
	_, docker := a.files.Files[dockerManifest]
	_, oci := a.files.Files[ociIndex]
	if !docker && !oci {
		return nil, errors.New("it is no archive of images: it has neither manifest.json nor index.json")
	}
	if docker {
		if err := a.docker(found); err != nil {
			return nil, err
		}
	}
	// Where both are there, the index knows more: platforms and the layers'
	// digests.
	if oci {
		if err := a.oci(arch, found); err != nil && len(found) == 0 {
			return nil, err
		}
	}
	return found, nil
}

// layer is the layer at a path of the archive.
func (a *file) layer(name, diffID string) (Layer, error) {
	span, ok := a.files.Files[name]
	if !ok {
		return Layer{}, fmt.Errorf("%s %w", name, errMissing)
	}
	return Layer{
		DiffID: diffID, Size: span.Size,
		Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(a.f, span.Offset, span.Size)), nil
		},
	}, nil
}

// normalized is a reference with its registry, as nodes write it; "" for what
// is none.
func normalized(name string) string {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return ""
	}
	if _, tagged := named.(reference.Tagged); !tagged {
		return ""
	}
	return named.String()
}

func equal(a, b Image) bool { return bytes.Equal(a.Config, b.Config) }
