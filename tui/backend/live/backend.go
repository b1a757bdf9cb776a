// Package live is the backend of the real program: it reads and writes the
// state on this machine, and works on sites.
package live

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/estimate"
	"groundwork.dev/bootstrap/internal/plan"
	"groundwork.dev/bootstrap/internal/workspace"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/tui/backend"
)

// Options say where things are.
type Options struct {
	// StateRoot is where all states are; "" is the default place.
	StateRoot string
	// Catalogue is the path of a release catalogue that adds to the built-in
	// one, or "".
	Catalogue string
	// Getenv is the process's environment; nil is os.Getenv.
	Getenv func(string) string
	// Proxy finds the proxy of a request to a vCenter; nil is the
	// environment's.
	Proxy func(*http.Request) (*url.URL, error)
	// Log takes what happens outside any cluster's own log; nil drops it.
	Log *slog.Logger
}

// Backend implements backend.Backend.
type Backend struct {
	options     Options
	environment environment
	catalogue   *releases.Catalogue
	// ctx ends with Close, and everything that runs with it.
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

var _ backend.Backend = (*Backend)(nil)

// New is the backend of this machine. It fails where the release catalogue
// cannot be read. Close it in the end.
func New(o Options) (*Backend, error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	catalogue, err := plan.Catalogue(o.Catalogue)
	if err != nil {
		return nil, err
	}
	b := &Backend{options: o, environment: environment{process: o.Getenv}, catalogue: catalogue}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b, nil
}

// Close stops what still runs and waits until it has kept its state.
func (b *Backend) Close() {
	b.cancel()
	b.running.Wait()
}

// begin is a context that also ends with the backend, and what to call when
// the work with it is done.
func (b *Backend) begin(ctx context.Context) (context.Context, func()) {
	b.running.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(b.ctx, cancel)
	return ctx, func() {
		stop()
		cancel()
		b.running.Done()
	}
}

// Environment implements backend.Backend.
func (b *Backend) Environment() backend.Environment { return &b.environment }

// Versions implements backend.Backend.
func (b *Backend) Versions() []string {
	var minors []string
	for _, r := range slices.Backward(b.catalogue.Releases) {
		minors = append(minors, r.Kubernetes)
	}
	return minors
}

// Estimate implements backend.Backend.
func (b *Backend) Estimate(config *v1alpha1.Config, rehearsal bool) backend.Estimate {
	root, err := workspace.StateRoot(b.options.StateRoot, rehearsal)
	if err != nil {
		root = os.DevNull // holds no state: the benchmarks count
	}
	return backend.Estimate(estimate.Create(root, config, rehearsal))
}
