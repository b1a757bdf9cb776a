package remote

import (
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

// How Copy uses the line; see BenchmarkCopy.
var (
	// copyStreams is how many files are sent at once: while one is verified,
	// others are sent.
	copyStreams = 4
	// copyConnections is how many connections they go over.
	copyConnections = 2
	// manyBytes is from where on further connections are made, in bytes.
	manyBytes int64 = 64 << 20
)

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
	left := missing.bytes()
	progress.present(progress.now.Total - left)
	if err := c.enoughRoom(missing); err != nil {
		return progress.state(), err
	}
	// The largest first, so that no large one is left to go alone at the end.
	slices.SortStableFunc(missing, func(a, b gap) int { return int(min(max(b.rest()-a.rest(), -1), 1)) })
	err = c.sendAll(ctx, missing, left, progress)
	return progress.state(), err
}

// sendAll sends what is missing over as many connections as is of use.
func (c *Client) sendAll(ctx context.Context, missing gaps, bytes int64, progress *progress) error {
	clients := []*Client{c}
	if bytes > manyBytes && len(missing) > 1 {
		for len(clients) < copyConnections {
			conn, err := connect(ctx, c.target)
			if err != nil {
				break // one is enough; what is wrong will show there
			}
			defer func() { _ = conn.Close() }()
			clients = append(clients, &Client{target: c.target, conn: conn, become: c.become})
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	queue := make(chan gap, len(missing))
	for _, g := range missing {
		queue <- g
	}
	close(queue)
	for i := range min(copyStreams, len(missing)) {
		group.Go(func() error {
			for g := range queue {
				client := clients[i%len(clients)]
				err := client.send(ctx, g, progress.sent)
				if errors.Is(err, ErrContent) && g.offset > 0 {
					// The part may have been in use by a connection that
					// was as good as dead.
					g.offset = 0
					err = client.send(ctx, g, progress.sent)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// fileName is what may be the path of a file: it goes through the host's
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
