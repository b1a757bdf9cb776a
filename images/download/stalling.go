package download

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Stalling ends responses whose body brings nothing any more, so that a
// connection that has silently gone is noticed.
type Stalling struct {
	Base http.RoundTripper
	// After is how long a body may bring nothing; 0 is a minute.
	After time.Duration
}

// ErrStalled is what reading a body ends with that has brought nothing for
// too long.
var ErrStalled = errors.New("the server has stopped sending")

// RoundTrip implements http.RoundTripper.
func (s Stalling) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	response, err := s.Base.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	body := &watched{
		ReadCloser: response.Body, ctx: ctx, cancel: cancel,
		after: cmp.Or(s.After, time.Minute),
	}
	body.timer = time.AfterFunc(body.after, func() { cancel(ErrStalled) })
	response.Body = body
	return response, nil
}

// watched is a body that is watched.
type watched struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	after  time.Duration
	timer  *time.Timer
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	w.timer.Reset(w.after)
	if err != nil && errors.Is(context.Cause(w.ctx), ErrStalled) {
		err = ErrStalled
	}
	return n, err
}

func (w *watched) Close() error {
	w.timer.Stop()
	w.cancel(nil)
	return w.ReadCloser.Close()
}

// Transport is the one that a Client uses by default: it trusts what the
// system trusts and goes through the environment's proxy. The caller may
// change it.
func Transport() *http.Transport { return standard.Clone() }
