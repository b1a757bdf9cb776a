package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"groundwork.dev/bootstrap/internal/failure"
)

// Progress is how far a Verify is, in bytes.
type Progress struct {
	Total, Done int64
}

// Verify reads every file and compares its digest with the index's. The error
// is a *failure.Error (failure.Configuration) that names every file that is
// missing or another one. onProgress, which may be nil, is called from
// several goroutines, but not at the same time.
func (b *Bundle) Verify(ctx context.Context, onProgress func(Progress)) error {
	entries := b.index.entries()
	v := &verification{bundle: b, onProgress: onProgress, progress: Progress{Total: b.index.Size()}, bad: make([]error, len(entries))}
	work := make(chan int)
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(entries)) {
		group.Go(func() {
			for at := range work {
				v.bad[at] = v.check(ctx, entries[at])
			}
		})
	}
	for at := range entries {
		work <- at
	}
	close(work)
	group.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return v.err(entries)
}

// verification is one Verify.
type verification struct {
	bundle *Bundle
	bad    []error // by entry

	mu         sync.Mutex
	onProgress func(Progress)
	progress   Progress
}

func (v *verification) add(n int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.progress.Done += n
	if v.onProgress != nil {
		v.onProgress(v.progress)
	}
}

func (v *verification) check(ctx context.Context, e entry) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c, err := v.bundle.source.open(ctx, e)
	if err != nil {
		return err
	}
	defer c.Close()
	return compare(ctx, io.NewSectionReader(c, 0, e.size), e, v.add)
}

// err is nil when every file is right.
func (v *verification) err(entries []entry) error {
	var lines []string
	for at, err := range v.bad {
		if err == nil {
			continue
		}
		var known *failure.Error
		if errors.As(err, &known) {
			if known.Code != failure.Configuration {
				return err // a server that does not answer says nothing of the files
			}
			if known.Err != nil {
				err = known.Err // the bundle is named once, for all
			}
		}
		lines = append(lines, entries[at].path+": "+err.Error())
	}
	if len(lines) == 0 {
		return nil
	}
	return &failure.Error{
		Code: failure.Configuration, Object: v.bundle.location, Err: Problems(lines),
		Summary: fmt.Sprintf("%d of the bundle's %d files are not as its index says", len(lines), len(entries)),
		Remedy:  "copy the bundle again from where it was made, or make it again with bootstrap images export",
	}
}

// mismatch is content that is another one.
type mismatch struct{ got string }

func (m *mismatch) Error() string { return "its digest is sha256:" + m.got }

// compare reads r whole.
func compare(ctx context.Context, r io.Reader, e entry, onBytes func(int64)) error {
	hash := sha256.New()
	buffer := make([]byte, 1<<20)
	var size int64
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buffer)
		hash.Write(buffer[:n])
		size += int64(n)
		if onBytes != nil && n > 0 {
			onBytes(int64(n))
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != e.sha256 || size != e.size {
		return &mismatch{got}
	}
	return nil
}
