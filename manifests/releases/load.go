package releases

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// maxFileSize is the largest catalogue that is read, in bytes; the built-in
// one has about ten thousand.
const maxFileSize = 1 << 20

// Load returns the built-in catalogue with the releases of the file at path,
// which add to it and replace those of the same Kubernetes minor. The file is
// of the built-in catalogue's form. The error is v1alpha1.Problems: every
// problem of the file, with its line.
func Load(path string) (*Catalogue, error) {
	data, err := read(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Parse is Load for a file's contents; name stands for it in problems.
func Parse(name string, data []byte) (*Catalogue, error) {
	own, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	c, err := Default()
	if err != nil {
		return nil, err
	}
	return c.with(own), nil
}

// read never takes in more than maxFileSize: path may be a pipe without an end.
func read(path string) ([]byte, error) {
	fail := func(message string) ([]byte, error) {
		return nil, v1alpha1.Problems{{File: path, Message: message, Remedy: "name a release catalogue"}}
	}
	file, err := os.Open(path)
	if err != nil {
		return fail("the release catalogue cannot be read: " + cause(err).Error())
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileSize+1))
	switch {
	case err != nil:
		return fail("the release catalogue cannot be read: " + cause(err).Error())
	case len(data) > maxFileSize:
		return fail(fmt.Sprintf("the file has more than %d bytes, the most that a release catalogue may have", maxFileSize))
	}
	return data, nil
}

// cause is a file error without the path, which the problem names already.
func cause(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
