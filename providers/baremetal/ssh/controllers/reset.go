package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
)

// maxResets is how often a reset that fails is started within one job.
const maxResets = 2

// resetFailedError: the host has tried and could not.
type resetFailedError struct{ step, log string }

func (e *resetFailedError) Error() string {
	return withLog(fmt.Sprintf("the reset failed at: %s", e.step), e.log)
}

// reset takes everything of the owner with uid off the host and returns when
// that is done; tell is given what is being done. Where the host does not
// record that owner there is nothing of it, and nothing is done. The error is
// a *resetFailedError where the host answers and cannot be reset.
func reset(ctx context.Context, h Host, uid string, t timing, tell func(message string)) error {
	started := 0
	for {
		status, err := jobStatus(ctx, h, t)
		switch {
		case err != nil:
			return err
		case status.Owner.UID != uid:
			return nil
		case status.Job == resetJob && status.Phase == node.PhaseRunning:
			tell("resetting the host: " + status.Step)
		case status.Job == resetJob && status.Phase == node.PhaseFailed && started >= maxResets:
			return &resetFailedError{status.Step, status.Log}
		default:
			started++
			tell("resetting the host")
			if err := answered(ctx, t, func(ctx context.Context) error { return h.Reset(ctx, status.Owner) }); err != nil {
				return err
			}
		}
		if err := sleep(ctx, t.poll); err != nil {
			return err
		}
	}
}

// The names of jobs on a host, see node.Status.
const (
	bootstrapJob = "bootstrap"
	resetJob     = "reset"
)

// jobStatus is node.JobStatus with a time limit.
func jobStatus(ctx context.Context, h Host, t timing) (status node.Status, err error) {
	err = answered(ctx, t, func(ctx context.Context) error {
		status, err = h.JobStatus(ctx)
		return err
	})
	return status, err
}

// errSilent: the host accepts and does not answer.
var errSilent = errors.New("the host has not answered")

// answered bounds what a host should answer at once: one that accepts and
// never answers is as good as lost.
func answered(ctx context.Context, t timing, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, t.answer, fmt.Errorf("%w for %s", errSilent, t.answer))
	defer cancel()
	return ask(ctx)
}

// sleep waits, or returns ctx's cause.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
