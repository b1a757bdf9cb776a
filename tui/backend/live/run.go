package live

import (
	"context"
	"errors"
	"fmt"
	"os"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/create"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/plan"
	"groundwork.dev/bootstrap/internal/preflight"
	"groundwork.dev/bootstrap/internal/progress"
	"groundwork.dev/bootstrap/internal/session"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/workspace"
	"groundwork.dev/bootstrap/tui/backend"
)

// Preflight implements backend.Backend.
func (b *Backend) Preflight(ctx context.Context, config *v1alpha1.Config, rehearsal bool, sink event.Sink) ([]event.Check, error) {
	ctx, done := b.begin(ctx)
	defer done()
	sink = event.Tee(sink, console.Log(b.options.Log.With("cluster", config.Cluster.Name, "rehearsal", rehearsal)))
	if rehearsal {
		return b.rehearsePreflight(ctx, config, sink)
	}
	// What is wrong with the credentials is one of the checks.
	access, _ := plan.AccessFromEnv(b.environment.Getenv, config)
	access.Proxy = b.options.Proxy
	p, err := plan.New(config, b.options.Catalogue, access)
	if err != nil {
		return nil, err
	}
	return preflight.Run(ctx, p.Provider.Checks(), sink)
}

// rehearsePreflight makes the checks of a simulated site of their own: the
// one of a rehearsal that was begun is as its machines have left it.
func (b *Backend) rehearsePreflight(ctx context.Context, config *v1alpha1.Config, sink event.Sink) (checks []event.Check, err error) {
	root, err := os.MkdirTemp("", "groundwork-preflight-") // with mode 0700
	if err != nil {
		return nil, fmt.Errorf("make a folder for the simulated site: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	dir, err := state.Open(root, config.Cluster.Name)
	if err != nil {
		return nil, err
	}
	site, err := session.OpenSite(ctx, session.Options{
		Config: config, Catalogue: b.options.Catalogue, State: dir, Rehearsal: true,
		Getenv: b.environment.Getenv, Sink: sink, Log: b.options.Log,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, site.Close()) }()
	return preflight.Run(ctx, site.Plan.Provider.Checks(), sink)
}

// Create implements backend.Backend.
func (b *Backend) Create(ctx context.Context, request backend.Request, sink event.Sink) (result backend.Result, err error) {
	ctx, done := b.begin(ctx)
	defer done()
	// The cluster's log file, which takes over, is closed in the end.
	defer workspace.LogTo(b.options.Log)
	w := workspace.Workspace{
		Root: b.options.StateRoot, Cluster: request.Config.Cluster.Name, Rehearsal: request.Rehearsal,
		Command: create.Command, Timeout: workspace.DefaultTimeout, Sink: sink,
	}
	err = w.Do(ctx, func(ctx context.Context, open workspace.Open) error {
		report, err := create.Cluster(ctx, create.Options{
			Config: request.Config, Catalogue: b.options.Catalogue, State: open.State, Rehearsal: request.Rehearsal,
			AcceptChanges: request.AcceptChanges, Deadlines: progress.DefaultDeadlines(), CheckConnectivity: true,
			Getenv: b.environment.Getenv, Sink: open.Sink, Log: open.Log,
		})
		if err != nil {
			return err
		}
		open.Sink.Emit(event.Event{Kind: event.Reported, Report: report})
		result = backend.Result{Kubeconfig: report.Kubeconfig, Summary: report.String()}
		return nil
	})
	return result, err
}
