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
	// copies is how many archives are on their way at the same time: enough
	// that an import never leaves the line idle.
	copies = 3
	// imports is how many archives containerd unpacks at the same time.
	imports = 2
)

// installation is one Install under way.
type installation struct {
	remote Remote
	work   Work
	host   string

	mu         sync.Mutex
	onProgress func(string, remote.CopyProgress)
	total      int64
	parts      map[string]remote.CopyProgress
}

// Install brings the node files to the host and puts them in their places,
// starts containerd and imports the images. It can be repeated; what is done
// already is not done again. The host must have been claimed for the owner.
//
// Images are copied while containerd is being set up and imported while others
// are being copied; an archive is removed once it is imported. onProgress may
// be nil; it is called from one goroutine at a time, with the bytes of all
// node files together.
func Install(ctx context.Context, r Remote, w Work, onProgress func(message string, p remote.CopyProgress)) error {
	in := &installation{remote: r, work: w, onProgress: onProgress, parts: map[string]remote.CopyProgress{}}
	index := w.Bundle.Index()
	stock, err := in.stock(ctx, index)
	if err != nil {
		return err
	}
	in.host = stock.get("hostname")
	if err := checkBundle(index, goArch(stock.get("machine")), in.host); err != nil {
		return err
	}
	binaries, images := in.missing(index, stock)

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
		defer copying.release()
		if err := in.setUp(ctx, binaries); err != nil {
			return err
		}
		close(ready)
		return nil
	})
	for _, image := range images {
		more := spawn(func() error {
			err := in.copy(ctx, "copying image "+image.Reference, image.Path, []remote.File{in.archive(image)})
			copying.release()
			if err != nil {
				return err
			}
			return in.load(ctx, image, ready, importing)
		})
		if !more {
			break
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

// missing are the files and images that the host lacks.
func (in *installation) missing(index bundle.Index, stock report) ([]bundle.File, []bundle.Image) {
	there := map[string]bool{}
	for _, placed := range stock.values["placed"] {
		there[placed] = true
	}
	for _, imported := range stock.values["imported"] {
		there[imported] = true
	}
	var binaries []bundle.File
	var present int64
	for _, file := range index.Files {
		in.total += file.Size
		if there[place(file.Name)] {
			present += file.Size
			continue
		}
		binaries = append(binaries, file)
	}
	var images []bundle.Image
	for _, image := range neededImages(index, in.work.ControlPlane) {
		in.total += image.Size
		if there[image.Reference+" "+image.SHA256] {
			present += image.Size
			continue
		}
		images = append(images, image)
	}
	in.parts[""] = remote.CopyProgress{Present: present}
	return binaries, images
}

// setUp copies the binaries, puts them in place and starts containerd.
func (in *installation) setUp(ctx context.Context, binaries []bundle.File) error {
	files := make([]remote.File, 0, len(binaries))
	for _, file := range binaries {
		files = append(files, in.file(file.Path, file.SHA256, file.Size, 0o755))
	}
	if err := in.copy(ctx, "copying binaries", "binaries", files); err != nil {
		return err
	}
	in.report("starting containerd")
	data, err := setupPlan(in.work, binaries).tar()
	if err != nil {
		return err
	}
	_, err = run(ctx, in.remote, "setting up the host", script("folders", "installed", "setup"), bytes.NewReader(data), in.work.Owner.args()...)
	return err
}

// load imports an archive that has been copied.
func (in *installation) load(ctx context.Context, image bundle.Image, ready <-chan struct{}, importing semaphore) error {
	select {
	case <-ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := importing.acquire(ctx); err != nil {
		return err
	}
	defer importing.release()
	in.report("importing image " + image.Reference)
	_, err := run(ctx, in.remote, "importing "+image.Reference, script("import"), nil, image.Reference, image.SHA256)
	return err
}

// copy copies files; part is what its progress is counted under.
func (in *installation) copy(ctx context.Context, message, part string, files []remote.File) error {
	if len(files) == 0 {
		return nil
	}
	progress, err := in.remote.Copy(ctx, files, func(p remote.CopyProgress) { in.progress(message, part, p) })
	if err != nil {
		return err
	}
	in.progress(message, part, progress)
	return nil
}

func (in *installation) archive(image bundle.Image) remote.File {
	return in.file(image.Path, image.SHA256, image.Size, 0o600)
}

func (in *installation) file(source, digest string, size int64, mode fs.FileMode) remote.File {
	return remote.File{
		Path: path.Join(filesDir, digest), Mode: mode, SHA256: digest, Size: size,
		Open: func(ctx context.Context) (remote.Content, error) { return in.work.Bundle.File(ctx, source) },
	}
}

// report tells what is being done, the bytes being as they are.
func (in *installation) report(message string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.tell(message)
}

// progress counts a part's bytes and tells those of all.
func (in *installation) progress(message, part string, p remote.CopyProgress) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.parts[part] = p
	in.tell(message)
}

// tell tells the bytes of all; it is called with the lock.
func (in *installation) tell(message string) {
	all := remote.CopyProgress{Total: in.total}
	for _, p := range in.parts {
		all.Present += p.Present
		all.Sent += p.Sent
	}
	if in.onProgress != nil {
		in.onProgress(message, all)
	}
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
