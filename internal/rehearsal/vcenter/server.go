// Package vcenter is a simulated vCenter that holds the inventory a
// configuration names, and whose virtual machines survive the death of the
// process that simulates them.
//
// The simulator is govmomi's. This package makes its inventory, closes what
// it leaves open to strangers, and writes every change of a virtual machine to
// a store before any client can see it.
package vcenter

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "github.com/vmware/govmomi/pbm/simulator" // storage policies
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/vpx"
	_ "github.com/vmware/govmomi/vapi/simulator" // tags
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/internal/rehearsal/store"
	"groundwork.dev/bootstrap/internal/secret"
)

// What the simulated vCenter says it is: the last release of vSphere 8.
const (
	version    = "8.0.3"
	apiVersion = "8.0.3.0"
	build      = "24022515"
)

// Options say what a Server is made of.
type Options struct {
	Plan     *Plan
	Username string
	Password secret.String
	// Certificate is shown to clients; it is valid for the vCenter's name.
	Certificate tls.Certificate
	// Dir holds the datastores' files: 5 small ones a machine, worth nothing
	// once the process has ended.
	Dir   string
	Store *store.Store
	// Guests is what runs in the virtual machines.
	Guests Guests
	Log    *slog.Logger
	// NoTemplates leaves the templates out of the inventory, until
	// ShowTemplates.
	NoTemplates bool
}

// Guests is what runs in the virtual machines. Its methods are called from
// the tasks of the vCenter and must not wait for another task.
type Guests interface {
	// HasSpace reports whether a clone finds space on its datastore.
	HasSpace(name string) bool
	// Cloned follows when the new machine can no longer be lost.
	Cloned(VM)
	// PoweringOn gives the addresses that the guest will show, as many as
	// vm has cards; an invalid one stands for a card without an address.
	PoweringOn(VM) []Address
	// PoweredOn follows when neither the power state nor the addresses can
	// be lost any more.
	PoweredOn(VM)
	// PoweredOff follows a machine's power off, Destroyed its end.
	PoweredOff(VM)
	Destroyed(VM)
}

// Server is a running simulated vCenter.
type Server struct {
	opts     Options
	log      *slog.Logger
	service  *simulator.Service
	registry *simulator.Registry
	client   *vim25.Client // in process, without a session
	http     *http.Server
	listener net.Listener
	done     chan struct{}

	// places maps inventory paths to objects, names the other way; templates
	// are apart. Both are complete before the first client comes.
	places map[string]types.ManagedObjectReference
	names  map[types.ManagedObjectReference]string

	identities identities
	tasks      taskLog
	cloning    sync.Mutex // guards pending
	pending    *cloneRequest

	// showing guards hidden and what makes templates and tags.
	showing    sync.Mutex
	hidden     bool
	templates  map[string]types.ManagedObjectReference // by path
	categories map[string]string                       // IDs by name
	tagIDs     map[*Tag]string

	faults sync.Mutex // guards what follows
	delay  time.Duration
	refuse bool
}

// Start makes the inventory, restores the machines in the store and serves
// clients on a loopback port.
func Start(ctx context.Context, o Options) (_ *Server, err error) {
	simulation := simulator.NewContext()
	content := vpx.ServiceContent
	content.About.Version, content.About.ApiVersion, content.About.Build = version, apiVersion, build
	content.About.FullName = "VMware vCenter Server " + version + " build-" + build
	s := &Server{opts: o, log: o.Log, registry: simulation.Map, done: make(chan struct{}),
		places: map[string]types.ManagedObjectReference{}, names: map[types.ManagedObjectReference]string{},
		hidden: o.NoTemplates, templates: map[string]types.ManagedObjectReference{}, categories: map[string]string{}, tagIDs: map[*Tag]string{}}
	s.service = simulator.New(simulator.NewServiceInstance(simulation, content, vpx.RootFolder))
	if s.client, err = vim25.NewClient(ctx, s.service); err != nil {
		return nil, fmt.Errorf("starting the simulated vCenter: %w", err)
	}
	if err := s.serve(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.makeInventory(ctx); err != nil {
		return nil, fmt.Errorf("making the simulated vCenter's inventory: %w", err)
	}
	if err := s.restore(ctx); err != nil {
		return nil, fmt.Errorf("restoring the simulated vCenter's machines: %w", err)
	}
	s.registry.Put(newDesk(s))
	s.registry.AddHandler((*taskHook)(s))
	return s, nil
}

// serve starts the HTTPS server on a loopback port of its own. The server
// that the simulator brings is started, because that registers the endpoints,
// and closed at once: it cannot be put behind the guard.
func (s *Server) serve() error {
	s.service.RegisterEndpoints = true
	s.service.TLS = &tls.Config{Certificates: []tls.Certificate{s.opts.Certificate}, MinVersion: tls.VersionTLS12}
	s.service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword(s.opts.Username, s.opts.Password.Reveal())}
	s.registry.Handler = s.guard
	s.service.NewServer().Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("starting the simulated vCenter: %w", err)
	}
	s.listener = listener
	s.http = &http.Server{
		Handler: s.gate(s.service.ServeMux),
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{s.opts.Certificate}, MinVersion: tls.VersionTLS12,
			// Clients of vSphere open many connections. On loopback a key
			// exchange that withstands quantum computers is half their cost.
			CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256},
		},
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(logWriter{s.log}, "", 0),
	}
	go func() {
		defer close(s.done)
		if err := s.http.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the simulated vCenter stopped", "error", err)
		}
	}()
	return nil
}

// Address is the loopback address that the vCenter listens on.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Close ends every connection and removes the datastores' files.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	return errors.Join(err, os.RemoveAll(s.datastoreDir()))
}

func (s *Server) datastoreDir() string { return filepath.Join(s.opts.Dir, "datastores") }

// trust makes t trust the server's certificate, whatever the address.
func (s *Server) trust(t *http.Transport) {
	roots := x509.NewCertPool()
	roots.AddCert(s.opts.Certificate.Leaf)
	t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	t.Proxy = nil
}

// logWriter turns lines of the standard logger into debug records.
type logWriter struct{ log *slog.Logger }

func (w logWriter) Write(line []byte) (int, error) {
	w.log.Debug(string(line))
	return len(line), nil
}
