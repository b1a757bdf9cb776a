package export

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"groundwork.dev/bootstrap/images/archive"
	"groundwork.dev/bootstrap/images/nodefiles"
	"groundwork.dev/bootstrap/internal/failure"
)

// attempts is how often an image or binary is tried whose registry or server
// fails; what came in before is kept.
const attempts = 3

// make makes every item that is not there yet.
func (e *exporter) make(ctx context.Context) error {
	for _, i := range e.items {
		if i.image != nil {
			e.told.expect(i.image.Size())
		}
	}
	var group errgroup.Group
	group.SetLimit(workers())
	start := func(do func() error) {
		group.Go(func() error {
			err := e.again(ctx, do)
			if err != nil {
				e.cancel()
			}
			return err
		})
	}
	for _, together := range e.packages() {
		start(func() error { return e.unpack(ctx, together) })
	}
	for _, i := range e.items {
		if i.image != nil {
			start(func() error { return e.makeImage(ctx, i) })
		}
	}
	return group.Wait()
}

// again repeats what fails for reasons that may pass.
func (e *exporter) again(ctx context.Context, do func() error) error {
	for attempt := 1; ; attempt++ {
		err := do()
		var known *failure.Error
		if err == nil || attempt == attempts || !errors.As(err, &known) || known.Code != failure.Infrastructure {
			return err
		}
		if err := e.client.Pause(ctx, attempt); err != nil {
			return err
		}
	}
}

func (e *exporter) makeImage(ctx context.Context, i *item) error {
	if e.isImage(i) {
		sum, size, err := e.out.digest(ctx, i.path)
		if err != nil {
			return err
		}
		if e.out.knows(i.path, sum) {
			e.told.progress(i.image.Size())
			e.keep(i, sum, size)
			return nil
		}
	}
	if err := e.out.change(); err != nil {
		return err
	}
	made := filepath.Join(e.out.temporary, filepath.Base(i.path))
	var read int64
	err := archive.Write(ctx, made, *i.image, i.references, e.layers, func(n int64) {
		read += n
		e.told.progress(n)
	})
	if err != nil {
		e.told.progress(-read)
		return e.imageFailed(i, err)
	}
	return e.place(ctx, i, made)
}

// isImage says whether what is there is the image already.
func (e *exporter) isImage(i *item) bool {
	content, size, err := e.out.open(i.path)
	if err != nil {
		return false
	}
	defer content.Close()
	return archive.Is(content, size, i.image.ID(), i.references)
}

// imageFailed says which image could not be made.
func (e *exporter) imageFailed(i *item, err error) error {
	var known *failure.Error
	if errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	return &failure.Error{
		Code: failure.Configuration, Object: i.from, Err: err,
		Summary: "the image " + i.references[0] + " cannot be written",
		Remedy:  "see that the archive is whole and the disk has room; the same command goes on with what is there",
	}
}

// place puts a file that was made under its final name.
func (e *exporter) place(ctx context.Context, i *item, made string) error {
	sum, size, err := digest(ctx, made)
	if err != nil {
		return err
	}
	if err := e.out.place(made, i.path); err != nil {
		return err
	}
	i.sha256, i.size = sum, size
	e.told.finished(i, false)
	return nil
}

func (e *exporter) keep(i *item, sum string, size int64) {
	i.sha256, i.size = sum, size
	e.told.finished(i, true)
}

// packages are the binaries by what they come in: those of one tar file are
// unpacked at once.
func (e *exporter) packages() [][]*item {
	var list [][]*item
	at := map[string]int{}
	for _, i := range e.items {
		if i.image != nil {
			continue
		}
		key := i.from
		if n, ok := at[key]; ok && i.binary.Member != "" {
			list[n] = append(list[n], i)
			continue
		}
		at[key] = len(list)
		list = append(list, []*item{i})
	}
	return list
}

// unpack makes the binaries that come together.
func (e *exporter) unpack(ctx context.Context, items []*item) error {
	source := items[0].binary
	if source.Path != "" {
		return e.makeBinary(ctx, items[0], source.Path)
	}
	cached, err := e.client.Cached(ctx, source.Fetched, e.CacheDir, func(n int64) {
		e.told.expect(n)
		e.told.progress(n)
	})
	if err != nil {
		return err
	}
	if source.Member == "" {
		return e.makeBinary(ctx, items[0], cached)
	}
	dir, err := os.MkdirTemp(e.out.temporary, "unpacked-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	members := map[string]string{}
	for _, i := range items {
		members[i.binary.Member] = filepath.Join(dir, i.binary.Member)
	}
	if err := nodefiles.Extract(ctx, cached, members); err != nil {
		return &failure.Error{
			Code: failure.Configuration, Object: source.Fetched.URL, Err: err,
			Summary: "the binaries cannot be taken from what their publisher has",
			Remedy:  "bring them yourself, with --files",
		}
	}
	for _, i := range items {
		if err := e.makeBinary(ctx, i, members[i.binary.Member]); err != nil {
			return err
		}
	}
	return nil
}

// makeBinary copies a binary into the bundle.
func (e *exporter) makeBinary(ctx context.Context, i *item, source string) error {
	if err := nodefiles.Check(source, e.Arch); err != nil {
		return &failure.Error{
			Code: failure.Configuration, Object: i.from, Err: err,
			Summary: i.binary.Name + " cannot be used", Remedy: "bring another one, with --files",
		}
	}
	want, _, err := digest(ctx, source)
	if err != nil {
		return err
	}
	if sum, size, err := e.out.digest(ctx, i.path); err == nil && sum == want {
		e.keep(i, sum, size)
		return nil
	} else if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := e.out.change(); err != nil {
		return err
	}
	made, err := copyFile(ctx, source, e.out.temporary)
	if err != nil {
		return err
	}
	return e.place(ctx, i, made)
}
