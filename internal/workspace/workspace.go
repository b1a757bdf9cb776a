// Package workspace is the state of one cluster while a command works in it:
// locked, with a log file that takes every event, and bounded in time.
package workspace

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"k8s.io/klog/v2"

	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/state"
)

// DefaultTimeout bounds a whole create or delete; EKS Anywhere waits as long
// for the control plane alone.
const DefaultTimeout = time.Hour

// Workspace is the state of one cluster and who wants to work in it.
type Workspace struct {
	// Root is where all states are; "" is the default place.
	Root      string
	Cluster   string
	Rehearsal bool
	// Command is what is done, as the lock and messages name it: "create
	// cluster".
	Command string
	Timeout time.Duration
	// Sink is where events go beside the log file.
	Sink event.Sink
}

// Open is a locked workspace.
type Open struct {
	State *state.Dir
	// Sink is the workspace's, with the log file.
	Sink event.Sink
	Log  *slog.Logger
}

// Do locks the workspace and runs work in it. The process's default logger
// and klog write to its log file from then on.
func (w Workspace) Do(ctx context.Context, work func(context.Context, Open) error) error {
	root, err := StateRoot(w.Root, w.Rehearsal)
	if err != nil {
		return err
	}
	dir, err := state.Open(root, w.Cluster)
	if err != nil {
		return err
	}
	lock, err := dir.Lock(w.Command)
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
	LogTo(log)

	ctx, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	err = work(ctx, Open{State: dir, Sink: event.Tee(w.Sink, console.Log(log)), Log: log})
	if err != nil {
		log.Error("the command failed", "command", w.Command, "error", err)
	}
	return w.resumable(err)
}

// LogTo makes log the process's: libraries that print through the standard
// logger must not reach the terminal, and the default logger takes that over
// too.
func LogTo(log *slog.Logger) {
	slog.SetDefault(log)
	klog.SetSlogLogger(log)
}

// resumable adds to an interruption what to do next.
func (w Workspace) resumable(err error) error {
	var known *failure.Error
	if err == nil || errors.As(err, &known) && known.Remedy != "" {
		return err
	}
	const again = "run the same command again: it goes on where this run stopped"
	switch failure.ExitCode(err) {
	case failure.Interrupted:
		return &failure.Error{Code: failure.Interrupted, Summary: w.Command + " was interrupted", Object: "Cluster " + w.Cluster, Remedy: again}
	case failure.TimedOut:
		return &failure.Error{Code: failure.TimedOut, Summary: w.Command + " did not finish in " + w.Timeout.String(), Object: "Cluster " + w.Cluster, Err: err, Remedy: again}
	}
	return err
}

// StateRoot is where the states of all clusters are: root, or the default
// place where that is "". The states of rehearsals lie apart, so that a
// rehearsal can never be taken for the cluster itself.
func StateRoot(root string, rehearsal bool) (string, error) {
	if root == "" {
		var err error
		if root, err = state.Root(); err != nil {
			return "", err
		}
	}
	if rehearsal {
		return state.Rehearsals(root), nil
	}
	return root, nil
}
