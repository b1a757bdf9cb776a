// Package bootstrapcluster runs the temporary cluster that makes the real one:
// a supervised child process of this same program that lives exactly as long
// as its parent and keeps its data for the next run.
package bootstrapcluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"groundwork.dev/bootstrap/internal/bootstrapcluster/controlplane"
)

// Command is the hidden command whose body is Main.
const Command = "control-plane"

// LogFile is the name of the child's log in Options.Dir; the one before it
// has .1 appended.
const LogFile = controlplane.LogFile

// Stage is a point of the child's start that has been passed.
type Stage = controlplane.Stage

// Options say where and how to run a bootstrap cluster.
type Options struct {
	// Dir holds its data, certificates and log. It is made with mode 0700.
	Dir string
	// Executable is this program, started again as
	// EXECUTABLE control-plane --dir DIR; "" means os.Executable.
	Executable string
	// Env is added to the few variables of this process that the child gets:
	// those for proxies, certificates and temporary files.
	Env []string
	// Log tells of the child's restarts; nil means slog.Default.
	Log *slog.Logger
	// OnStage is called for each stage of each start, in one goroutine at a
	// time; nil ignores them.
	OnStage func(Stage)
	// MachineSetPreflightChecks makes MachineSets wait for a stable control
	// plane, as an upgrade wants it and a create does not.
	MachineSetPreflightChecks bool
	// Bare leaves the controllers and their webhooks out, for benchmarks that
	// run others over the same API server.
	Bare bool
}

func (o *Options) complete() error {
	if o.Dir == "" {
		return errors.New("the bootstrap cluster has no folder")
	}
	var err error
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return err
	}
	if o.Executable == "" {
		if o.Executable, err = os.Executable(); err != nil {
			return fmt.Errorf("find this program's own file: %w", err)
		}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.OnStage == nil {
		o.OnStage = func(Stage) {}
	}
	return nil
}

// Start starts the bootstrap cluster over the data in o.Dir, or over none,
// and returns when all of it is ready: etcd, API server, CRDs, webhooks and
// controllers. ctx bounds the start alone; Stop ends the cluster. The error
// is a *failure.Error where another run uses the folder or the child keeps
// dying.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	// The mode is set too: the folder may be there with another one.
	if err := errors.Join(os.MkdirAll(o.Dir, 0o700), os.Chmod(o.Dir, 0o700)); err != nil { //nolint:gosec // a folder needs its x bit
		return nil, fmt.Errorf("make the bootstrap cluster's folder: %w", err)
	}
	lock, err := lockDir(ctx, o.Dir)
	if err != nil {
		return nil, err
	}
	c := newCluster(o, lock)
	go c.supervise()
	if err := c.waitReady(ctx); err != nil {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		return nil, errors.Join(err, c.Stop(stopping))
	}
	if err := c.connect(); err != nil {
		return nil, errors.Join(err, c.Stop(ctx))
	}
	return c, nil
}

// The file descriptors that a child is started with.
const (
	commandsFD = 0
	reportsFD  = 3
)

// Main is the body of the control-plane command. It only works as a child of
// Start: its arguments, open files and working directory are arranged there.
func Main(ctx context.Context, args []string) error {
	o, err := parseArguments(args)
	if err != nil {
		return err
	}
	reports := os.NewFile(reportsFD, "reports")
	if reports == nil {
		return errNotChild
	}
	if _, err := reports.Stat(); err != nil {
		return errNotChild
	}
	o.Reports, o.Commands = io.Writer(reports), os.NewFile(commandsFD, "commands")
	return controlplane.Run(ctx, o)
}

var errNotChild = fmt.Errorf("%s is started by the other commands, not by hand", Command)
