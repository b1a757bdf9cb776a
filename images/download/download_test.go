package download

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/failure"
)

var payload = bytes.Repeat([]byte("0123456789abcdef"), 100_000) // 1.6 MB

func fileOf(url string) File {
	sum := sha256.Sum256(payload)
	return File{URL: url + "/file", SHA256: hex.EncodeToString(sum[:]), Size: int64(len(payload))}
}

// server serves the payload, with ranges, through a wrapper.
func server(t *testing.T, wrap func(http.Handler) http.Handler) (*httptest.Server, *Client) {
	t.Helper()
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "file", time.Time{}, bytes.NewReader(payload))
	})
	if wrap != nil {
		h = wrap(h)
	}
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	return s, &Client{
		Transport: s.Client().Transport,
		Wait:      func(ctx context.Context, _ int) error { return ctx.Err() },
	}
}

func check(t *testing.T, path string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, payload) {
		t.Fatalf("%d bytes that are not the payload", len(got))
	}
	if _, err := os.Stat(path + Partial); err == nil {
		t.Error("the partial file is still there")
	}
}

func TestFetchGoesOnWhereItWasInterrupted(t *testing.T) {
	for name, known := range map[string]bool{"known size": true, "unknown size": false} {
		t.Run(name, func(t *testing.T) {
			var sent atomic.Int64
			cut := true
			s, c := server(t, func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w = &counting{ResponseWriter: w, sent: &sent}
					if cut { // the first connection breaks after a third
						cut = false
						w.Header().Set("Content-Length", "1600000")
						w.Write(payload[:500_000])
						panic(http.ErrAbortHandler)
					}
					h.ServeHTTP(w, r)
				})
			})
			f := fileOf(s.URL)
			if !known {
				f.Size = 0
			}
			path := filepath.Join(t.TempDir(), "sub", "file")
			var told int64
			if err := c.Fetch(context.Background(), f, path, func(n int64) { told += n }); err != nil {
				t.Fatal(err)
			}
			check(t, path)
			if told != int64(len(payload)) {
				t.Errorf("told %d bytes", told)
			}
			// What the break loses on the way is sent twice.
			if n := sent.Load(); n > int64(len(payload))+500_000 {
				t.Errorf("%d bytes were sent for %d", n, len(payload))
			}
		})
	}
}

type counting struct {
	http.ResponseWriter
	sent *atomic.Int64
}

func (c *counting) Write(p []byte) (int, error) {
	c.sent.Add(int64(len(p)))
	return c.ResponseWriter.Write(p)
}

func TestFetchUsesWhatAnEarlierRunLeft(t *testing.T) {
	whole := int64(len(payload))
	for name, c := range map[string]struct {
		left []byte
		sent int64 // most bytes that may be sent
	}{
		"half":             {payload[:whole/2], whole / 2},
		"all":              {payload, 0},
		"of another file":  {[]byte(strings.Repeat("x", 1000)), 2 * whole},
		"too long":         {append(bytes.Clone(payload), 'x'), whole},
		"all but not this": {bytes.Repeat([]byte("x"), len(payload)), whole},
	} {
		for _, size := range []int64{0, whole} {
			t.Run(name, func(t *testing.T) {
				var sent atomic.Int64
				s, client := server(t, func(h http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						h.ServeHTTP(&counting{ResponseWriter: w, sent: &sent}, r)
					})
				})
				path := filepath.Join(t.TempDir(), "file")
				if err := os.WriteFile(path+Partial, c.left, 0o600); err != nil {
					t.Fatal(err)
				}
				f := fileOf(s.URL)
				f.Size = size
				var told int64
				if err := client.Fetch(context.Background(), f, path, func(n int64) { told += n }); err != nil {
					t.Fatal(err)
				}
				check(t, path)
				// Where no size is known the server's refusal of a range has a
				// few bytes of its own.
				if n := sent.Load(); n > c.sent+100 {
					t.Errorf("%d bytes were sent, at most %d are needed", n, c.sent)
				}
				if told != whole {
					t.Errorf("told %d bytes", told)
				}
			})
		}
	}
}

func TestFetchWithoutRanges(t *testing.T) {
	s, c := server(t, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(payload) })
	})
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path+Partial, payload[:1000], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Fetch(context.Background(), fileOf(s.URL), path, nil); err != nil {
		t.Fatal(err)
	}
	check(t, path)
}

func TestFetchIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s, c := server(t, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Write(payload[:300_000])
			w.(http.Flusher).Flush()
			cancel()
			<-r.Context().Done()
		})
	})
	err := c.Fetch(ctx, fileOf(s.URL), filepath.Join(t.TempDir(), "file"), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOnlyOneFetchesAFile(t *testing.T) {
	var requests atomic.Int64
	s, c := server(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			h.ServeHTTP(w, r)
		})
	})
	path := filepath.Join(t.TempDir(), "file")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := c.Fetch(context.Background(), fileOf(s.URL), path, nil); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	check(t, path)
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests for one file", n)
	}
}

func TestBytes(t *testing.T) {
	tries := 0
	s, c := server(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if tries++; tries == 1 {
				w.WriteHeader(502)
				return
			}
			h.ServeHTTP(w, r)
		})
	})
	if data, err := c.Bytes(context.Background(), s.URL, 2<<20); err != nil || !bytes.Equal(data, payload) {
		t.Errorf("got %d bytes and %v", len(data), err)
	}
	if _, err := c.Bytes(context.Background(), s.URL, 1000); failure.ExitCode(err) != failure.Infrastructure || !strings.Contains(err.Error(), "more than 1000") {
		t.Errorf("got %v", err)
	}
}

func TestStalling(t *testing.T) {
	s, _ := server(t, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Write(payload[:1000])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
	})
	c := &http.Client{Transport: Stalling{Base: s.Client().Transport, After: 20 * time.Millisecond}}
	response, err := c.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if len(data) != 1000 || !errors.Is(err, ErrStalled) {
		t.Errorf("got %d bytes and %v", len(data), err)
	}
}
