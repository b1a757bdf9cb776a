package bundle

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"groundwork.dev/bootstrap/images/download"
	"groundwork.dev/bootstrap/internal/failure"
)

// web is a bundle in a folder of a web server. Its files are fetched when
// they are opened, into a cache that is shared by all bundles: a file's name
// there is its digest.
type web struct {
	base   *url.URL
	client *download.Client
	cache  string

	mu    sync.Mutex
	files map[string]*fetching // by digest
}

// fetching is one file on its way, for all who wait for it.
type fetching struct {
	cancel  context.CancelFunc
	waiting int
	done    chan struct{} // closed when it is there, or err is set
	err     error
}

func newWeb(location, digest string, o Options) (*web, error) {
	location = strings.TrimSuffix(strings.TrimSuffix(location, IndexFile), "/")
	if err := download.CheckURL(location); err != nil {
		return nil, err
	}
	base, err := url.Parse(location)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(base.Path, ".tar") || base.RawQuery != "" || base.Fragment != "" {
		return nil, &failure.Error{
			Code: failure.Configuration, Object: location,
			Summary: "the URL is not that of a folder",
			Remedy:  "unpack the bundle on the web server and name the folder that has " + IndexFile,
		}
	}
	if digest == "" {
		return nil, &failure.Error{
			Code: failure.Configuration, Object: location,
			Summary: "a bundle on a web server needs its digest",
			Remedy:  `give the digest that bootstrap images export printed, "sha256:…"`,
		}
	}
	w := &web{base: base, client: &download.Client{Transport: o.Transport}, cache: o.CacheDir, files: map[string]*fetching{}}
	if w.cache == "" {
		if w.cache, err = download.CacheDir(); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *web) index(ctx context.Context) ([]byte, error) {
	return w.client.Bytes(ctx, w.base.JoinPath(IndexFile).String(), maxIndexSize)
}

func (w *web) open(ctx context.Context, e entry) (Content, error) {
	if err := w.wait(ctx, e); err != nil {
		return nil, err
	}
	return os.Open(filepath.Join(w.cache, e.sha256))
}

// wait returns when the file is in the cache. The fetch goes on for as long
// as anybody waits for it.
func (w *web) wait(ctx context.Context, e entry) error {
	f := w.join(e)
	select {
	case <-f.done:
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	f.waiting--
	select {
	case <-f.done:
		if f.err != nil && w.files[e.sha256] == f {
			delete(w.files, e.sha256) // the next one tries again
		}
		return f.err
	default:
	}
	if f.waiting == 0 {
		f.cancel()
		delete(w.files, e.sha256)
	}
	return ctx.Err()
}

// join is the fetch of the file, begun if there is none.
func (w *web) join(e entry) *fetching {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.files[e.sha256]
	if f == nil {
		ctx, cancel := context.WithCancel(context.Background())
		f = &fetching{cancel: cancel, done: make(chan struct{})}
		w.files[e.sha256] = f
		go func() {
			defer cancel()
			_, f.err = w.client.Cached(ctx, download.File{URL: w.base.JoinPath(e.path).String(), SHA256: e.sha256, Size: e.size}, w.cache, nil)
			close(f.done)
		}()
	}
	f.waiting++
	return f
}

// close ends what is being fetched; what came in so far is kept.
func (w *web) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.files {
		f.cancel()
	}
	return nil
}
