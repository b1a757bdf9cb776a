package save

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"groundwork.dev/bootstrap/internal/failure"
)

// errExists says that there is another file at the path, and that nothing was
// changed.
var errExists = errors.New("there is another file of that name")

// mode is the file's.
func mode(private bool) fs.FileMode {
	if private {
		return 0o600
	}
	return 0o644
}

// Write puts a configuration into the file at path so that a reader, a kill
// or a power cut finds either what was there before or the text, whole. The
// file's mode is 0600 where it is private, else 0644. Another file is only
// replaced with replace; without, the error is fs.ErrExist.
//
// Errors are *failure.Error.
func Write(path string, text []byte, private, replace bool) error {
	err := write(path, text, private, replace)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errExists):
		return &failure.Error{
			Code: failure.Usage, Summary: "the configuration is not saved: there is another file of that name",
			Object: path, Err: fs.ErrExist, Remedy: "choose another name, or consent to replacing the file",
		}
	}
	return unsaved(path, err)
}

// unsaved is the error of a file that cannot be written.
func unsaved(path string, err error) error {
	return &failure.Error{
		Code: failure.Usage, Summary: "the configuration cannot be saved", Object: path, Err: cause(err), Remedy: remedy(err),
	}
}

func write(path string, text []byte, private, replace bool) error {
	// A link to a file stays a link.
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	switch same, err := holds(path, text); {
	case err != nil:
		return err
	case same:
		return os.Chmod(path, mode(private))
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".unfinished-*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(mode(private))
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = place(f.Name(), path, replace)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// holds reports whether the file at path is there and says text.
func holds(path string, text []byte) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, &fs.PathError{Op: "write", Path: path, Err: errNotAFile}
	}
	if info.Size() != int64(len(text)) {
		return false, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrPermission) {
		return false, nil // it can be replaced without being read
	}
	return bytes.Equal(data, text), err
}

// place gives a finished file its name.
func place(from, path string, replace bool) error {
	if replace {
		return os.Rename(from, path)
	}
	// Unlike a rename, a link never takes the place of a file that somebody
	// else has made in the meantime.
	err := os.Link(from, path)
	switch {
	case err == nil:
		return os.Remove(from)
	case errors.Is(err, fs.ErrExist):
		return errExists
	}
	// Some file systems have no links.
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errExists
	}
	return os.Rename(from, path)
}

// syncFolder makes the new name durable.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

var errNotAFile = errors.New("it is not a file")

// cause is err without the path, which is said already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func remedy(err error) string {
	switch {
	case errors.Is(err, errNotAFile):
		return "add the name of a file"
	case errors.Is(err, fs.ErrNotExist):
		return "make the folder first, or choose another"
	case errors.Is(err, fs.ErrPermission):
		return "choose a folder that you may write to"
	}
	return "choose another place"
}
