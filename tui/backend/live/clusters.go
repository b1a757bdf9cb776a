package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"groundwork.dev/bootstrap/internal/create"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/status"
	"groundwork.dev/bootstrap/internal/workflow"
	"groundwork.dev/bootstrap/internal/workspace"
	"groundwork.dev/bootstrap/tui/backend"
)

// Clusters implements backend.Backend. Where the state of one cannot be read,
// the others are returned with the error.
func (b *Backend) Clusters(ctx context.Context) ([]backend.Cluster, error) {
	var clusters []backend.Cluster
	var errs []error
	for _, rehearsal := range []bool{false, true} {
		root, err := workspace.StateRoot(b.options.StateRoot, rehearsal)
		if err != nil {
			return nil, err
		}
		names, err := state.List(root)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			cluster, err := read(root, name)
			switch {
			case errors.Is(err, fs.ErrNotExist): // it was removed meanwhile
			case err != nil:
				errs = append(errs, fmt.Errorf("read the state of %s: %w", name, err))
			default:
				cluster.Rehearsal = rehearsal
				clusters = append(clusters, cluster)
			}
		}
	}
	return clusters, errors.Join(errs...)
}

func read(root, name string) (backend.Cluster, error) {
	dir, err := state.Find(root, name)
	if err != nil {
		return backend.Cluster{}, err
	}
	known, err := status.Read(dir)
	if err != nil {
		return backend.Cluster{}, err
	}
	cluster := backend.Cluster{Cluster: known, LogFile: dir.Path(state.LogFile)}
	// Without a configuration nothing was made at the site, and there is
	// nothing to go on with.
	if _, err := dir.Configuration(); err == nil {
		cluster.Interrupted = known.Running == nil && len(known.Steps) > 0 && !finished(known)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return backend.Cluster{}, err
	}
	return cluster, nil
}

// finished reports whether the last command came to its end. That of a
// deletion removes the state.
func finished(c *status.Cluster) bool {
	if c.Command != create.Command {
		return false
	}
	for _, step := range c.Steps {
		// A step that the last run has not come to again was finished by an
		// earlier one: its last entry says nothing of this run.
		if step.Last != workflow.Finished && step.Last != workflow.Skipped {
			return false
		}
	}
	last := c.Steps[len(c.Steps)-1]
	return last.Step == create.LastStep
}

// Configuration implements backend.Backend.
func (b *Backend) Configuration(_ context.Context, name string, rehearsal bool) ([]byte, error) {
	root, err := workspace.StateRoot(b.options.StateRoot, rehearsal)
	if err != nil {
		return nil, err
	}
	dir, err := state.Find(root, name)
	if err != nil {
		return nil, err
	}
	return dir.Configuration()
}
