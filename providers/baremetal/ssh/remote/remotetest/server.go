// Package remotetest is an SSH server for tests: it runs the commands it is
// given with the machine's own shell, as the user who runs the test.
package remotetest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/crypto/ssh"

	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// Options shape the server.
type Options struct {
	// User may log in; "" means root, who needs no sudo.
	User string
	// Sudo is what the sudo on the server does; "" for none of our own.
	Sudo Sudo
	// SudoPassword is what SudoAsks and SudoRemembers want.
	SudoPassword string
	// Env is added to the environment of every command: "NAME=value".
	Env []string
	// HostKeys are the server's keys; none for one ed25519 key.
	HostKeys []ssh.Signer
	// Noise is printed on both outputs before every command, as login
	// shells' start-up files do.
	Noise string
	// RefuseKeys refuses every login.
	RefuseKeys bool
}

// Server is a running server.
type Server struct {
	options  Options
	config   *ssh.ServerConfig
	listener net.Listener
	target   remote.Target
	env      []string

	received    atomic.Int64
	connections atomic.Int64
	cutAt       atomic.Int64 // value of received at which connections end; 0 for never

	mu        sync.Mutex
	frozen    chan struct{} // not nil while frozen; closed to thaw
	conns     map[net.Conn]bool
	commands  []string
	processes map[int]bool // groups under way
	idle      *sync.Cond   // processes became empty
}

// Serve starts a server on the loopback interface that ends with the test,
// and returns how it is reached.
func Serve(t testing.TB, o Options) remote.Target { return Start(t, o).Target() }

// Start is Serve for tests that want more of the server.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.User == "" {
		o.User = "root"
	}
	if len(o.HostKeys) == 0 {
		o.HostKeys = []ssh.Signer{NewHostKey(t)}
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	login, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	s := &Server{
		options: o, listener: listener, env: environment(t, o), conns: map[net.Conn]bool{}, processes: map[int]bool{},
		target: remote.Target{
			Name: "host-1", Address: address.IP.String(), Port: address.Port, User: o.User,
			Key:                secret.New(string(pem.EncodeToMemory(block))),
			HostKeyFingerprint: ssh.FingerprintSHA256(o.HostKeys[0].PublicKey()),
		},
	}
	if o.SudoPassword != "" {
		s.target.SudoPassword = secret.New(o.SudoPassword)
	}
	s.idle = sync.NewCond(&s.mu)
	s.config = serverConfig(o, login)
	go s.accept()
	t.Cleanup(s.Close)
	return s
}

// Target is how the server is reached, by its first host key.
func (s *Server) Target() remote.Target { return s.target }

// Received is how many bytes have come from clients, on the wire.
func (s *Server) Received() int64 { return s.received.Load() }

// Connections is how many connections there have been.
func (s *Server) Connections() int { return int(s.connections.Load()) }

// Commands are the command lines that were run, as they would show in a
// process list.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// WaitIdle returns when no command is under way.
func (s *Server) WaitIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.processes) > 0 {
		s.idle.Wait()
	}
}

// CutAfter ends all connections once n more bytes have come, and each new one
// at once, until CutAfter(0) is called.
func (s *Server) CutAfter(n int64) {
	if n == 0 {
		s.cutAt.Store(0)
		return
	}
	s.cutAt.Store(s.received.Load() + n)
}

// Freeze makes the server silent without ending a connection, as a host does
// that loses its power, until Thaw.
func (s *Server) Freeze() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frozen == nil {
		s.frozen = make(chan struct{})
	}
}

// Thaw ends Freeze.
func (s *Server) Thaw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frozen != nil {
		close(s.frozen)
		s.frozen = nil
	}
}

// Close ends the server, its connections and their commands; the test's end does it too.
func (s *Server) Close() {
	_ = s.listener.Close() // it may be closed already
	s.Thaw()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close()
	}
	for pid := range s.processes {
		_ = syscall.Kill(-pid, syscall.SIGKILL) // it may have just ended
	}
}

// NewHostKey makes an ed25519 key.
func NewHostKey(t testing.TB) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return Signer(t, private)
}

// Signer makes a host key of a private key of any type that ssh knows.
func Signer(t testing.TB, private any) ssh.Signer {
	t.Helper()
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}
