package workload

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/version"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
)

// server is the API servers of every control-plane machine behind one
// listener, and their etcd members, which Cluster API reaches by a port
// forward and tells apart by the name it asks a certificate for.
//
// The handlers are Cluster API's. Its own server is not used: it listens on
// every interface and asks clients for no certificate.
type server struct {
	log       *slog.Logger
	api, etcd http.Handler

	mu       sync.RWMutex
	members  map[string]*member // by node
	listener net.Listener       // nil while there is no member
	http     *http.Server
}

// member is the servers of one control-plane machine.
type member struct {
	api, etcd         *tls.Certificate
	clients, etcdCA   *x509.CertPool
	kubernetesVersion string
}

func newServer(log *slog.Logger, api, etcd http.Handler) *server {
	return &server{log: log, api: api, etcd: etcd, members: map[string]*member{}}
}

func (s *server) address() (string, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.listener == nil {
		return "", false
	}
	return s.listener.Addr().String(), true
}

// add starts the servers of a machine, and the listener with the first.
func (s *server) add(b *machine.Boot, n Node, shared machine.Configuration) error {
	host, _, err := net.SplitHostPort(b.Endpoint)
	if err != nil {
		return err
	}
	names := append([]string{host, "localhost", "127.0.0.1", "kubernetes", "kubernetes.default", "kubernetes.default.svc", n.Name}, n.Addresses...)
	m := &member{clients: pool(b.Cluster), etcdCA: pool(b.Etcd), kubernetesVersion: shared.KubernetesVersion}
	if m.api, err = issue(b.Cluster, "kube-apiserver", append(names, shared.CertSANs...)); err != nil {
		return err
	}
	if m.etcd, err = issue(b.Etcd, n.Name, []string{etcdName(n.Name), "localhost", "127.0.0.1"}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members[n.Name] = m
	if s.listener != nil {
		return nil
	}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	s.http = &http.Server{
		Handler:           s.handler(s.listener.Addr().String()),
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: s.configure},
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(logWriter{s.log}, "", 0),
	}
	go func(srv *http.Server, l net.Listener) {
		if err := srv.ServeTLS(l, "", ""); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the simulated API server stopped", "error", err)
		}
	}(s.http, s.listener)
	return nil
}

// remove stops the servers of a machine, and the listener with the last.
func (s *server) remove(node string) {
	s.mu.Lock()
	delete(s.members, node)
	last := len(s.members) == 0
	s.mu.Unlock()
	if last {
		s.stop()
	}
}

func (s *server) stop() {
	s.mu.Lock()
	srv := s.http
	s.http, s.listener = nil, nil
	s.mu.Unlock()
	if srv != nil {
		if err := srv.Close(); err != nil {
			s.log.Debug("closing the simulated API server", "error", err)
		}
	}
}

// anyMember is any of the members; they all show the same objects.
func (s *server) anyMember() *member {
	for _, m := range s.members {
		return m
	}
	return nil
}

// configure chooses certificate and client authority by the name that the
// client asks for.
func (s *server) configure(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	if node, ok := strings.CutPrefix(hello.ServerName, "etcd-"); ok {
		m := s.members[node]
		if m == nil {
			return nil, fmt.Errorf("there is no etcd member on %s", node)
		}
		config.Certificates, config.ClientCAs = []tls.Certificate{*m.etcd}, m.etcdCA
		config.ClientAuth = tls.RequireAndVerifyClientCert
		return config, nil
	}
	m := s.anyMember()
	if m == nil {
		return nil, errors.New("no control-plane machine is up")
	}
	config.Certificates, config.ClientCAs = []tls.Certificate{*m.api}, m.clients
	config.ClientAuth = tls.VerifyClientCertIfGiven
	return config, nil
}

// handler serves clients at address, which the port forward has to come back
// to.
func (s *server) handler(address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = address
		switch path := r.URL.Path; {
		case r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc"):
			s.etcd.ServeHTTP(w, r)
		case path == "/healthz" || path == "/livez" || path == "/readyz":
			_, _ = w.Write([]byte("ok"))
		case path == "/version":
			s.version(w)
		case len(r.TLS.VerifiedChains) == 0: // nobody but holders of a certificate may do anything
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
		default:
			s.api.ServeHTTP(w, r)
		}
	})
}

func (s *server) version(w http.ResponseWriter) {
	s.mu.RLock()
	m := s.anyMember()
	s.mu.RUnlock()
	info := version.Info{Platform: "linux/amd64"}
	if m != nil {
		info.GitVersion = m.kubernetesVersion
		if parts := strings.SplitN(strings.TrimPrefix(m.kubernetesVersion, "v"), ".", 3); len(parts) == 3 {
			info.Major, info.Minor = parts[0], parts[1]
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(info)
}

// logWriter turns lines of the standard logger into debug records.
type logWriter struct{ log *slog.Logger }

func (w logWriter) Write(line []byte) (int, error) {
	w.log.Debug(strings.TrimSpace(string(line)))
	return len(line), nil
}
