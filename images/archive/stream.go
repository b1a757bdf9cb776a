package archive

import (
	"context"
	"io"
	"sync"
)

// reader ends with its context.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// counter tells what is read.
type counter struct {
	io.Reader
	n       int64
	onBytes func(int64)
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if n > 0 {
		c.n += int64(n)
		c.onBytes(int64(n))
	}
	return n, err
}

// keyed is a lock for each key.
type keyed struct {
	mu    sync.Mutex
	locks map[string]*sync.Mutex
}

// lock takes the key's lock and returns what gives it back.
func (k *keyed) lock(key string) (unlock func()) {
	k.mu.Lock()
	if k.locks == nil {
		k.locks = map[string]*sync.Mutex{}
	}
	l := k.locks[key]
	if l == nil {
		l = &sync.Mutex{}
		k.locks[key] = l
	}
	k.mu.Unlock()
	l.Lock()
	return l.Unlock
}
