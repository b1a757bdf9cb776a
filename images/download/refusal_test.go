package download

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

func TestFetchTellsWhy(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for name, c := range map[string]struct {
		handler  http.HandlerFunc
		requests int64
		code     failure.Code
		want     string
	}{
		"not found":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, 1, failure.Infrastructure, "404"},
		"forbidden":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, 1, failure.Infrastructure, "403"},
		"overloaded":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, attempts, failure.Infrastructure, "503"},
		"other":       {func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.ToUpper(payload)) }, 1, failure.Configuration, "another file"},
		"too long":    {func(w http.ResponseWriter, _ *http.Request) { w.Write(payload); w.Write(payload) }, 1, failure.Infrastructure, "more than"},
		"too short":   {func(w http.ResponseWriter, _ *http.Request) { w.Write(nil) }, attempts, failure.Infrastructure, "ends after 0 of"},
		"to http":     {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, plain.URL, http.StatusFound) }, 1, failure.Infrastructure, "not https"},
		"round about": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }, 10, failure.Infrastructure, "more than 10 times"},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int64
			s, client := server(t, func(http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests.Add(1)
					c.handler(w, r)
				})
			})
			path := filepath.Join(t.TempDir(), "file")
			err := client.Fetch(context.Background(), fileOf(s.URL), path, nil)
			if failure.ExitCode(err) != c.code || failure.Remedy(err) == "" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want code %d and %q", err, c.code, c.want)
			}
			if n := requests.Load(); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("there is a file under the final name")
			}
		})
	}
}

func TestFetchVerifiesTheServer(t *testing.T) {
	s, _ := server(t, nil)
	var requests int
	c := &Client{Wait: func(context.Context, int) error { requests++; return nil }}
	err := c.Fetch(context.Background(), fileOf(s.URL), filepath.Join(t.TempDir(), "file"), nil)
	if err == nil || !strings.Contains(failure.Remedy(err), "SSL_CERT_FILE") || requests > 0 {
		t.Errorf("got %v after %d more attempts", err, requests)
	}
}

func TestCheckURL(t *testing.T) {
	for address, good := range map[string]bool{
		"https://files.example.com/v1": true, "http://files.example.com": false, "ftp://x/y": false,
		"https://": false, "https://user:pass@example.com/": false, "https://a b/": false,
	} {
		if err := CheckURL(address); (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		} else if err != nil && (failure.Remedy(err) == "" || strings.Contains(err.Error(), "pass@")) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
