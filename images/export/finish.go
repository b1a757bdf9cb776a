package export

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"groundwork.dev/bootstrap/images/bundle"
)

// finish makes the files a bundle and returns the digest of its index.
func (o *output) finish(ctx context.Context, index bundle.Index) (string, error) {
	data, err := json.MarshalIndent(index, "", "  ")
	if err != nil {
		return "", err
	}
	data = append(data, '\n')
	sum := sha256.Sum256(data)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	if !o.changed && o.before != nil && o.before.Digest() == digest {
		return digest, o.clear()
	}
	if o.tar {
		err = o.pack(ctx, data, index)
	} else {
		err = o.write(data, index)
	}
	if err != nil {
		return "", unwritable(o.final, err)
	}
	return digest, o.clear()
}

// clear takes the work away.
func (o *output) clear() error {
	if o.tar {
		return os.RemoveAll(o.root)
	}
	return os.RemoveAll(filepath.Join(o.root, workDir))
}

// write puts the index into the folder, and takes out what an earlier one
// named and this one does not.
func (o *output) write(data []byte, index bundle.Index) error {
	wanted := entries(index)
	for path := range o.listed() {
		if _, ok := wanted[path]; ok {
			continue
		}
		if err := o.change(); err != nil {
			return err
		}
		file := filepath.Join(o.root, filepath.FromSlash(path))
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	made := filepath.Join(o.temporary, bundle.IndexFile)
	if err := save(made, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}); err != nil {
		return err
	}
	return os.Rename(made, filepath.Join(o.root, bundle.IndexFile))
}

// pack writes the tar file: the index first, the files by name.
func (o *output) pack(ctx context.Context, data []byte, index bundle.Index) error {
	made := filepath.Join(o.temporary, "bundle.tar")
	err := save(made, func(w io.Writer) error {
		t := tar.NewWriter(w)
		add := func(path string, size int64, content io.Reader) error {
			header := &tar.Header{Typeflag: tar.TypeReg, Name: path, Mode: 0o644, Size: size, Format: tar.FormatPAX}
			if err := t.WriteHeader(header); err != nil {
				return err
			}
			_, err := io.Copy(t, reader{ctx, content})
			return err
		}
		if err := add(bundle.IndexFile, int64(len(data)), bytes.NewReader(data)); err != nil {
			return err
		}
		for _, path := range slices.Sorted(maps.Keys(entries(index))) {
			content, size, err := o.open(path)
			if err != nil {
				return err
			}
			err = add(path, size, io.NewSectionReader(content, 0, size))
			if err := errors.Join(err, content.Close()); err != nil {
				return err
			}
		}
		return t.Close()
	})
	if err != nil {
		return err
	}
	return os.Rename(made, o.final)
}

// save writes a file and makes sure that it is on the disk.
func save(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Sync(), f.Close())
}
