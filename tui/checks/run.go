package checks

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/event"
)

// frameTime is how long the spinner shows one of its glyphs.
const frameTime = 120 * time.Millisecond

// run is one time that the checks are made.
type run struct {
	number int
	active bool
	since  time.Time
	frame  int
	ctx    context.Context
	cancel context.CancelFunc
	// results come from the checks' own goroutines.
	results chan event.Check
}

// Messages of a run. Those of an earlier one are dropped.
type (
	arrived struct {
		run    int
		checks []event.Check
	}
	finished struct {
		run    int
		checks []event.Check
		err    error
	}
	tick struct{ run int }
)

// start makes the checks anew. Those of the last run keep their places.
func (s *Screen) start() tea.Cmd {
	s.run.stop()
	ctx, cancel := context.WithCancel(context.Background())
	s.run = run{
		number: s.run.number + 1, active: true, since: s.env.Now(),
		ctx: ctx, cancel: cancel, results: make(chan event.Check, 16),
	}
	s.err, s.cursor, s.offset = nil, 0, 0
	for i := range s.results {
		s.results[i] = event.Check{Name: s.results[i].Name}
	}
	this, options, site := s.run, s.options, s.backend
	sink := event.SinkFunc(func(e event.Event) {
		if e.Check == nil {
			return
		}
		select {
		case this.results <- *e.Check:
		case <-ctx.Done():
		}
	})
	work := func() tea.Msg {
		checks, err := site.Preflight(ctx, options.Config, options.Rehearsal, sink)
		return finished{this.number, checks, err}
	}
	return tea.Batch(work, this.listen(), this.tick())
}

// stop ends the run; what it still reports is not wanted any more.
func (r *run) stop() {
	r.active = false
	if r.cancel != nil {
		r.cancel()
	}
}

// listen waits for the next results, and takes all that there are.
func (r run) listen() tea.Cmd {
	return func() tea.Msg {
		msg := arrived{run: r.number}
		select {
		case one := <-r.results:
			msg.checks = append(msg.checks, one)
		case <-r.ctx.Done():
			return nil
		}
		for {
			select {
			case one := <-r.results:
				msg.checks = append(msg.checks, one)
			default:
				return msg
			}
		}
	}
}

func (r run) tick() tea.Cmd {
	return tea.Tick(frameTime, func(time.Time) tea.Msg { return tick{r.number} })
}
