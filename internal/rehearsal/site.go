// Package rehearsal is a simulated site made from a configuration file: a
// vCenter that holds what the file names, machines that boot from what they
// are given, and the cluster they form. The very same preflight, controllers
// and workflow run against it as against a real site.
//
// A site keeps its state in a folder, written before any client can see it:
// after a kill at any moment the next Start in that folder is the same site.
package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/rehearsal/proxy"
	"groundwork.dev/bootstrap/internal/rehearsal/store"
	"groundwork.dev/bootstrap/internal/rehearsal/vcenter"
	"groundwork.dev/bootstrap/internal/rehearsal/workload"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/manifests/releases"
)

// apiPort is where a cluster's API server is reached.
const apiPort = "6443"

// Options say what a site is made of.
type Options struct {
	// Config is a vSphere configuration, with its defaults.
	Config *v1alpha1.Config
	// Catalogue names the releases whose templates the site has; nil takes
	// the built-in one.
	Catalogue *releases.Catalogue
	// Dir keeps the site's state, keys included; it is made with mode 0700.
	// One process at a time may use it.
	Dir string
	// Credentials are what the vCenter takes. Without a user name it makes up
	// some and keeps them: Site.Credentials has them.
	Credentials Credentials
	Faults      []Fault
	Log         *slog.Logger
	// OnAction, if set, is called with each action as it happens, from any
	// goroutine. It must not block.
	OnAction func(Action)
}

// Credentials are a user of the vCenter.
type Credentials struct {
	Username string
	Password secret.String
}

// Site is a running simulated site. It is safe for concurrent use.
type Site struct {
	log         *slog.Logger
	credentials Credentials
	certificate certificate
	// vcenterHost and endpoint are the "host:port" that clients use.
	vcenterHost, endpoint string
	kubeVIP               bool
	onAction              func(Action)

	ctx    context.Context // until Close
	cancel context.CancelFunc

	store   *store.Store
	proxy   *proxy.Proxy
	vcenter *vcenter.Server
	cluster *workload.Cluster
	dhcp    *dhcp
	faults  faults
	feeling sync.Mutex // one change of conditions at a time

	mu      sync.Mutex        // guards what follows
	guests  map[string]*guest // by UUID
	powerOn map[string]int    // how many machines of a role had power
	actions []Action
}

// Start makes the site, or takes up the one that Dir holds. It runs until
// Close or the end of ctx.
func Start(ctx context.Context, o Options) (_ *Site, err error) {
	if o.Config.VSphereDatacenter == nil {
		return nil, &failure.Error{
			Code: failure.Usage, Object: "Cluster " + o.Config.Cluster.Name,
			Summary: "only a vSphere site can be simulated yet, and the configuration is for " + o.Config.Cluster.Spec.DatacenterRef.Kind,
			Remedy:  "check the hosts with `bootstrap preflight`; it changes nothing on them",
		}
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the rehearsal's folder: %w", err)
	}
	s := &Site{log: o.Log, onAction: o.OnAction, guests: map[string]*guest{}, powerOn: map[string]int{}, dhcp: newDHCP(o.Config)}
	s.faults.changed = make(chan struct{})
	s.ctx, s.cancel = context.WithCancel(ctx)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	server := o.Config.VSphereDatacenter.Spec.Server
	host, port, splitErr := net.SplitHostPort(server)
	if splitErr != nil {
		host, port = server, "443"
	}
	s.vcenterHost = net.JoinHostPort(host, port)
	cp := o.Config.Cluster.Spec.ControlPlaneConfiguration
	if cp.Endpoint != nil {
		s.endpoint = net.JoinHostPort(cp.Endpoint.Host, apiPort)
	}
	s.kubeVIP = !cp.SkipLoadBalancerDeployment
	if s.store, err = store.Open(filepath.Join(o.Dir, "site.jsonl")); err != nil {
		return nil, err
	}
	if s.credentials, err = credentials(s.store, o.Credentials); err != nil {
		return nil, err
	}
	if s.certificate, err = loadCertificate(o.Dir, host); err != nil {
		return nil, err
	}
	if err := s.start(o); err != nil {
		return nil, err
	}
	return s, nil
}

