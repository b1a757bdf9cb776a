// Package create is the workflow that makes a cluster from a configuration.
package create

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/progress"
	"groundwork.dev/bootstrap/internal/rehearsal"
	"groundwork.dev/bootstrap/internal/session"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/workflow"
)

// Command is the name of the workflow in the journal and of its run in the
// lock.
const Command = "create cluster"

// LastStep is the name of the step that a finished create ends with.
const LastStep = "health-checks"

// Options are what an install is made of.
type Options struct {
	Config *v1alpha1.Config
	// Catalogue is the path of a release catalogue that adds to the built-in
	// one, or "".
	Catalogue string
	State     *state.Dir
	// Rehearsal makes the cluster on a simulated site.
	Rehearsal bool
	Faults    []rehearsal.Fault
	// AcceptChanges consents to going on with a configuration that differs
	// from the one the interrupted run began with.
	AcceptChanges bool
	Deadlines     progress.Deadlines
	// CheckConnectivity lets pods speak to each other at the end.
	CheckConnectivity bool
	Getenv            func(string) string
	Sink              event.Sink
	Log               *slog.Logger
}

// Cluster makes the cluster, or goes on where an earlier run was interrupted.
// Its errors are *failure.Error. Where nothing was made at the site, nothing
// but the log is left behind.
func Cluster(ctx context.Context, o Options) (*Report, error) {
	resumed, err := prepare(o)
	if err != nil {
		return nil, err
	}
	report, err := install(ctx, o)
	if err != nil && !resumed {
		err = errors.Join(err, forget(o.State))
	}
	return report, err
}

// prepare reports whether an earlier run has made something at the site.
func prepare(o Options) (bool, error) {
	deleting, err := o.State.DeletionBegun()
	if err != nil {
		return false, err
	}
	if deleting {
		return false, &failure.Error{
			Code: failure.Usage, Object: "Cluster " + o.Config.Cluster.Name,
			Summary: "a deletion of this cluster was begun and is not finished",
			Remedy:  "finish it with `bootstrap delete cluster " + o.Config.Cluster.Name + "`, then create the cluster again",
		}
	}
	resumed, err := begun(o.State, o.Config, o.AcceptChanges)
	if err != nil || resumed {
		return resumed, err
	}
	return false, forget(o.State)
}

// forget removes what a run has left that made nothing at the site.
func forget(dir *state.Dir) error {
	_, err := dir.Configuration()
	if errors.Is(err, fs.ErrNotExist) {
		return dir.Clear(state.LogFile)
	}
	return err
}

func install(ctx context.Context, o Options) (report *Report, err error) {
	journal, err := workflow.OpenJournal(o.State.Path(state.JournalFile))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	s, err := session.Open(ctx, session.Options{
		Config: o.Config, Catalogue: o.Catalogue, State: o.State, Rehearsal: o.Rehearsal,
		Faults: o.Faults, Getenv: o.Getenv, Sink: o.Sink, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	run := &installation{Options: o, session: s}
	err = workflow.Run(ctx, workflow.Options{
		Command: Command, Steps: run.steps(), Journal: journal, Sink: o.Sink,
	})
	if err != nil {
		return nil, err
	}
	return run.report(journal), nil
}
