package rehearsal

import (
	"sync"
	"time"

	"groundwork.dev/bootstrap/internal/rehearsal/proxy"
)

// faults are those that a site was told of and that have not passed.
type faults struct {
	mu     sync.Mutex
	all    []*condition
	clones int
	// changed is closed, and replaced, when one has passed.
	changed chan struct{}
}

// condition is one fault. It is armed until it begins to be felt.
type condition struct {
	Fault
	began bool
	end   *time.Timer
}

// waits are the kinds that are not felt from the beginning, but from an event.
var waits = map[FaultKind]bool{VCenterDown: true, NoAddress: true, NeverJoins: true}

// Inject makes a fault happen from now on.
func (s *Site) Inject(f Fault) {
	c := s.arm(f)
	if f.Kind != NoAddress && f.Kind != NeverJoins && (f.Kind != DatastoreFull || f.After == 0) {
		s.begin(c)
	}
}

// Clear ends every fault.
func (s *Site) Clear() {
	s.faults.mu.Lock()
	all := s.faults.all
	s.faults.mu.Unlock()
	for _, c := range all {
		s.pass(c)
	}
}

// arm notes a fault that begins later.
func (s *Site) arm(f Fault) *condition {
	c := &condition{Fault: f}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.all = append(s.faults.all, c)
	return c
}

// begin makes a fault felt, and sets the time of its end.
func (s *Site) begin(c *condition) {
	s.faults.mu.Lock()
	if c.began {
		s.faults.mu.Unlock()
		return
	}
	c.began = true
	if c.For > 0 {
		c.end = time.AfterFunc(c.For, func() { s.pass(c) })
	}
	s.faults.mu.Unlock()
	s.note(Action{Kind: FaultBegan, Detail: c.Fault.String()})
	s.feel()
}

// pass ends a fault.
func (s *Site) pass(c *condition) {
	s.faults.mu.Lock()
	found := false
	for i, known := range s.faults.all {
		if known == c {
			s.faults.all = append(s.faults.all[:i:i], s.faults.all[i+1:]...)
			found = true
			break
		}
	}
	if c.end != nil {
		c.end.Stop()
	}
	close(s.faults.changed)
	s.faults.changed = make(chan struct{})
	s.faults.mu.Unlock()
	if !found {
		return
	}
	s.note(Action{Kind: FaultEnded, Detail: c.Fault.String()})
	s.feel()
}

// disarm stops the clocks of all faults: the site ends.
func (s *Site) disarm() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for _, c := range s.faults.all {
		if c.end != nil {
			c.end.Stop()
		}
	}
}

// feel makes the vCenter as the faults want it.
func (s *Site) feel() {
	s.feeling.Lock()
	defer s.feeling.Unlock()
	delay := time.Duration(0)
	now := map[FaultKind]bool{}
	s.faults.mu.Lock()
	for _, c := range s.faults.all {
		if c.began {
			now[c.Kind] = true
			delay = max(delay, c.Delay)
		}
	}
	s.faults.mu.Unlock()
	s.vcenter.Delay(delay)
	s.vcenter.RefuseLogins(now[LoginRefused])
	s.vcenter.SetDatastoreFull(now[DatastoreFull])
	if err := s.vcenter.ShowTemplates(s.ctx, !now[TemplateMissing]); err != nil && s.ctx.Err() == nil {
		s.log.Error("the simulated templates cannot be shown or hidden", "error", err)
	}
	if now[VCenterDown] {
		s.proxy.Cut(s.vcenterHost)
	}
}

// vcenterTarget is the vCenter for the proxy.
func (s *Site) vcenterTarget() (string, error) {
	if s.active(VCenterDown) {
		return "", proxy.ErrRefused
	}
	return s.vcenter.Address(), nil
}

// active reports whether a fault of a kind is felt.
func (s *Site) active(kind FaultKind) bool {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for _, c := range s.faults.all {
		if c.Kind == kind && c.began {
			return true
		}
	}
	return false
}

// powered begins the faults that wait for the first machine with power.
func (s *Site) powered() {
	s.faults.mu.Lock()
	all := s.faults.all
	s.faults.mu.Unlock()
	for _, c := range all {
		if c.Kind == VCenterDown {
			s.begin(c)
		}
	}
}

// full counts a clone, and reports whether there is no space for it.
func (s *Site) full() bool {
	s.faults.mu.Lock()
	s.faults.clones++
	var due []*condition
	for _, c := range s.faults.all {
		if c.Kind == DatastoreFull && !c.began && s.faults.clones > c.After {
			due = append(due, c)
		}
	}
	s.faults.mu.Unlock()
	for _, c := range due {
		s.begin(c)
	}
	return s.active(DatastoreFull)
}

// struck returns the fault of a kind that holds a guest back, and a channel
// that is closed when one passes.
func (s *Site) struck(kind FaultKind, g *guest) (*condition, <-chan struct{}) {
	s.faults.mu.Lock()
	var hit *condition
	for _, c := range s.faults.all {
		if c.Kind == kind && c.strikes(g.vm.Name, g.Group(), g.Ordinal) {
			hit = c
			break
		}
	}
	changed := s.faults.changed
	s.faults.mu.Unlock()
	if hit != nil {
		s.begin(hit)
	}
	return hit, changed
}
