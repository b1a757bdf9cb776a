// Package controlplane is the child process of a bootstrap cluster: etcd,
// kube-apiserver's control plane, the garbage collector and the namespace
// controller, and the controller manager with its webhooks, all on loopback
// over one private folder.
package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	ctrl "sigs.k8s.io/controller-runtime"

	"groundwork.dev/bootstrap/internal/failure"
)

// Garbage collection. With gcPercent alone a heap that begins at 60 MB would
// be collected every 30 MB and take a third of the CPU; ballast, which is never
// touched and takes no memory, counts as part of the heap and so puts a floor
// under the distance between two collections: (heap + ballast) * gcPercent.
const (
	gcPercent   = 50
	ballastSize = 256 << 20
)

// Options say how to run a control plane. The working directory has to be its
// private folder, and standard error its log.
type Options struct {
	// Dir is the folder.
	Dir string
	// MachineSetPreflightChecks is their state at first.
	MachineSetPreflightChecks bool
	// Bare leaves the controllers and their webhooks out: others run them.
	Bare bool
	// Reports takes what the parent is told, Commands gives what it says.
	Reports  io.Writer
	Commands io.Reader
}

// Run runs a control plane until ctx or the commands end. Then it drains: the
// controllers stop, the API server answers what it has accepted, etcd closes
// its files.
func Run(ctx context.Context, o Options) error {
	debug.SetGCPercent(gcPercent)
	ballast := make([]byte, ballastSize)
	defer runtime.KeepAlive(ballast)
	writer := newLogWriter(LogFile, maxLogSize, os.Stderr, os.Stdout)
	log := setUpLogging(writer)
	reports := newReporter(o.Reports)

	ctx, cancel := context.WithCancelCause(ctrl.LoggerInto(ctx, ctrl.Log))
	defer cancel(nil)
	go obey(o.Commands, log, cancel)

	log.Info("the control plane starts", "dir", o.Dir)
	p := &plane{options: o, log: log, logWriter: writer, reports: reports}
	err := p.run(ctx)
	if ctx.Err() != nil {
		log.Info("the control plane has stopped", "why", context.Cause(ctx), "error", err)
		return nil
	}
	log.Error("the control plane ends", "error", err)
	var known *failure.Error
	if errors.As(err, &known) {
		reports.send(Report{Failed: newFailure(known)})
	}
	return err
}

func (p *plane) run(ctx context.Context) (err error) {
	lock, err := waitForPredecessor(ctx, p.options.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()

	running := newTasks(ctx)
	defer func() { err = errors.Join(err, running.stop()) }()
	if err := p.start(running); err != nil {
		if cause := context.Cause(running.ctx); cause != nil && ctx.Err() == nil {
			return cause // what ended by itself, rather than what then failed
		}
		return err
	}
	p.reports.send(Report{Ready: p.apiListener.Addr().String()})
	p.log.Info("the control plane is ready")
	<-running.ctx.Done()
	return context.Cause(running.ctx)
}

// start starts everything and returns when all of it is ready.
func (p *plane) start(running *tasks) error {
	ctx := running.ctx
	if err := p.prepare(); err != nil {
		return err
	}
	if err := p.setUp(ctx, running); err != nil {
		return err
	}
	running.start("API server", p.apiServer.run)
	if err := p.waitAPIServer(ctx); err != nil {
		return fmt.Errorf("wait for the API server: %w", err)
	}
	p.reports.stage(StageAPIServer)
	if !p.options.Bare {
		running.start("controller manager", p.manager.Start)
	}
	collected, err := newCollected(ctx, p.apiServer.loopback())
	if err != nil {
		return err
	}
	running.start("garbage collector", collected.run)
	if err := p.waitCRDs(ctx); err != nil {
		return fmt.Errorf("wait for the CRDs: %w", err)
	}
	p.reports.stage(StageCRDs)
	if p.options.Bare {
		return collected.waitReady(ctx)
	}
	if err := p.webhooks.waitReady(ctx); err != nil {
		return fmt.Errorf("wait for the webhooks: %w", err)
	}
	p.reports.stage(StageWebhooks)
	if err := errors.Join(p.manager.WaitReady(ctx), collected.waitReady(ctx)); err != nil {
		return err
	}
	p.reports.stage(StageControllers)
	return nil
}
