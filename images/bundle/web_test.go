package bundle

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

// site is a web server with a bundle.
type site struct {
	url, digest, dir string
	options          Options
	// requests counts, by path.
	mu       sync.Mutex
	requests map[string]int
	// hold, where set, is closed to let requests for files through.
	hold chan struct{}
	// arrived counts requests for files that came in, left those whose client
	// went away.
	arrived, left atomic.Int64
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{dir: t.TempDir(), requests: map[string]int{}}
	s.digest = write(t, s.dir, sample(), sampleIndex(sample()))
	files := http.FileServer(http.Dir(s.dir))
	server := httptest.NewTLSServer(http.StripPrefix("/v1.35", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests[r.URL.Path]++
		s.mu.Unlock()
		if s.hold != nil && r.URL.Path != "/"+IndexFile {
			s.arrived.Add(1)
			select {
			case <-s.hold:
			case <-r.Context().Done():
				s.left.Add(1)
				return
			}
		}
		files.ServeHTTP(w, r)
	})))
	t.Cleanup(server.Close)
	s.url = server.URL + "/v1.35"
	s.options = Options{Transport: server.Client().Transport, CacheDir: filepath.Join(t.TempDir(), "cache")}
	return s
}

func (s *site) open(t *testing.T) *Bundle {
	t.Helper()
	b, err := OpenWith(context.Background(), s.url, s.digest, s.options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func TestOpenURL(t *testing.T) {
	s := newSite(t)
	for _, location := range []string{s.url, s.url + "/", s.url + "/" + IndexFile} {
		b, err := OpenWith(context.Background(), location, s.digest, s.options)
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range sample() {
			if got := content(t, b, path); !bytes.Equal(got, want) {
				t.Errorf("%s: got %d bytes, want %d", path, len(got), len(want))
			}
		}
		if err := b.Verify(context.Background(), nil); err != nil {
			t.Error(err)
		}
		b.Close()
	}
	for path, n := range s.requests {
		if path != "/"+IndexFile && n != 1 { // the index http.FileServer redirects
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	info, err := os.Stat(s.options.CacheDir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the cache: %v, %v", info, err)
	}
}

func TestOpenURLRefuses(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]struct{ location, digest, want string }{
		"http":           {strings.Replace(s.url, "https", "http", 1), s.digest, "only https"},
		"no digest":      {s.url, "", "needs its digest"},
		"another digest": {s.url, "sha256:" + strings.Repeat("0", 64), "another one"},
		"a tar file":     {s.url + "/b.tar", s.digest, "not that of a folder"},
		"a password":     {strings.Replace(s.url, "://", "://u:p@", 1), s.digest, "user or password"},
		"nothing there":  {s.url + "/missing", s.digest, "404"},
	} {
		_, err := OpenWith(context.Background(), c.location, c.digest, s.options)
		if err == nil || !strings.Contains(err.Error(), c.want) || failure.Remedy(err) == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestConcurrentCallersShareOneDownload(t *testing.T) {
	s := newSite(t)
	s.hold = make(chan struct{})
	b := s.open(t)
	errs := make(chan error)
	leaving, leave := context.WithCancel(context.Background())
	open := func(ctx context.Context) {
		c, err := b.File(ctx, "files/kubelet")
		if err == nil {
			err = c.Close()
		}
		errs <- err
	}
	go open(leaving) // begins it, and does not see its end
	for s.arrived.Load() == 0 {
		runtime.Gosched()
	}
	for range 3 {
		go open(context.Background())
	}
	waiting := func() int {
		s := b.source.(*web)
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.files[sampleIndex(sample()).Files[0].SHA256].waiting
	}
	for waiting() < 4 {
		runtime.Gosched()
	}
	leave()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who left got %v", err)
	}
	close(s.hold)
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := s.requests["/files/kubelet"]; n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestAbandonedDownloadEnds(t *testing.T) {
	s := newSite(t)
	s.hold = make(chan struct{})
	b := s.open(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		_, err := b.File(ctx, "files/kubelet")
		done <- err
	}()
	for s.arrived.Load() == 0 {
		runtime.Gosched()
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	for s.left.Load() == 0 {
		runtime.Gosched()
	}
	close(s.hold)
	content(t, b, "files/kubelet") // and another one can have it
}

func TestDamagedCacheAndServer(t *testing.T) {
	s := newSite(t)
	content(t, s.open(t), "files/kubelet")
	sum := sampleIndex(sample()).Files[0].SHA256
	cached := filepath.Join(s.options.CacheDir, sum)
	if err := os.WriteFile(cached, sample()["files/kubelet"][1:], 0o600); err != nil {
		t.Fatal(err)
	}
	if got := content(t, s.open(t), "files/kubelet"); !bytes.Equal(got, sample()["files/kubelet"]) {
		t.Error("a damaged file of the cache was used")
	}
	if err := os.Remove(cached); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "files/kubelet"), bytes.ToUpper(sample()["files/kubelet"]), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.open(t).File(context.Background(), "files/kubelet"); failure.ExitCode(err) != failure.Configuration || !strings.Contains(err.Error(), "another file") {
		t.Errorf("got %v", err)
	}
	if err := s.open(t).Verify(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "files/kubelet") {
		t.Errorf("got %v", err)
	}
}
