package rehearsal

import "time"

// ActionKind is something that happened at the site.
type ActionKind string

// The kinds of action.
const (
	Cloned      ActionKind = "cloned"
	CloneFailed ActionKind = "clone failed"
	PoweredOn   ActionKind = "powered on"
	Addressed   ActionKind = "address"
	// Booted: cloud-init read its bootstrap data; Detail is the role.
	Booted ActionKind = "booted"
	// BootFailed: it can never join; Detail says why.
	BootFailed ActionKind = "boot failed"
	Joined     ActionKind = "joined" // its node exists
	PoweredOff ActionKind = "powered off"
	Destroyed  ActionKind = "destroyed"
	FaultBegan ActionKind = "fault began"
	FaultEnded ActionKind = "fault ended"
)

// Action is something that happened at the site, for the report.
type Action struct {
	Time    time.Time  `json:"time"`
	Kind    ActionKind `json:"kind"`
	Machine string     `json:"machine,omitempty"`
	Detail  string     `json:"detail,omitempty"`
}

// Machine is a virtual machine of the site, as it is now.
type Machine struct {
	Name string `json:"name"`
	// UUID is the BIOS UUID, which its node's provider ID ends with;
	// InstanceUUID the one that the client chose.
	UUID         string `json:"uuid"`
	InstanceUUID string `json:"instanceUUID"`
	Address      string `json:"address,omitempty"`
	PoweredOn    bool   `json:"poweredOn"`
	// Role is init, control-plane or worker, once its bootstrap data is read.
	Role string `json:"role,omitempty"`
	// Node is its node, once it has joined.
	Node string `json:"node,omitempty"`
	// Problem is why it has not joined: what it waits for, or what makes
	// sure that it never will.
	Problem string `json:"problem,omitempty"`
}

// Actions are what has happened since Start, in order.
func (s *Site) Actions() []Action {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Action(nil), s.actions...)
}

// note records an action, and tells who wants to know.
func (s *Site) note(a Action) {
	a.Time = time.Now()
	s.mu.Lock()
	s.actions = append(s.actions, a)
	s.mu.Unlock()
	s.log.Info("rehearsal", "action", string(a.Kind), "machine", a.Machine, "detail", a.Detail)
	if s.onAction != nil {
		s.onAction(a)
	}
}
