package proxy

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func start(t *testing.T) *Proxy {
	t.Helper()
	p, err := Start(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func client(t *testing.T, p *Proxy, server *httptest.Server) *http.Client {
	t.Helper()
	transport := server.Client().Transport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(p.URL())
	transport.DialContext = nil // example.com is the test server's otherwise
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func get(c *http.Client, url string) (string, error) {
	response, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestRoutes(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer server.Close()
	p := start(t)
	p.Route("Example.com:443", func() (string, error) { return server.Listener.Addr().String(), nil })
	p.Route("down.example.com:6443", func() (string, error) { return "", ErrRefused })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	p.Route("closed.example.com:443", func() (string, error) { return closed.Addr().String(), nil })
	c := client(t, p, server)
	if body, err := get(c, "https://example.com/"); err != nil || body != "hello" {
		t.Errorf("through the proxy: %q, %v", body, err)
	}
	for url, want := range map[string]string{
		"https://down.example.com:6443/":             "dial tcp down.example.com:6443: connect: connection refused",
		"https://closed.example.com/":                "connection refused",
		"https://elsewhere.example.com/":             "no such host in this rehearsal (it has closed.example.com:443, down.example.com:6443, example.com:443)",
		"https://" + server.Listener.Addr().String(): "no such host",
	} {
		if _, err := get(c, url); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if response, err := http.Get(p.URL().String()); err != nil || response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("without CONNECT: %v, %v", response, err)
	}
	if host, _, _ := net.SplitHostPort(p.URL().Host); !net.ParseIP(host).IsLoopback() {
		t.Errorf("it listens on %s", host)
	}
}

// open connects to host through p and returns the raw connection.
func open(t *testing.T, p *Proxy, host string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.URL().Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, "CONNECT "+host+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, len("HTTP/1.1 200 OK\r\n\r\n"))
	if _, err := io.ReadFull(conn, answer); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") {
		t.Fatalf("the proxy answers %q, %v", answer, err)
	}
	return conn
}

// listen accepts connections and says when each ends.
func listen(t *testing.T) (target Target, ended <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	ends := make(chan error, 8)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, err := io.Copy(io.Discard, conn)
				_ = conn.Close()
				ends <- err
			}()
		}
	}()
	return func() (string, error) { return l.Addr().String(), nil }, ends
}

func TestCutAndClose(t *testing.T) {
	p := start(t)
	one, oneEnds := listen(t)
	two, twoEnds := listen(t)
	p.Route("one:443", one)
	p.Route("two:443", two)
	first, second := open(t, p, "one:443"), open(t, p, "two:443")
	p.Cut("ONE:443")
	if _, err := first.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a cut connection ends with %v, not with a reset", err)
	}
	<-oneEnds
	select {
	case <-twoEnds:
		t.Error("another host's connection was cut too")
	default:
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	<-twoEnds
	if _, err := second.Read(make([]byte, 1)); err == nil {
		t.Error("a connection outlives the proxy")
	}
}