// start starts the parts, those that take longest side by side, and lets
// clients in when all of them are there.
func (s *Site) start(o Options) error {
	catalogue := o.Catalogue
	if catalogue == nil {
		var err error
		if catalogue, err = releases.Default(); err != nil {
			return err
		}
	}
	machines, err := vcenter.Machines(s.store)
	if err != nil {
		return err
	}
	var hidden bool
	for _, f := range o.Faults {
		hidden = hidden || f.Kind == TemplateMissing
	}
	clusterStarted := make(chan error, 1)
	go func() {
		var err error
		s.cluster, err = workload.New(s.ctx, s.store, s.log)
		clusterStarted <- err
	}()
	s.vcenter, err = vcenter.Start(s.ctx, vcenter.Options{
		Plan:     vcenter.NewPlan(o.Config, catalogue, machines),
		Username: s.credentials.Username, Password: s.credentials.Password,
		Certificate: s.certificate.pair, Dir: o.Dir, Store: s.store, Guests: (*guests)(s), Log: s.log, NoTemplates: hidden,
	})
	if err := errors.Join(err, <-clusterStarted); err != nil {
		return err
	}
	if s.proxy, err = proxy.Start(s.log); err != nil {
		return err
	}
	for _, f := range o.Faults {
		c := s.arm(f)
		if !waits[f.Kind] && f.After == 0 {
			s.begin(c)
		}
	}
	if err := s.resume(machines); err != nil {
		return err
	}
	s.proxy.Route(s.vcenterHost, s.vcenterTarget)
	if s.endpoint != "" {
		s.proxy.Route(s.endpoint, s.clusterTarget)
	}
	return nil
}

// clusterTarget is the cluster's API server for the proxy.
func (s *Site) clusterTarget() (string, error) {
	address, up := s.cluster.Address()
	if !up {
		return "", fmt.Errorf("connect: no route to host")
	}
	return address, nil
}

// ProxyURL is the proxy on loopback that leads to the vCenter and, once its
// first machine is up, to the cluster, under the names that the
// configuration file has for them. It refuses everything else.
func (s *Site) ProxyURL() *url.URL { return s.proxy.URL() }

// Proxy is ProxyURL in the form that http.Transport has it.
func (s *Site) Proxy() func(*http.Request) (*url.URL, error) { return http.ProxyURL(s.proxy.URL()) }

// Env is what a child process needs in its environment to live in the site:
// the proxy, and the certificate it is to trust. A child that trusts
// certificates by thumbprint alone cannot do so through a proxy.
func (s *Site) Env() []string {
	proxy := s.proxy.URL().String()
	return []string{
		"HTTPS_PROXY=" + proxy, "https_proxy=" + proxy,
		// What the user exempts must come here too.
		"NO_PROXY=localhost", "no_proxy=localhost",
		"SSL_CERT_FILE=" + s.certificate.file, "SSL_CERT_DIR=" + filepath.Dir(s.certificate.file),
	}
}

// Thumbprint is the SHA-1 of the vCenter's certificate, as CAPV takes it.
func (s *Site) Thumbprint() string { return s.certificate.thumbprint() }

// Credentials are what the vCenter takes.
func (s *Site) Credentials() Credentials { return s.credentials }

// Close ends the site. Its state stays.
func (s *Site) Close() error {
	s.cancel()
	s.disarm()
	var problems []error
	if s.proxy != nil {
		problems = append(problems, s.proxy.Close())
	}
	if s.vcenter != nil {
		problems = append(problems, s.vcenter.Close())
	}
	s.mu.Lock()
	guests := slices.Collect(maps.Values(s.guests))
	s.mu.Unlock()
	for _, g := range guests {
		g.wait()
	}
	if s.cluster != nil {
		s.cluster.Close()
	}
	if s.store != nil {
		problems = append(problems, s.store.Close())
	}
	return errors.Join(problems...)
}
