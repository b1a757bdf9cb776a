package vsphere

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestLookups(t *testing.T) {
	var at clock
	asked := 0
	var fails error
	l := newLookups[int](at.Now, query.String)
	get := func(q query) (int, error) {
		return l.get(t.Context(), q, func(context.Context) (int, error) { asked++; return asked, fails })
	}
	q := query{server: server}
	if _, known := l.peek(q); known {
		t.Error("known before it was asked")
	}
	fails = errors.New("down")
	if _, err := get(q); !errors.Is(err, fails) {
		t.Error(err)
	}
	fails = nil
	for range 3 { // an error is no answer, an answer is one
		if n, err := get(q); n != 2 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if n, known := l.peek(q); n != 2 || !known {
		t.Errorf("%d, %t", n, known)
	}
	if n, _ := get(query{server: server, login: 1}); n != 3 {
		t.Errorf("another query: %d", n)
	}
	at.pass(2 * fresh)
	if n, _ := get(q); n != 4 {
		t.Errorf("later: %d", n)
	}
}

// TestLookupsAreShared asks twice at the same time; it ends when nobody waits.
func TestLookupsAreShared(t *testing.T) {
	l := newLookups[int](time.Now, query.String)
	began, ended := make(chan struct{}, 2), make(chan struct{})
	ask := func(ctx context.Context) (int, error) {
		began <- struct{}{}
		<-ctx.Done()
		close(ended)
		return 0, context.Cause(ctx)
	}
	ctx, stop := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		_, err := l.get(ctx, query{}, ask)
		result <- err
	}()
	<-began
	second := l.join(t.Context(), query{}.String(), ask)
	stop()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if third := l.join(t.Context(), query{}.String(), ask); third != second {
		t.Fatal("it ended with the first who waited")
	}
	l.leave(query{}.String(), second)
	l.leave(query{}.String(), second)
	<-ended
	<-second.done
	if len(began) > 0 {
		t.Error("it was asked twice")
	}
	if _, known := l.peek(query{}); known {
		t.Error("what was stopped is an answer")
	}
}
