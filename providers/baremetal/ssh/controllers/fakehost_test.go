package controllers_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/controllers"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// fakeHosts are hosts by address.
type fakeHosts struct {
	mu    sync.Mutex
	hosts map[string]*fakeHost
}

func (f *fakeHosts) Connect(_ context.Context, t remote.Target) (controllers.Host, error) {
	f.mu.Lock()
	h := f.hosts[t.Address]
	f.mu.Unlock()
	if h == nil {
		return nil, unreachable(t.Address)
	}
	return h.connect(t)
}

func unreachable(address string) error {
	return &failure.Error{Code: failure.Infrastructure, Summary: "there is no route to the host", Object: address, Err: remote.ErrUnreachable}
}

// fakeHost does what package node does on a host, without one.
type fakeHost struct {
	mu      sync.Mutex
	address string
	changed chan struct{} // closed at each change

	down       bool
	boots      int // how often it was started again; connections end with it
	leftovers  []string
	swap       int64
	owner      node.Owner
	installed  bool
	job        string
	phase      node.Phase
	attempt    int
	boot       int // when the job was started
	holdFiles  bool
	holdJob    bool
	failBoots  int // how many attempts of the bootstrap fail
	failResets bool
	refusals   error // what Install says

	// Counts of what has been done on it.
	installs, bootstraps, resets int
	work                         node.Work
	key                          string
}

func newFakeHost(address string) *fakeHost {
	return &fakeHost{address: address, changed: make(chan struct{})}
}

// set changes the host.
func (h *fakeHost) set(change func(*fakeHost)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(h)
	close(h.changed)
	h.changed = make(chan struct{})
}

// get reads the host.
func (h *fakeHost) get(read func(*fakeHost) bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return read(h)
}

// powerOff and powerOn; a job that ran is interrupted.
func (h *fakeHost) powerOff() { h.set(func(h *fakeHost) { h.down = true; h.boots++ }) }
func (h *fakeHost) powerOn()  { h.set(func(h *fakeHost) { h.down = false }) }

func (h *fakeHost) connect(t remote.Target) (controllers.Host, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		return nil, unreachable(h.address)
	}
	h.key = t.Key.Reveal()
	return &fakeConnection{host: h, boot: h.boots}, nil
}

type fakeConnection struct {
	host *fakeHost
	boot int
}

// over runs f on the host, unless the connection has been lost.
func (c *fakeConnection) over(f func(*fakeHost) error) error {
	c.host.mu.Lock()
	defer c.host.mu.Unlock()
	if c.host.down || c.host.boots != c.boot {
		return &failure.Error{Code: failure.Infrastructure, Summary: "the connection was lost", Object: c.host.address, Err: remote.ErrLost}
	}
	return f(c.host)
}

func (c *fakeConnection) Look(context.Context) (facts node.Facts, err error) {
	err = c.over(func(h *fakeHost) error {
		facts = node.Facts{Hostname: "fake", OSName: "Fake Linux 1", Kernel: "6.1.0", Arch: "amd64", CPUs: 4, Memory: 8 << 30,
			Systemd: true, CgroupV2: true, Addresses: []string{h.address}, Owner: h.owner, Leftovers: h.leftovers, Swap: h.swap}
		return nil
	})
	return facts, err
}

func (c *fakeConnection) Claim(_ context.Context, o node.Owner) error {
	return c.over(func(h *fakeHost) error {
		if h.owner.UID != "" && h.owner.UID != o.UID {
			return fmt.Errorf("%s has the host", h.owner.Machine)
		}
		h.owner = o
		return nil
	})
}

func (c *fakeConnection) Install(ctx context.Context, w node.Work, onProgress func(string, remote.CopyProgress)) error {
	_ = c.over(func(h *fakeHost) error { h.installs++; return nil })
	for {
		var changed chan struct{}
		held := false
		err := c.over(func(h *fakeHost) error {
			changed, held = h.changed, h.holdFiles
			if h.refusals != nil {
				return h.refusals
			}
			if !held {
				h.installed, h.work = true, w
			}
			return nil
		})
		const total = 1204 << 20
		onProgress("copying node files", remote.CopyProgress{Total: total, Present: 4 << 20, Sent: 808 << 20})
		if err != nil || !held {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (c *fakeConnection) Bootstrap(_ context.Context, w node.Work) error {
	return c.over(func(h *fakeHost) error {
		if !h.installed {
			return fmt.Errorf("there are no node files")
		}
		h.bootstraps++
		h.attempt++
		h.work, h.job, h.phase, h.boot = w, "bootstrap", node.PhaseRunning, h.boots
		return nil
	})
}

func (c *fakeConnection) Reset(_ context.Context, o node.Owner) error {
	return c.over(func(h *fakeHost) error {
		if o.UID != h.owner.UID {
			return fmt.Errorf("the host is not that machine's")
		}
		h.resets++
		h.job, h.phase, h.boot = "reset", node.PhaseRunning, h.boots
		return nil
	})
}

// JobStatus says how far the job is and lets it go a step further.
func (c *fakeConnection) JobStatus(context.Context) (s node.Status, err error) {
	err = c.over(func(h *fakeHost) error {
		s = node.Status{Job: h.job, Owner: h.owner, Phase: h.phase, Attempt: h.attempt, Step: "kubeadm join"}
		switch {
		case h.phase == node.PhaseRunning && h.boot != h.boots:
			s.Phase, s.Interrupted = node.PhaseFailed, true
		case h.phase == node.PhaseFailed:
			s.Log = fmt.Sprintf("[preflight] attempt %d\nerror execution phase: connection refused", h.attempt)
		case h.phase != node.PhaseRunning || h.holdJob:
		case h.job == "bootstrap" && h.attempt <= h.failBoots, h.job == "reset" && h.failResets:
			h.phase = node.PhaseFailed
		case h.job == "bootstrap":
			h.phase = node.PhaseDone
		case h.job == "reset":
			h.job, h.phase, h.attempt, h.owner, h.installed, h.leftovers = "", node.PhaseNone, 0, node.Owner{}, false, nil
		}
		return nil
	})
	return s, err
}

func (c *fakeConnection) Close() error { return nil }

// patience bounds what tests wait for, on a machine that is busy with other
// things.
const patience = time.Minute
