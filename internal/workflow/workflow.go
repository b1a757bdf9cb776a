// Package workflow runs the named steps of a command, keeps a journal of
// them, and goes on where an earlier run was interrupted.
package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

// Step is one named step. Running it again must be safe: a kill in its
// middle has the next run run it again.
type Step interface {
	// Name identifies the step in the journal: "control-plane".
	Name() string
	// Title tells a person what it does: "Bring up the control plane".
	Title() string
	Run(context.Context) error
}

// Prober is a step that can tell from the world, rather than from memory,
// whether it is done.
type Prober interface {
	Done(context.Context) (bool, error)
}

// Undoer is a step that can be undone. Undoing what is half done, or undone
// already, must be safe.
type Undoer interface {
	Undo(context.Context) error
}

// Options are what a run is made of.
type Options struct {
	// Command is the command that the steps belong to: "create cluster".
	Command string
	Steps   []Step
	Journal *Journal
	Sink    event.Sink
	// Configuration is the digest of the effective configuration. A step
	// that finished under another one is not taken for finished.
	Configuration string
	// Redact removes secrets from an error's text before it goes into the
	// journal or an event; nil where no error can hold one.
	Redact func(string) string
}

// Run runs the steps in order. A step that the journal says has finished is
// skipped: when its probe confirms it, or when it has none. One that was
// begun and not finished is probed too, and run again where it is not done.
//
// When ctx ends, Run journals the interruption and returns a *failure.Error
// that wraps ctx's error.
func Run(ctx context.Context, o Options) error {
	r, err := newRun(o)
	if err != nil {
		return err
	}
	past := o.Journal.past(o.Command, o.Configuration)
	for _, s := range o.Steps {
		if ctx.Err() != nil {
			return r.interrupted(ctx, s, 0)
		}
		if r.skippable(ctx, s, past[s.Name()]) {
			if err := r.record(s, Skipped, 0, nil); err != nil {
				return err
			}
			continue
		}
		if err := r.perform(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// Undo undoes, in reverse, every step that has begun and can be undone: what
// a step left half done must go too. It stops at the first that fails.
func Undo(ctx context.Context, o Options) error {
	r, err := newRun(o)
	if err != nil {
		return err
	}
	begun := o.Journal.begun(o.Command)
	for _, s := range slices.Backward(o.Steps) {
		undoer, can := s.(Undoer)
		if !can || !begun[s.Name()] {
			continue
		}
		if ctx.Err() != nil {
			return r.interrupted(ctx, s, 0)
		}
		start := time.Now()
		err := undoer.Undo(ctx)
		switch {
		case err == nil:
			err = r.record(s, Undone, time.Since(start), nil)
		case cutShort(ctx, err):
			return r.interrupted(ctx, s, time.Since(start))
		default:
			err = with(fmt.Errorf("undo %s: %w", s.Name(), err), r.record(s, Failed, time.Since(start), err))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// run is one run of a command.
type run struct {
	Options
	id string
}

func newRun(o Options) (*run, error) {
	if o.Sink == nil {
		o.Sink = event.Discard
	}
	if o.Redact == nil {
		o.Redact = func(text string) string { return text }
	}
	seen := map[string]bool{}
	for _, s := range o.Steps {
		if seen[s.Name()] {
			return nil, fmt.Errorf("%s has two steps named %q", o.Command, s.Name())
		}
		seen[s.Name()] = true
	}
	return &run{Options: o, id: runID()}, nil
}

// skippable reports whether s need not run, given what the journal knows.
func (r *run) skippable(ctx context.Context, s Step, past outcome) bool {
	prober, can := s.(Prober)
	if past == never || (!can && past != finished) {
		return false
	}
	if !can {
		return true
	}
	done, err := prober.Done(ctx)
	if err != nil && ctx.Err() == nil {
		// What cannot be seen to be done is done again, which is safe.
		r.Sink.Emit(event.Event{
			Time: time.Now(), Kind: event.Notice, Step: s.Name(),
			Message: r.Redact(fmt.Sprintf("%s: runs again, because whether it is done cannot be seen: %v", s.Title(), err)),
		})
	}
	return done && err == nil
}

// perform runs s between its two entries in the journal.
func (r *run) perform(ctx context.Context, s Step) error {
	if ctx.Err() != nil {
		return r.interrupted(ctx, s, 0)
	}
	if err := r.record(s, Started, 0, nil); err != nil {
		return err
	}
	start := time.Now()
	err := s.Run(ctx)
	took := time.Since(start)
	switch {
	case err == nil:
		return r.record(s, Finished, took, nil)
	case cutShort(ctx, err):
		return r.interrupted(ctx, s, took)
	}
	return with(named(s, err), r.record(s, Failed, took, err))
}

// cutShort reports whether err only says that ctx has ended.
func cutShort(ctx context.Context, err error) bool {
	var told *failure.Error
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || !errors.As(err, &told))
}

// with adds to err, which is not nil, that the journal could not be written.
func with(err, journal error) error {
	if journal == nil {
		return err
	}
	return errors.Join(err, journal)
}

// named says which step failed, unless err says so much that a person can
// act on it.
func named(s Step, err error) error {
	var told *failure.Error
	if errors.As(err, &told) {
		return err
	}
	return fmt.Errorf("%s: %w", s.Title(), err)
}

func (r *run) interrupted(ctx context.Context, s Step, took time.Duration) error {
	e := &failure.Error{
		Code: failure.Interrupted, Summary: fmt.Sprintf("interrupted at the step %q", s.Title()),
		Remedy: "run the same command again: it goes on where this one stopped", Err: ctx.Err(),
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		e.Code, e.Summary = failure.TimedOut, fmt.Sprintf("timed out at the step %q", s.Title())
	}
	return with(e, r.record(s, Interrupted, took, ctx.Err()))
}

// record journals that s has reached state, then tells the sink.
func (r *run) record(s Step, state State, took time.Duration, cause error) error {
	entry := Entry{
		Time: time.Now().UTC(), Run: r.id, Command: r.Command, Step: s.Name(), Title: s.Title(),
		State: state, Seconds: took.Seconds(), Configuration: r.Configuration,
	}
	told := event.Event{
		Time: entry.Time, Kind: kinds[state], Step: s.Name(), Message: s.Title(), Elapsed: entry.Seconds,
	}
	if cause != nil {
		entry.Error = truncate(r.Redact(cause.Error()))
		told.Message += ": " + entry.Error
		told.Remedy = r.Redact(failure.Remedy(cause))
	}
	if state == Interrupted {
		told.Message = s.Title() + ": interrupted"
	}
	if err := r.Journal.append(entry); err != nil {
		return err
	}
	r.Sink.Emit(told)
	return nil
}

// kinds are the events that tell of the states.
var kinds = map[State]event.Kind{
	Started: event.StepStarted, Finished: event.StepFinished, Skipped: event.StepSkipped,
	Failed: event.StepFailed, Interrupted: event.StepFailed, Undone: event.StepUndone,
}

// truncate keeps an error that quotes a whole response from swelling the
// journal.
func truncate(text string) string {
	const limit = 4096 // bytes; an ordinary chain of causes is far below
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + " …"
}
