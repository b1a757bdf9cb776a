package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// WriteFile puts data into the file name with mode 0600 so that a reader, a
// kill or a power cut finds either the old content or the new, whole. The
// folders on the way to it are made with mode 0700.
func (d *Dir) WriteFile(name string, data []byte) error {
	if err := d.writeFile(name, data); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func (d *Dir) writeFile(name string, data []byte) error {
	if !filepath.IsLocal(name) {
		return errors.New("the name leads outside the state directory")
	}
	path := d.Path(name)
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, unfinished+"*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(folder)
}

// ReadFile returns what is in the file name; the error of a missing one is
// fs.ErrNotExist.
func (d *Dir) ReadFile(name string) ([]byte, error) {
	if !filepath.IsLocal(name) {
		return nil, fmt.Errorf("read %s: the name leads outside the state directory", name)
	}
	return os.ReadFile(d.Path(name))
}

// syncDir makes a rename or removal in the directory path durable.
func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// sweep removes the files that a kill left half written. Only the holder of
// the lock may: without it they could be another run's.
func (d *Dir) sweep() error {
	left, err := filepath.Glob(d.Path(unfinished + "*"))
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range left {
		errs = append(errs, os.Remove(path))
	}
	return errors.Join(errs...)
}
