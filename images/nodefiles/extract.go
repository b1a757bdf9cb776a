package nodefiles

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/klauspost/compress/gzip"
)

// maxBinary is the largest binary that is taken from a tar file, in bytes;
// those of Kubernetes 1.35 have less than a hundred million.
const maxBinary = 1 << 30

// Extract writes members of a tar file compressed with gzip to files, by base
// name. It is an error when one is missing.
func Extract(ctx context.Context, archive string, members map[string]string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	left := map[string]string{}
	for member, file := range members {
		left[member] = file
	}
	t := tar.NewReader(z)
	for len(left) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		header, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
		name := path.Base(header.Name)
		file, wanted := left[name]
		if !wanted || header.Typeflag != tar.TypeReg {
			continue
		}
		if header.Size > maxBinary {
			return fmt.Errorf("%s: %s has %d bytes", archive, name, header.Size)
		}
		if err := save(t, file); err != nil {
			return fmt.Errorf("%s: %s: %w", archive, name, err)
		}
		delete(left, name)
	}
	for member := range left {
		return fmt.Errorf("%s has no %s", archive, member)
	}
	return nil
}

func save(r io.Reader, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}
