package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Folder is a folder of archives.
type Folder struct {
	arch string

	mu     sync.Mutex
	files  []*file
	images map[string]located // by full reference
}

// located is an image and the archive that it is in.
type located struct {
	image Image
	file  string
}

// endings are those of the files that are taken for archives.
var endings = []string{".tar", ".tar.gz", ".tgz", ".tar.zst"}

// OpenFolder reads what archives there are in dir and the folders in it; other
// files are passed over. Compressed ones are uncompressed into work. Where one
// cannot be read or two hold different images under one reference, the error
// names them all.
func OpenFolder(ctx context.Context, dir, arch, work string) (*Folder, error) {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(path, e) }) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	f := &Folder{arch: arch, images: map[string]located{}}
	problems := make([]error, len(paths))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n, path := range paths {
		group.Go(func() error {
			if err := f.add(groupCtx, path, work); err != nil {
				problems[n] = fmt.Errorf("%s: %w", path, err)
			}
			return groupCtx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		f.Close()
		return nil, err
	}
	if err := errors.Join(problems...); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (f *Folder) add(ctx context.Context, path, work string) error {
	a, err := open(ctx, path, work)
	if err != nil {
		return err
	}
	images, err := a.images(f.arch)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files = append(f.files, a)
	if err != nil {
		return err
	}
	for name, image := range images {
		other, twice := f.images[name]
		switch {
		case !twice, other.image.Check(f.arch) != nil:
			f.images[name] = located{image, path}
		case !equal(other.image, image) && image.Check(f.arch) == nil:
			return fmt.Errorf("%s is another image than in %s", name, other.file)
		}
	}
	return nil
}

// Image is the first of the references that the folder has, and the archive
// that it is in. It is not checked.
func (f *Folder) Image(references ...string) (image Image, file string, ok bool) {
	for _, reference := range references {
		if l, ok := f.images[normalized(reference)]; ok {
			return l.image, l.file, true
		}
	}
	return Image{}, "", false
}

// References are all that the folder has, sorted.
func (f *Folder) References() []string {
	list := make([]string, 0, len(f.images))
	for name := range f.images {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// Close closes the archives.
func (f *Folder) Close() error {
	var problems []error
	for _, a := range f.files {
		problems = append(problems, a.f.Close())
	}
	return errors.Join(problems...)
}
