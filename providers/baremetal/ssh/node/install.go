package node

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

const (
	// copies is how many archives are on their way at the same time: while one
	// is verified, the other is sent.
	copies = 2
	// imports is how many archives containerd unpacks at the same time.
	imports = 3
)

// installation is one Install under way.
type installation struct {
	remote Remote
	work   Work
	bytes  *byteCount
}

// Install brings the node files to the host and puts them in their places,
// starts containerd and imports the images. It can be repeated; what is done
// already is not done again. The host must have been claimed for the owner.
//
// Images are copied while containerd is being set up and imported while others
// are being copied; an archive is removed once it is imported, and the image's
// label says where it came from. onProgress may be nil; it is called from one
// goroutine at a time, with the bytes of all node files together.
func Install(ctx context.Context, r Remote, w Work, onProgress func(message string, p remote.CopyProgress)) error {
	in := &installation{remote: r, work: w, bytes: newByteCount(onProgress)}
	index := w.Bundle.Index()
	stock, err := in.stock(ctx, index)
	if err != nil {
		return err
	}
	if err := checkBundle(index, goArch(stock.get("machine")), stock.get("hostname")); err != nil {
		return err
	}
	binaries, archives := in.missing(index, stock)
	if stock.get("stopped") != "" {
		if archives, err = in.revive(ctx, index, binaries); err != nil {
			return err
		}
		binaries = nil
	}

	ready := make(chan struct{}) // closed when containerd takes images
	copying, importing := make(semaphore, copies), make(semaphore, imports)
	group, ctx := errgroup.WithContext(ctx)
	// The slot is taken here, so that copying begins in this order.
	spawn := func(work func() error) bool {
		if copying.acquire(ctx) != nil {
			return false
		}
		group.Go(work)
		return true
	}
	spawn(func() error {
		err := in.copyBinaries(ctx, binaries)
		copying.release()
		if err != nil {
			return err
		}
		if err := in.setUp(ctx, binaries); err != nil {
			return err
		}
		close(ready)
		return nil
	})
	for i, a := range archives {
		copied := make(chan struct{})
		more := spawn(func() error {
			err := in.copy(ctx, a.sha256, []remote.File{in.file(a.path, a.sha256, a.size, 0o600)})
			copying.release()
			close(copied)
			if err != nil {
				return err
			}
			return in.load(ctx, a, ready, importing)
		})
		if !more {
			break
		}
		if i > 0 {
			continue
		}
		// The largest takes longest to import as well: it gets the whole line,
		// so that this begins soon.
		select {
		case <-copied:
		case <-ctx.Done():
		}
	}
	return group.Wait()
}

// stock asks the host what it has.
func (in *installation) stock(ctx context.Context, index bundle.Index) (report, error) {
	var list strings.Builder
	for _, file := range index.Files {
		fmt.Fprintf(&list, "%s %s\n", file.SHA256, place(file.Name))
	}
	rep, err := run(ctx, in.remote, "asking the host what it has", script("stock"), strings.NewReader(list.String()), in.work.Owner.args()...)
	if err == nil && rep.get("taken") != "" {
		err = taken(rep, in.work.Owner)
	}
	return rep, err
}

// revive starts a containerd that does not run and has a store already: only
// then does it say which images are in it. It returns the archives that the
// host lacks.
func (in *installation) revive(ctx context.Context, index bundle.Index, binaries []bundle.File) ([]*archive, error) {
	if err := in.copyBinaries(ctx, binaries); err != nil {
		return nil, err
	}
	if err := in.setUp(ctx, binaries); err != nil {
		return nil, err
	}
	stock, err := in.stock(ctx, index)
	if err != nil {
		return nil, err
	}
	sent := in.bytes.sum().Sent
	_, archives := in.missing(index, stock)
	in.bytes.restart(sent)
	return archives, nil
}

