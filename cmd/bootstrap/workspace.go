package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/state"
)

// workspace is the state of one cluster and who wants to work in it.
type workspace struct {
	root      string // --state-dir
	cluster   string
	rehearsal bool
	command   string
}

// open is a locked workspace.
type open struct {
	state *state.Dir
	sink  event.Sink
	log   *slog.Logger
}

// do locks the workspace and runs work in it, with its events on stdout and in
// the log file, bounded by timeout.
func (w workspace) do(c *cobra.Command, format output, timeout time.Duration, work func(context.Context, open) error) error {
	root, err := stateRoot(w.root, w.rehearsal)
	if err != nil {
		return err
	}
	dir, err := state.Open(root, w.cluster)
	if err != nil {
		return err
	}
	lock, err := dir.Lock(w.command)
	if err != nil {
		return err
	}
	defer lock.Release()
	file, err := os.OpenFile(dir.Path(state.LogFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	log := slog.New(slog.NewTextHandler(file, nil))
	// Libraries that print through the standard logger must not reach the
	// terminal; the default logger takes that over too.
	slog.SetDefault(log)
	klog.SetSlogLogger(log)
	sink := event.Tee(console.New(c.OutOrStdout(), console.Format(format)), console.Log(log))

	ctx, cancel := context.WithTimeout(c.Context(), timeout)
	defer cancel()
	err = work(ctx, open{state: dir, sink: sink, log: log})
	if err != nil {
		log.Error("the command failed", "command", w.command, "error", err)
	}
	return resumable(err, w, timeout)
}

// resumable adds to an interruption what to do next.
func resumable(err error, w workspace, timeout time.Duration) error {
	var known *failure.Error
	if err == nil || errors.As(err, &known) && known.Remedy != "" {
		return err
	}
	const again = "run the same command again: it goes on where this run stopped"
	switch failure.ExitCode(err) {
	case failure.Interrupted:
		return &failure.Error{Code: failure.Interrupted, Summary: w.command + " was interrupted", Object: "Cluster " + w.cluster, Remedy: again}
	case failure.TimedOut:
		return &failure.Error{Code: failure.TimedOut, Summary: w.command + " did not finish in " + timeout.String(), Object: "Cluster " + w.cluster, Err: err, Remedy: again}
	}
	return err
}
