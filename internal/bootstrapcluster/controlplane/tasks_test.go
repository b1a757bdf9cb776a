package controlplane

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestTasksStopInReverse(t *testing.T) {
	running := newTasks(t.Context())
	var mu sync.Mutex
	var stopped []string
	for _, name := range []string{"etcd", "API server", "controllers"} {
		running.start(name, func(ctx context.Context) error {
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			stopped = append(stopped, name)
			return nil
		})
	}
	if err := running.stop(); err != nil {
		t.Error(err)
	}
	if want := []string{"controllers", "API server", "etcd"}; !slices.Equal(stopped, want) {
		t.Errorf("stopped %v, not %v", stopped, want)
	}
}

func TestTaskThatEndsByItselfEndsAll(t *testing.T) {
	running := newTasks(t.Context())
	broken := errors.New("disk full")
	running.start("etcd", func(context.Context) error { return broken })
	<-running.ctx.Done()
	cause := context.Cause(running.ctx)
	if !errors.Is(cause, broken) || !strings.Contains(cause.Error(), "the etcd ended by itself") {
		t.Errorf("the cause is %v", cause)
	}
	if err := running.stop(); !errors.Is(err, broken) {
		t.Errorf("stop says %v", err)
	}
}

func TestTasksOutliveTheirContextUntilTheyAreStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	running := newTasks(ctx)
	told := make(chan struct{})
	running.start("API server", func(ctx context.Context) error {
		<-ctx.Done()
		close(told)
		return nil
	})
	cancel()
	<-running.ctx.Done()
	select {
	case <-told:
		t.Error("it was told to stop at once, while others might need it")
	default:
	}
	if err := running.stop(); err != nil {
		t.Error(err)
	}
	<-told
}