// missing are the files and archives that the host lacks.
func (in *installation) missing(index bundle.Index, stock report) (binaries []bundle.File, archives []*archive) {
	there := map[string]bool{}
	for _, key := range []string{"placed", "imported"} {
		for _, value := range stock.values[key] {
			there[value] = true
		}
	}
	present := neededFiles(index)
	in.bytes.total = 0
	for _, size := range present {
		in.bytes.total += size
	}
	for _, file := range index.Files {
		if !there[place(file.Name)] {
			binaries = append(binaries, file)
			delete(present, file.SHA256)
		}
	}
	var done int64
	for _, size := range present {
		done += size
	}
	for _, a := range neededArchives(index, in.work.ControlPlane) {
		in.bytes.total += a.size
		if a.imported(there) {
			done += a.size
			continue
		}
		archives = append(archives, a)
	}
	in.bytes.parts[""] = remote.CopyProgress{Present: done}
	return binaries, archives
}

// imported says whether containerd has every image from this archive.
func (a *archive) imported(there map[string]bool) bool {
	for _, name := range a.names {
		if !there[name+" "+a.sha256] {
			return false
		}
	}
	return true
}

func (in *installation) copyBinaries(ctx context.Context, binaries []bundle.File) error {
	files := make([]remote.File, 0, len(binaries))
	for _, file := range binaries {
		files = append(files, in.file(file.Path, file.SHA256, file.Size, 0o755))
	}
	return in.copy(ctx, "binaries", files)
}

// setUp puts the binaries in place and starts containerd.
func (in *installation) setUp(ctx context.Context, binaries []bundle.File) error {
	in.bytes.report("starting containerd")
	data, err := setupPlan(in.work, binaries).tar()
	if err != nil {
		return err
	}
	_, err = run(ctx, in.remote, "setting up the host", script("folders", "installed", "setup"), bytes.NewReader(data), in.work.Owner.args()...)
	return err
}

// load imports an archive that has been copied.
func (in *installation) load(ctx context.Context, a *archive, ready <-chan struct{}, importing semaphore) error {
	select {
	case <-ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := importing.acquire(ctx); err != nil {
		return err
	}
	defer importing.release()
	in.bytes.report("importing image " + a.names[0])
	_, err := run(ctx, in.remote, "importing "+a.names[0], script("import"), nil, append([]string{a.sha256}, a.names...)...)
	return err
}

// copy copies files; part is what their bytes are counted under.
func (in *installation) copy(ctx context.Context, part string, files []remote.File) error {
	if len(files) == 0 {
		return nil
	}
	progress, err := in.remote.Copy(ctx, files, func(p remote.CopyProgress) { in.bytes.count(part, p) })
	in.bytes.count(part, progress)
	return err
}

func (in *installation) file(source, digest string, size int64, mode fs.FileMode) remote.File {
	return remote.File{
		Path: path.Join(filesDir, digest), Mode: mode, SHA256: digest, Size: size,
		Open: func(ctx context.Context) (remote.Content, error) { return in.work.Bundle.File(ctx, source) },
	}
}

// byteCount adds up the progress of several copies.
type byteCount struct {
	mu    sync.Mutex
	tell  func(string, remote.CopyProgress)
	total int64
	parts map[string]remote.CopyProgress
}

func newByteCount(tell func(string, remote.CopyProgress)) *byteCount {
	if tell == nil {
		tell = func(string, remote.CopyProgress) {}
	}
	return &byteCount{tell: tell, parts: map[string]remote.CopyProgress{}}
}

// report tells what is being done beside copying, once nothing is left to
// copy.
func (b *byteCount) report(message string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if all := b.sum(); all.Present+all.Sent >= all.Total {
		b.tell(message, all)
	}
}

// count takes a part's bytes and tells those of all.
func (b *byteCount) count(part string, p remote.CopyProgress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parts[part] = p
	b.tell("copying node files", b.sum())
}

// restart makes sent, of all that is there, what was sent so far.
func (b *byteCount) restart(sent int64) {
	there := b.parts[""].Present
	b.parts = map[string]remote.CopyProgress{"": {Present: there - sent, Sent: sent}}
}

func (b *byteCount) sum() remote.CopyProgress {
	all := remote.CopyProgress{Total: b.total}
	for _, p := range b.parts {
		all.Present += p.Present
		all.Sent += p.Sent
	}
	return all
}

// semaphore is a number of slots.
type semaphore chan struct{}

func (s semaphore) acquire(ctx context.Context) error {
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s semaphore) release() { <-s }
