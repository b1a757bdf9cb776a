package vsphere

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// query is what is asked of a vCenter, as it was when a page was drawn.
type query struct {
	server, thumbprint string
	insecure           bool
	datacenter         string
	login              int
}

func (q query) String() string {
	return fmt.Sprintf("%s|%s|%t|%s|%d", q.server, q.thumbprint, q.insecure, q.datacenter, q.login)
}

// query is what the answers so far ask of the vCenter.
func (s *site) query() query {
	d := s.datacenter()
	return query{server: d.Server, thumbprint: d.Thumbprint, insecure: d.Insecure, datacenter: d.Datacenter, login: s.logins}
}

// fresh is how long an answer of the vCenter is taken for true.
const fresh = time.Minute

// lookups ask for something once for all fields that want it. They are safe
// for concurrent use.
type lookups[T any] struct {
	now   func() time.Time
	key   func(query) string
	mu    sync.Mutex
	known map[string]*lookup[T]
}

// lookup is one question: it ends when nobody waits for it any more.
type lookup[T any] struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int
	// These are set before done is closed.
	at    time.Time
	value T
	err   error
}

func newLookups[T any](now func() time.Time, key func(query) string) *lookups[T] {
	return &lookups[T]{now: now, key: key, known: map[string]*lookup[T]{}}
}

// get is the answer to a query, from ask where it is not known yet.
func (l *lookups[T]) get(ctx context.Context, q query, ask func(context.Context) (T, error)) (T, error) {
	one := l.join(ctx, l.key(q), ask)
	select {
	case <-one.done:
		return one.value, one.err
	case <-ctx.Done():
		l.leave(l.key(q), one)
		var none T
		return none, fmt.Errorf("asking the vCenter was stopped: %w", context.Cause(ctx))
	}
}

// join takes part in a question, and asks it where nobody does. Errors are
// asked for anew.
func (l *lookups[T]) join(ctx context.Context, key string, ask func(context.Context) (T, error)) *lookup[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one := l.known[key]; one != nil {
		if !one.answered() {
			one.waiting++
			return one
		}
		if one.err == nil && l.now().Sub(one.at) < fresh {
			return one
		}
	}
	asking, cancel := context.WithCancel(context.WithoutCancel(ctx))
	one := &lookup[T]{done: make(chan struct{}), cancel: cancel, waiting: 1}
	l.known[key] = one
	go func() {
		defer cancel()
		one.value, one.err = ask(asking)
		one.at = l.now()
		close(one.done)
	}()
	return one
}

// leave stops waiting; the last who does ends the question.
func (l *lookups[T]) leave(key string, one *lookup[T]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one.waiting--
	if one.waiting == 0 && !one.answered() {
		one.cancel()
		if l.known[key] == one {
			delete(l.known, key)
		}
	}
}

// peek is the answer where there is one, however old.
func (l *lookups[T]) peek(q query) (T, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one := l.known[l.key(q)]; one != nil && one.answered() && one.err == nil {
		return one.value, true
	}
	var none T
	return none, false
}

func (o *lookup[T]) answered() bool {
	select {
	case <-o.done:
		return true
	default:
		return false
	}
}
