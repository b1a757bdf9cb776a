package controlplane

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// drainTimeout is how long one part may take to stop.
const drainTimeout = 5 * time.Second

// tasks are parts that run side by side and stop in the reverse order of
// their start.
type tasks struct {
	// ctx ends when a part ends that nobody told to.
	ctx     context.Context
	cancel  context.CancelCauseFunc
	running []*task
}

type task struct {
	name   string
	cancel context.CancelFunc
	done   chan error
}

func newTasks(ctx context.Context) *tasks {
	ctx, cancel := context.WithCancelCause(ctx)
	return &tasks{ctx: ctx, cancel: cancel}
}

// start runs a part. Its context does not end with the tasks' own: it is told
// to stop when all that were started after it have stopped.
func (t *tasks) start(name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.ctx))
	part := &task{name: name, cancel: cancel, done: make(chan error, 1)}
	t.running = append(t.running, part)
	go func() {
		err := run(ctx)
		if ctx.Err() == nil {
			t.cancel(fmt.Errorf("the %s ended by itself: %w", name, errors.Join(err, errEnded)))
		}
		part.done <- err
	}()
}

var errEnded = errors.New("it should not have")

// stop stops every part, the last one first. A part that takes too long is
// left behind: the process ends anyway.
func (t *tasks) stop() error {
	var errs []error
	for i := len(t.running) - 1; i >= 0; i-- {
		part := t.running[i]
		part.cancel()
		select {
		case err := <-part.done:
			if err != nil && !errors.Is(err, context.Canceled) {
				errs = append(errs, fmt.Errorf("stop the %s: %w", part.name, err))
			}
		case <-time.After(drainTimeout):
			errs = append(errs, fmt.Errorf("stop the %s: it has not in %v", part.name, drainTimeout))
		}
	}
	t.running = nil
	t.cancel(nil)
	return errors.Join(errs...)
}
