package v1alpha1

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// MaxFileSize is the largest configuration file that is read, in bytes. Real
// files have a few kilobytes; Kubernetes itself takes objects up to 1.5 MiB.
const MaxFileSize = 1 << 20

// readSource reads the file at path, but never more than MaxFileSize of it:
// path may be a device or a pipe without an end.
func readSource(path string) ([]byte, Problems) {
	fail := func(message, remedy string) ([]byte, Problems) {
		return nil, Problems{{File: path, Message: message, Remedy: remedy}}
	}
	file, err := os.Open(path)
	if err != nil {
		remedy := "check the path and your permissions"
		if errors.Is(err, fs.ErrNotExist) {
			remedy = "check the path; `bootstrap generate config` writes a file to start from"
		}
		return fail("the file cannot be read: "+cause(err), remedy)
	}
	defer file.Close()

	if info, err := file.Stat(); err == nil {
		if info.IsDir() {
			return fail("this is a directory, not a file", "name the configuration file in it")
		}
		if info.Size() > MaxFileSize {
			return fail(tooLarge(info.Size()), "check that this is the configuration file")
		}
	}
	data, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1))
	if err != nil {
		return fail("the file cannot be read: "+cause(err), "check the disk and your permissions")
	}
	return data, nil
}

// cause is a file error without the path, which the problem names already.
func cause(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

func tooLarge(size int64) string {
	return fmt.Sprintf("the file has %d bytes, and a configuration file at most %d", size, MaxFileSize)
}
