// Package session holds what one run of create or delete keeps open: the
// site, real or simulated, and the bootstrap cluster that works on it.
package session

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/bootstrapcluster"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/plan"
	"groundwork.dev/bootstrap/internal/rehearsal"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/providers/kubeadm"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

// BootstrapClusterDir is the bootstrap cluster's folder in the state directory.
const BootstrapClusterDir = "bootstrap-cluster"

// stopGrace is how long the bootstrap cluster has to drain at the end. The
// context of the run may be cancelled by then, so it does not bound it.
const stopGrace = 20 * time.Second

// Options say what to open.
type Options struct {
	Config    *v1alpha1.Config
	Catalogue string // path of an additional release catalogue, or ""
	State     *state.Dir
	// Rehearsal opens a simulated site made from the configuration.
	Rehearsal bool
	Faults    []rehearsal.Fault
	Getenv    func(string) string
	Sink      event.Sink
	Log       *slog.Logger
}

// Session is an open site and its bootstrap cluster. Close it in every case.
type Session struct {
	Plan *plan.Plan
	// Site is the simulated site, nil where the site is real.
	Site *rehearsal.Site

	options  Options
	env      []string // of the bootstrap cluster
	starting chan struct{}
	cancel   context.CancelFunc
	cluster  *bootstrapcluster.Cluster
	err      error

	mu     sync.Mutex
	stages []bootstrapcluster.Stage
}

// Open opens the site, makes the plan, and begins to start the bootstrap
// cluster, which Cluster waits for: preflight need not wait for it.
func Open(ctx context.Context, o Options) (*Session, error) {
	s, err := OpenSite(ctx, o)
	if err == nil {
		s.start(ctx)
	}
	return s, err
}

// OpenSite opens the site and makes the plan, for what needs no bootstrap
// cluster: Cluster must not be called.
func OpenSite(ctx context.Context, o Options) (*Session, error) {
	s := &Session{options: o}
	access, err := s.openSite(ctx)
	if err == nil {
		s.Plan, err = plan.New(o.Config, o.Catalogue, access)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Session) openSite(ctx context.Context) (plan.Access, error) {
	if !s.options.Rehearsal {
		return s.openRealSite(ctx)
	}
	catalogue, err := plan.Catalogue(s.options.Catalogue)
	if err != nil {
		return plan.Access{}, err
	}
	s.Site, err = rehearsal.Start(ctx, rehearsal.Options{
		Config: s.options.Config, Catalogue: catalogue, Dir: s.options.State.Path("site"),
		Faults: s.options.Faults, Log: s.options.Log, OnAction: s.tell,
	})
	if err != nil {
		return plan.Access{}, err
	}
	s.env = s.Site.Env()
	login := s.Site.Credentials()
	return plan.Access{
		Credentials: vcenter.Credentials{Username: login.Username, Password: login.Password},
		// No registry is asked for anything, so that any login will do.
		Registry:   kubeadm.Credentials{Username: login.Username, Password: login.Password},
		Thumbprint: s.Site.Thumbprint(), Proxy: s.Site.Proxy(),
	}, nil
}

// tell warns of a simulated machine that its bootstrap data does not let join:
// nobody could look into its console.
func (s *Session) tell(action rehearsal.Action) {
	if action.Kind == rehearsal.BootFailed {
		s.options.Sink.Emit(event.Event{
			Kind:    event.Warning,
			Message: "the simulated machine " + action.Machine + " can never join: " + action.Detail,
		})
	}
}

// start begins to start the bootstrap cluster in the background.
func (s *Session) start(ctx context.Context) {
	ctx, s.cancel = context.WithCancel(ctx)
	s.starting = make(chan struct{})
	options := bootstrapcluster.Options{
		Dir: s.options.State.Path(BootstrapClusterDir), Log: s.options.Log,
		OnStage: s.passed, Env: s.env,
	}
	go func() {
		defer close(s.starting)
		s.cluster, s.err = bootstrapcluster.Start(ctx, options)
	}()
}

// Cluster waits until the bootstrap cluster is ready.
func (s *Session) Cluster(ctx context.Context) (*bootstrapcluster.Cluster, error) {
	select {
	case <-s.starting:
		return s.cluster, s.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Session) passed(stage bootstrapcluster.Stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stages = append(s.stages, stage)
}

// Stages are the stages that the starts of the bootstrap cluster have passed.
func (s *Session) Stages() []bootstrapcluster.Stage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.stages)
}

// Close stops the bootstrap cluster and the simulated site. Both keep their
// data.
func (s *Session) Close() error {
	var errs []error
	if s.starting != nil {
		s.cancel()
		<-s.starting
		if s.cluster != nil {
			ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
			errs = append(errs, s.cluster.Stop(ctx))
			cancel()
		}
	}
	if s.Site != nil {
		errs = append(errs, s.Site.Close())
	}
	return errors.Join(errs...)
}
