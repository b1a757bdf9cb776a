package progress

import (
	"context"
	"errors"
	"fmt"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

const (
	// sayAgain is how often a wait is told again while its cause stays.
	sayAgain = 5 * time.Second
	// sayChanged is how often a cause that keeps changing is told.
	sayChanged = time.Second
)

// wait is one Wait.
type wait struct {
	*Tracker
	condition Condition
	since     time.Time

	current event.Wait // what is waited for now
	told    event.Wait
	toldAt  time.Time
}

// poll looks once at what is due. It reports whether the condition is true,
// or why it never comes true.
func (w *wait) poll(ctx context.Context) (met bool, err error) {
	if w.overview.due() {
		if err := w.overview.poll(ctx, w.readOverview); err != nil {
			w.machines.next = w.overview.next
			w.unanswered(ctx, err)
			return false, nil
		}
	}
	finding := w.condition.Check(w.lastView)
	if finding.Met || finding.Failed != nil {
		if w.stale() {
			// Only the table suffers where this fails, not what was found.
			_ = w.machines.poll(ctx, w.refresh)
		}
		return finding.Met, finding.Failed
	}
	if w.machines.due() {
		if err := w.machines.poll(ctx, w.refresh); err != nil {
			w.unanswered(ctx, err)
			return false, nil
		}
		if err := w.hopeless(); err != nil {
			return false, err
		}
	}
	w.say(w.cause(finding))
	w.save(false)
	return false, nil
}

func (w *wait) readOverview(ctx context.Context) (err error) {
	w.lastView, err = w.look(ctx)
	return err
}

// cause is what the wait is most likely waiting for: a site that is not
// ready, else the machine that is furthest behind, else what the condition
// says itself.
func (w *wait) cause(f Finding) event.Wait {
	if word := oneOf(w.site.LastWord, w.lastView.infrastructureWord()); word != "" {
		return event.Wait{Object: objectName("Cluster", w.o.Cluster), LastWord: word}
	}
	w.mu.Lock()
	m, found := w.table.furthestBehind(w.condition)
	w.mu.Unlock()
	if found {
		return event.Wait{Object: "Machine " + w.o.Cluster.Namespace + "/" + m.Name, LastWord: m.LastWord}
	}
	return event.Wait{Object: f.Object, LastWord: f.LastWord}
}

// unanswered tells of an API that did not answer, unless it is we who did not
// wait for the answer.
func (w *wait) unanswered(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	w.table.loseSight()
	w.mu.Unlock()
	w.say(event.Wait{Object: "the bootstrap cluster's API", LastWord: err.Error()})
}

// stale reports whether the table may not show the end that was reached.
func (w *wait) stale() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.machines.due() || w.lastView.Cluster == nil || w.table.unfinished(w.condition)
}

// say tells the sink what is waited for: at once when that has changed, now
// and then while it has not.
func (w *wait) say(cause event.Wait) {
	cause.For, cause.Since = w.condition.String(), w.since
	if w.condition != ClusterDeleted {
		w.mu.Lock()
		cause.Ready, cause.Machines = w.table.count(w.condition)
		w.mu.Unlock()
	}
	w.current = cause
	least := sayAgain
	if cause != w.told {
		least = sayChanged
	}
	now := time.Now()
	if now.Sub(w.toldAt) < least {
		return
	}
	w.told, w.toldAt = cause, now
	w.o.Sink.Emit(event.Event{
		Time: now, Kind: event.Waiting, Elapsed: now.Sub(w.since).Seconds(), Wait: &cause,
		Message: fmt.Sprintf("waiting for %s on %s", cause.For, cause.Object),
	})
}

func (w *wait) end() {
	w.current = event.Wait{}
	w.save(true)
}

// UnmetError is the cause of a wait's failure: what was waited for, on what,
// since when, and the controllers' last word on it.
type UnmetError struct {
	Wait   event.Wait
	Waited time.Duration
	Err    error // the context's
}

// Error implements error.
func (e *UnmetError) Error() string {
	text := fmt.Sprintf("waited since %s, for %s", e.Wait.Since.Local().Format(time.TimeOnly), e.Waited.Round(time.Second))
	if e.Wait.LastWord != "" {
		text += "; last word: " + e.Wait.LastWord
	}
	return text
}

// Unwrap returns the context's error.
func (e *UnmetError) Unwrap() error { return e.Err }

// cutShort is the error of a wait whose context has ended.
func (w *wait) cutShort(ctx context.Context) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("wait for %s: %w", w.condition, ctx.Err())
	}
	current := w.current
	if current.For == "" {
		current = event.Wait{For: w.condition.String(), Object: objectName("Cluster", w.o.Cluster), Since: w.since}
	}
	return &failure.Error{
		Code: failure.TimedOut, Summary: "timed out waiting for " + current.For, Object: current.Object,
		Remedy: "if the last word names a fault, mend it; then run the same command again: it goes on where this run stopped",
		Err:    &UnmetError{Wait: current, Waited: time.Since(w.since), Err: ctx.Err()},
	}
}
