package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/internal/failure"
)

// Where an export keeps what is not whole yet, in the folder that it fills:
// compressed layers, which the next run goes on with, and what it does not.
const (
	workDir      = ".export"
	layersDir    = workDir + "/layers"
	temporaryDir = workDir + "/tmp"
)

// output is a bundle in the making. A tar file is made from a folder beside
// it, which is gone in the end.
type output struct {
	final             string // what was asked for
	tar               bool
	root              string // the folder
	layers, temporary string
	lock              *os.File
	created           bool // the folder is this run's
	// before is the bundle that was there, nil for none.
	before *bundle.Bundle

	mu      sync.Mutex
	changed bool
}

// openOutput takes the output for this process alone.
func openOutput(path string) (*output, error) {
	o := &output{final: filepath.Clean(path), tar: strings.HasSuffix(path, ".tar")}
	o.root = o.final
	if o.tar {
		o.root += ".partial"
	}
	o.layers, o.temporary = filepath.Join(o.root, layersDir), filepath.Join(o.root, temporaryDir)
	if err := o.suits(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(o.root); errors.Is(err, fs.ErrNotExist) {
		o.created = true
	}
	if err := os.MkdirAll(o.root, 0o755); err != nil {
		return nil, unwritable(o.final, err)
	}
	if err := o.take(); err != nil {
		return nil, err
	}
	if err := o.prepare(); err != nil {
		o.unlock()
		return nil, unwritable(o.final, err)
	}
	// A bundle that cannot be read is made anew.
	if b, err := bundle.Open(context.Background(), o.final, ""); err == nil {
		o.before = b
	}
	return o, nil
}

func unwritable(path string, err error) error {
	return &failure.Error{
		Code: failure.Configuration, Object: path, Err: err,
		Summary: "the bundle cannot be written there", Remedy: "name a folder or .tar file on a disk that you may write to",
	}
}

// suits refuses places that hold something else.
func (o *output) suits() error {
	refuse := func(summary, remedy string) error {
		return &failure.Error{Code: failure.Usage, Object: o.final, Summary: summary, Remedy: remedy}
	}
	for _, ending := range []string{".tar.gz", ".tgz", ".tar.zst", ".zip"} {
		if strings.HasSuffix(o.final, ending) {
			return refuse("a bundle is a folder or a .tar file: what is in it is compressed already", "name one that ends in .tar")
		}
	}
	info, err := os.Stat(o.final)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unwritable(o.final, err)
	case o.tar && info.IsDir():
		return refuse("a folder has the name of the .tar file", "name another file")
	case o.tar:
		return nil
	case !info.IsDir():
		return refuse("a file has the name of the folder", "name another folder, or a file that ends in .tar")
	}
	entries, err := os.ReadDir(o.final)
	if err != nil {
		return unwritable(o.final, err)
	}
	for _, e := range entries {
		if e.Name() == bundle.IndexFile || e.Name() == workDir {
			return nil
		}
	}
	if len(entries) > 0 {
		return refuse("the folder holds other things: "+entries[0].Name(), "name an empty folder, or one that does not exist")
	}
	return nil
}

// take locks the folder; the lock ends with the process.
func (o *output) take() error {
	f, err := os.Open(o.root)
	if err != nil {
		return unwritable(o.final, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		o.lock = f
		return nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return &failure.Error{
			Code: failure.Usage, Object: o.final,
			Summary: "another export to the same place is running", Remedy: "wait for it, or name another place",
		}
	}
	return unwritable(o.final, err)
}

// unlock lets others have the output.
func (o *output) unlock() {
	if o.before != nil {
		o.before.Close()
	}
	o.lock.Close()
}

// prepare makes the work folders, and clears away what a run that was killed
// had not finished.
func (o *output) prepare() error {
	if err := os.RemoveAll(o.temporary); err != nil {
		return err
	}
	for _, dir := range []string{o.temporary, o.layers} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	unfinished, err := filepath.Glob(filepath.Join(o.layers, ".layer-*"))
	if err != nil {
		return err
	}
	for _, path := range unfinished {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// giveUp takes away what is of no use to the next run: everything, unless
// there are finished files or layers to go on with.
func (o *output) giveUp() error {
	if err := os.RemoveAll(o.temporary); err != nil {
		return err
	}
	entries, err := os.ReadDir(o.root)
	if err != nil {
		return err
	}
	_, errIndex := os.Stat(filepath.Join(o.root, bundle.IndexFile))
	if len(entries) > 1 && errIndex != nil {
		return nil // the work folder is the sign that they are ours
	}
	for _, dir := range []string{o.layers, filepath.Join(o.root, workDir)} {
		if os.Remove(dir) != nil {
			return nil
		}
	}
	if o.created {
		os.Remove(o.root)
	}
	return nil
}

// open is the file of the bundle at path, made by this run or one before, and
// its size.
func (o *output) open(path string) (bundle.Content, int64, error) {
	f, err := os.Open(filepath.Join(o.root, filepath.FromSlash(path)))
	if err == nil {
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, 0, err
		}
		return f, info.Size(), nil
	}
	if o.tar && o.before != nil {
		content, err := o.before.File(context.Background(), path)
		return content, o.listed()[path].size, err
	}
	return nil, 0, err
}

// digest is that of the file at path in hexadecimal, and its size.
func (o *output) digest(ctx context.Context, path string) (string, int64, error) {
	content, size, err := o.open(path)
	if err != nil {
		return "", 0, err
	}
	defer content.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, reader{ctx, io.NewSectionReader(content, 0, size)})
	return hex.EncodeToString(hash.Sum(nil)), size, err
}

// entry is what the index says of a file.
type entry struct {
	sha256 string
	size   int64
}

// listed are the files of the bundle that was there, by path.
func (o *output) listed() map[string]entry {
	if o.before == nil {
		return nil
	}
	return entries(o.before.Index())
}

func entries(index bundle.Index) map[string]entry {
	list := map[string]entry{}
	for _, f := range index.Files {
		list[f.Path] = entry{f.SHA256, f.Size}
	}
	for _, m := range index.Images {
		list[m.Path] = entry{m.SHA256, m.Size}
	}
	return list
}

// knows is false for a file that has changed since its bundle was made.
func (o *output) knows(path, sum string) bool {
	listed, ok := o.listed()[path]
	return !ok || listed.sha256 == sum
}

// change is called before the first change: a folder is no bundle any more
// until it has its new index.
func (o *output) change() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed || o.tar {
		o.changed = true
		return nil
	}
	o.changed = true
	err := os.Remove(filepath.Join(o.root, bundle.IndexFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// place gives a file that was made its final name.
func (o *output) place(made, path string) error {
	final := filepath.Join(o.root, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return err
	}
	if err := os.Rename(made, final); err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	return nil
}
