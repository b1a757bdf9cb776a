package controllers

import (
	"context"
	"sync"

	"groundwork.dev/bootstrap/images/bundle"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// bundles shares open bundles between the machines that are being installed
// at once. One that nobody uses is closed, so that the next machine sees what
// is at its location then.
type bundles struct {
	// openBundle is bundle.Open.
	openBundle func(ctx context.Context, location, digest string) (*bundle.Bundle, error)

	mu   sync.Mutex
	open map[infrav1.NodeFiles]*sharedBundle
}

type sharedBundle struct {
	users  int
	ready  chan struct{} // closed when bundle or err is set
	bundle *bundle.Bundle
	err    error
	// stopped is true when who was to open it was stopped, which is no answer
	// to the others.
	stopped bool
}

func newBundles() *bundles {
	return &bundles{openBundle: bundle.Open, open: map[infrav1.NodeFiles]*sharedBundle{}}
}

// get opens the bundle, or shares it with who has; done gives it back. The
// error is bundle.Open's.
func (b *bundles) get(ctx context.Context, files infrav1.NodeFiles) (_ *bundle.Bundle, done func(), err error) {
	for {
		b.mu.Lock()
		shared, there := b.open[files]
		if !there {
			shared = &sharedBundle{ready: make(chan struct{})}
			b.open[files] = shared
		}
		shared.users++
		b.mu.Unlock()
		if !there {
			shared.bundle, shared.err = b.openBundle(ctx, files.Location, files.Digest)
			if shared.err != nil { // the next who asks tries again
				shared.stopped = ctx.Err() != nil
				b.forget(files, shared)
			}
			close(shared.ready)
		}
		select {
		case <-shared.ready:
		case <-ctx.Done():
			b.release(files, shared)
			return nil, nil, context.Cause(ctx)
		}
		switch {
		case shared.err == nil:
			return shared.bundle, func() { b.release(files, shared) }, nil
		case shared.stopped && ctx.Err() == nil:
			b.release(files, shared)
			continue
		}
		b.release(files, shared)
		return nil, nil, shared.err
	}
}

func (b *bundles) forget(files infrav1.NodeFiles, shared *sharedBundle) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open[files] == shared {
		delete(b.open, files)
	}
}

func (b *bundles) release(files infrav1.NodeFiles, shared *sharedBundle) {
	b.mu.Lock()
	shared.users--
	last := shared.users == 0
	if last && b.open[files] == shared {
		delete(b.open, files)
	}
	b.mu.Unlock()
	if !last {
		return
	}
	<-shared.ready
	if shared.bundle != nil {
		_ = shared.bundle.Close() // it was only read
	}
}
