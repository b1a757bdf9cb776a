package bootstrapcluster

import (
	"fmt"
	"sync/atomic"
	"syscall"
	"time"

	"groundwork.dev/bootstrap/internal/bootstrapcluster/controlplane"
	"groundwork.dev/bootstrap/internal/failure"
)

const (
	// stopGrace is what a child may take to drain where nobody says.
	stopGrace = 20 * time.Second
	// steady is how long a child has to have been ready for its death not to
	// count as a quick one.
	steady = 10 * time.Second
	// maxQuickDeaths in a row, and there is no further child.
	maxQuickDeaths = 5
	firstBackoff   = 100 * time.Millisecond
	maxBackoff     = 3 * time.Second
)

// supervise starts a child, and another whenever one dies, until it is told
// to stop or there is no point in going on.
func (c *Cluster) supervise() {
	defer close(c.ended)
	backoff := firstBackoff
	for quick := 0; ; {
		end := c.runChild()
		if c.stopping.Err() != nil {
			return
		}
		if end.ready >= steady {
			quick, backoff = 0, firstBackoff
		}
		if quick++; quick >= maxQuickDeaths || end.failed != nil {
			c.giveUp(end, quick)
			return
		}
		c.options.Log.Warn("the bootstrap cluster's process died and is started again",
			"state", end.state, "readyFor", end.ready, "log", c.options.Dir+"/"+LogFile)
		select {
		case <-time.After(backoff):
		case <-c.stopping.Done():
			return
		}
		backoff = min(2*backoff, maxBackoff)
		c.mu.Lock()
		c.restarts++
		c.mu.Unlock()
	}
}

// end is how a child ended.
type end struct {
	state  error
	ready  time.Duration // how long it was ready
	failed *controlplane.Failure
}

// runChild runs one child to its end.
func (c *Cluster) runChild() end {
	c.mu.Lock()
	checks := c.preflightChecks
	c.mu.Unlock()
	p, err := c.startChild(checks)
	if err != nil {
		return end{state: err}
	}
	c.mu.Lock()
	c.child = p
	if c.preflightChecks != checks { // switched in between
		_ = p.tell(c.preflightChecks)
	}
	c.mu.Unlock()

	var readySince atomic.Pointer[time.Time]
	var failed atomic.Pointer[controlplane.Failure]
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		p.follow(func(r controlplane.Report) {
			switch {
			case r.Stage != nil:
				c.options.OnStage(*r.Stage)
			case r.Ready != "":
				now := time.Now()
				readySince.Store(&now)
				c.setReady(r.Ready)
			case r.Failed != nil:
				failed.Store(r.Failed)
			}
		})
	}()
	state := c.await(p)
	<-followed
	c.setUnready()
	_ = p.commands.Close()
	result := end{state: state, failed: failed.Load()}
	if since := readySince.Load(); since != nil {
		result.ready = time.Since(*since)
	}
	return result
}

// await waits for the end of a child, which it brings about when the cluster
// is to stop.
func (c *Cluster) await(p *child) error {
	select {
	case state := <-p.ended:
		return state
	case <-c.stopping.Done():
	}
	p.signal(syscall.SIGTERM)
	select {
	case state := <-p.ended:
		return state
	case <-c.kill:
	case <-time.After(stopGrace):
	}
	p.signal(syscall.SIGKILL)
	return <-p.ended
}

func (c *Cluster) giveUp(e end, quick int) {
	err := &failure.Error{
		Code: failure.Bootstrap, Summary: fmt.Sprintf("the bootstrap cluster's process died %d times in a row", quick),
		Object: c.options.Dir + "/" + LogFile, Remedy: "read the end of its log, then run the same command again: its data is kept",
		Err: fmt.Errorf("%v; the log ends: %s", e.state, lastLines(c.options.Dir)),
	}
	if f := e.failed; f != nil {
		err.Summary, err.Object, err.Remedy, err.Err = f.Summary, f.Object, f.Remedy, nil
		if f.Cause != "" {
			err.Err = fmt.Errorf("%s", f.Cause)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}
