package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// File is a file to be on the host.
type File struct {
	// Path is absolute, on the host. Folders are made as needed, with mode
	// 0755.
	Path   string
	Mode   fs.FileMode
	SHA256 string // hexadecimal
	Size   int64  // bytes
	// Open gives the content.
	Open func(context.Context) (Content, error)
}

// Content is a file's content.
type Content interface {
	io.ReaderAt
	io.Closer
}

// CopyProgress is how far a Copy is, in bytes.
type CopyProgress struct {
	// Total is what has to be on the host, Present what was there already,
	// Sent what was sent.
	Total, Present, Sent int64
}

// copyStreams is how many files are sent at once: while one is verified others
// are sent. All go over the one connection: a second one has shown no gain that
// is worth another login, since at 1 s of processor time a GB at each end a
// connection is faster than most lines. Each stream may have 2 MiB under way
// (OpenSSH's window), so that the delay of a line does not slow four of them.
const copyStreams = 4

// Copy brings files to the host. What is there with the right digest stays;
// what an interrupted Copy has sent is not sent again; each file appears
// under its name, owned by root, only when its digest is right. onProgress
// may be nil; it is called some times a second, never twice at once.
//
// Errors are ErrLost, where another Copy over a new connection goes on,
// ErrDiskFull, and ErrContent where what Open gives is not what the digest
// says.
func (c *Client) Copy(ctx context.Context, files []File, onProgress func(CopyProgress)) (CopyProgress, error) {
	files, err := c.distinct(files)
	if err != nil {
		return CopyProgress{}, err
	}
	progress := &progress{report: onProgress}
	for _, f := range files {
		progress.now.Total += f.Size
	}
	defer progress.end()
	missing, err := c.probe(ctx, files)
	if err != nil {
		return progress.state(), err
	}
	progress.present(progress.now.Total - missing.bytes())
	if err := c.enoughRoom(missing); err != nil {
		return progress.state(), err
	}
	// The largest first, so that no large one is left to go alone at the end.
	slices.SortStableFunc(missing, func(a, b gap) int { return cmp.Compare(b.rest(), a.rest()) })
	err = c.sendAll(ctx, missing, progress)
	return progress.state(), err
}

// sendAll sends what is missing, several files at once.
func (c *Client) sendAll(ctx context.Context, missing gaps, progress *progress) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(copyStreams)
	for _, g := range missing {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err() // another file has failed, which is the error to tell
			}
			err := c.send(ctx, g, progress.sent)
			if errors.Is(err, ErrContent) && g.offset > 0 {
				// The part may have been in use by a connection that was as
				// good as dead.
				g.offset = 0
				err = c.send(ctx, g, progress.sent)
			}
			return err
		})
	}
	return group.Wait()
}

// filePath is what may be the path of a file: it goes through the host's
// shell, and line by line.
var (
	filePath   = regexp.MustCompile(`^(/[A-Za-z0-9_.+:@%=,-]+)+$`)
	fileDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// distinct refuses files that make no sense, and leaves out repetitions.
func (c *Client) distinct(files []File) ([]File, error) {
	var kept []File
	known := map[string]File{}
	for _, f := range files {
		if !filePath.MatchString(f.Path) || !fileDigest.MatchString(f.SHA256) || f.Size < 0 {
			return nil, fmt.Errorf("file %q with the digest %q and %d bytes cannot be copied to %s", f.Path, f.SHA256, f.Size, c.target.object())
		}
		if before, twice := known[f.Path]; twice {
			if before.SHA256 != f.SHA256 {
				return nil, fmt.Errorf("two different files are to be %s on %s", f.Path, c.target.object())
			}
			continue
		}
		known[f.Path] = f
		kept = append(kept, f)
	}
	return kept, nil
}

// progressInterval is how often progress is reported at most.
const progressInterval = 200 * time.Millisecond

// progress adds up and reports.
type progress struct {
	report func(CopyProgress)

	mu    sync.Mutex
	now   CopyProgress
	last  time.Time
	ended bool
}

func (p *progress) present(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Present = n
	p.tell(true)
}

func (p *progress) sent(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.now.Sent += int64(n)
		p.tell(false)
	}
}

// end reports the last state; nothing is reported after.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tell(true)
	p.ended = true
}

func (p *progress) state() CopyProgress {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// tell reports; the lock is held.
func (p *progress) tell(must bool) {
	if p.report == nil || p.ended || !must && time.Since(p.last) < progressInterval {
		return
	}
	p.last = time.Now()
	p.report(p.now)
}
