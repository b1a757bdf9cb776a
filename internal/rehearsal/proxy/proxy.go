// Package proxy is a CONNECT proxy on loopback that leads a few names to
// simulated servers and nothing anywhere else. It is how programs that know
// only a vCenter's name and a cluster's address reach their simulations.
package proxy

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Target finds the loopback address behind a name. Its error is what the
// client gets to see, as if its own connection had failed.
type Target func() (address string, err error)

// ErrRefused is the error of a Target that nothing listens at.
var ErrRefused = errors.New("connect: connection refused")

// Proxy is safe for concurrent use.
type Proxy struct {
	log      *slog.Logger
	listener net.Listener
	server   *http.Server
	done     chan struct{}

	mu      sync.Mutex
	routes  map[string]Target
	tunnels map[*tunnel]struct{}
}

type tunnel struct {
	host         string
	client, peer net.Conn
}

// Start listens on a loopback port. Routes have to be added before anything
// gets through.
func Start(log *slog.Logger) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the rehearsal's proxy: %w", err)
	}
	p := &Proxy{log: log, listener: listener, done: make(chan struct{}), routes: map[string]Target{}, tunnels: map[*tunnel]struct{}{}}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: time.Minute, ErrorLog: stdlog.New(io.Discard, "", 0)}
	go func() {
		defer close(p.done)
		if err := p.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			p.log.Error("the rehearsal's proxy stopped", "error", err)
		}
	}()
	return p, nil
}

// URL is the proxy's address for HTTPS_PROXY.
func (p *Proxy) URL() *url.URL { return &url.URL{Scheme: "http", Host: p.listener.Addr().String()} }

// Route leads connections to hostPort to where target says.
func (p *Proxy) Route(hostPort string, target Target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.routes[strings.ToLower(hostPort)] = target
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "the rehearsal's proxy only connects", http.StatusMethodNotAllowed)
		return
	}
	host := strings.ToLower(r.Host)
	peer, err := p.dial(host)
	client, buffered, hijackErr := http.NewResponseController(w).Hijack()
	if hijackErr != nil {
		p.log.Error("the rehearsal's proxy cannot take over a connection", "error", hijackErr)
		return
	}
	if err != nil {
		p.log.Debug("the rehearsal's proxy refused a connection", "host", host, "error", err)
		// Go's clients show the status line's text as the error.
		_, _ = fmt.Fprintf(client, "HTTP/1.1 502 dial tcp %s: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", host, oneLine(err))
		_ = client.Close()
		return
	}
	t := &tunnel{host, client, peer}
	p.mu.Lock()
	p.tunnels[t] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.tunnels, t)
		p.mu.Unlock()
		t.close()
	}()
	if _, err := io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	t.run(buffered.Reader)
}

func (p *Proxy) dial(host string) (net.Conn, error) {
	p.mu.Lock()
	target := p.routes[host]
	p.mu.Unlock()
	if target == nil {
		return nil, fmt.Errorf("no such host in this rehearsal (it has %s)", strings.Join(p.hosts(), ", "))
	}
	address, err := target()
	if err != nil {
		return nil, err
	}
	conn, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return nil, ErrRefused // its listener has just closed
	}
	return conn, nil
}

func (p *Proxy) hosts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var hosts []string
	for host := range p.routes {
		hosts = append(hosts, host)
	}
	slices.Sort(hosts)
	return hosts
}

// run copies until either side has ended. What the client sent early was
// buffered; from then on the kernel can copy.
func (t *tunnel) run(early *bufio.Reader) {
	var once sync.WaitGroup
	once.Add(1)
	go func() {
		defer once.Done()
		if _, err := io.CopyN(t.peer, early, int64(early.Buffered())); err != nil {
			return
		}
		_, _ = io.Copy(t.peer, t.client)
		_ = t.peer.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(t.client, t.peer)
	t.close()
	once.Wait()
}

func (t *tunnel) close() {
	_ = t.client.Close()
	_ = t.peer.Close()
}

// Cut resets every open connection to hostPort.
func (p *Proxy) Cut(hostPort string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for t := range p.tunnels {
		if t.host != strings.ToLower(hostPort) {
			continue
		}
		if tcp, ok := t.client.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, not an orderly end
		}
		t.close()
	}
}

// Close ends the proxy and every connection through it.
func (p *Proxy) Close() error {
	err := p.server.Close()
	<-p.done
	p.mu.Lock()
	for t := range p.tunnels {
		t.close()
	}
	p.mu.Unlock()
	return err
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
