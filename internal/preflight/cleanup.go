package preflight

import (
	"context"
	"sync"
	"time"
)

// cleanupTimeout bounds what Defer's functions may take together: the person
// is waiting for the result, or for the program to end.
const cleanupTimeout = 5 * time.Second

// Defer has f called when the Run that gave ctx to a check is over, however
// it ended, so that checks can share what must be closed, such as a session.
// f's context lives on after a cancelled run, for at most 5 s. It reports
// false, and keeps nothing, where ctx is not from Run.
func Defer(ctx context.Context, f func(context.Context)) bool {
	c, ok := ctx.Value(cleanupKey{}).(*cleanups)
	if ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.functions = append(c.functions, f)
	}
	return ok
}

type cleanupKey struct{}

type cleanups struct {
	mu        sync.Mutex
	functions []func(context.Context)
}

// withCleanup returns the context that Defer looks for and the function that
// calls everything deferred, the last first.
func withCleanup(ctx context.Context) (context.Context, func()) {
	c := &cleanups{}
	run := func() {
		c.mu.Lock()
		functions := c.functions
		c.mu.Unlock()
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
		defer cancel()
		for i := len(functions) - 1; i >= 0; i-- {
			functions[i](limited)
		}
	}
	return context.WithValue(ctx, cleanupKey{}, c), run
}
