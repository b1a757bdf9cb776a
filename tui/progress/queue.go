package progress

import (
	"context"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/event"
)

// The least time between two batches of events. 20 frames a second are as
// many as anybody can read. A serial line of 9600 baud carries 960 bytes a
// second, a dozen lines.
const (
	frame       = time.Second / 20
	serialFrame = time.Second / 2
)

// queueLimit is how many events may wait, in number, before those that later
// ones supersede are dropped: a terminal that was stopped takes none.
const queueLimit = 2048

// queue takes the events of a create from any goroutine and hands them to the
// interface in batches.
type queue struct {
	mu     sync.Mutex
	events []event.Event
	limit  int
	ready  chan struct{}
}

func newQueue() *queue { return &queue{limit: queueLimit, ready: make(chan struct{}, 1)} }

// Emit implements event.Sink. It never waits for the interface.
func (q *queue) Emit(e event.Event) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	q.mu.Lock()
	q.events = append(q.events, e)
	if len(q.events) > q.limit {
		q.events = superseded(q.events)
		// What is left is worth keeping; not to look at it again for every
		// event costs no more than twice its room.
		q.limit = max(queueLimit, 2*len(q.events))
	}
	q.mu.Unlock()
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// superseded is events without those that a later one makes moot: where a
// machine was before, and what was waited for.
func superseded(events []event.Event) []event.Event {
	var kept []event.Event
	machines := map[string]bool{}
	waiting := false
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		switch {
		case e.Kind == event.MachineMoved && e.Machine != nil:
			if machines[e.Machine.Name] {
				continue
			}
			machines[e.Machine.Name] = true
		case e.Kind == event.Waiting:
			if waiting {
				continue
			}
			waiting = true
		}
		kept = append(kept, e)
	}
	for i, j := 0, len(kept)-1; i < j; i, j = i+1, j-1 {
		kept[i], kept[j] = kept[j], kept[i]
	}
	return kept
}

// take is what has come since it was called last.
func (q *queue) take() []event.Event {
	q.mu.Lock()
	defer q.mu.Unlock()
	events := q.events
	q.events, q.limit = nil, queueLimit
	return events
}

// wait waits for events, or until ctx ends.
func (q *queue) wait(ctx context.Context) []event.Event {
	select {
	case <-q.ready:
	case <-ctx.Done():
	}
	return q.take()
}

// next is a tea.Cmd that answers with a batch of events, after at least
// delay.
func (m *Model) next(delay time.Duration) tea.Cmd {
	q, ctx := m.run.queue, m.run.ctx
	wait := func(time.Time) tea.Msg { return batch{q, q.wait(ctx)} }
	if delay == 0 {
		return func() tea.Msg { return wait(time.Time{}) }
	}
	return tea.Tick(delay, wait)
}

// batch are events of a run.
type batch struct {
	from   *queue
	events []event.Event
}
