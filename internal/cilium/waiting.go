package cilium

import (
	"context"
	"errors"
	"fmt"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

const (
	// interval is how often the cluster is looked at.
	interval = 500 * time.Millisecond
	// sayAgain is how often a wait is told again while its cause stays, and
	// sayChanged how often one that keeps changing; as in package progress.
	sayAgain, sayChanged = 5 * time.Second, time.Second
)

// waiting tells what is waited for, without flooding the sink.
type waiting struct {
	sink   event.Sink
	what   string
	since  time.Time
	last   event.Wait // the latest cause, told or not
	told   event.Wait
	toldAt time.Time
}

func (o Options) wait(what string) *waiting {
	return &waiting{sink: o.sink(), what: what, since: time.Now()}
}

// say tells the cause: at once where it has changed, now and then while it
// has not. Of each of ready and of all it says how many there are; both are 0
// where nothing is counted.
func (w *waiting) say(object, lastWord string, ready, all int) {
	w.last = event.Wait{For: w.what, Object: object, Since: w.since, LastWord: lastWord, Ready: ready, Machines: all}
	least := sayAgain
	if w.last != w.told {
		least = sayChanged
	}
	now := time.Now()
	if now.Sub(w.toldAt) < least {
		return
	}
	w.told, w.toldAt = w.last, now
	cause := w.last
	w.sink.Emit(event.Event{
		Time: now, Kind: event.Waiting, Elapsed: now.Sub(w.since).Seconds(), Wait: &cause,
		Message: fmt.Sprintf("waiting for %s on %s", w.what, object),
	})
}

// pause waits for a while, or returns why it should not.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// cutShort is the error of a wait whose context has ended, for its error.
func (w *waiting) cutShort(ended error) error {
	if !errors.Is(ended, context.DeadlineExceeded) {
		return fmt.Errorf("wait for %s: %w", w.what, ended)
	}
	waited := fmt.Sprintf("waited since %s, for %s", w.since.Local().Format(time.TimeOnly), time.Since(w.since).Round(time.Second))
	if w.last.LastWord != "" {
		waited += "; last word: " + w.last.LastWord
	}
	return &failure.Error{
		Code: failure.TimedOut, Summary: "timed out waiting for " + w.what, Object: w.last.Object,
		Remedy: "if the last word names a fault, mend it; then run the same command again: it goes on where this run stopped",
		Err:    fmt.Errorf("%s: %w", waited, context.DeadlineExceeded),
	}
}
