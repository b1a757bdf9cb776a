// Package event is the one stream of typed events that the terminal
// interface, plain lines and JSON output all read.
package event

import "time"

// Kind says what an event is about.
type Kind string

// The kinds of event.
const (
	StepStarted  Kind = "step-started"
	StepFinished Kind = "step-finished"
	StepSkipped  Kind = "step-skipped" // its probe found it done already
	StepFailed   Kind = "step-failed"
	StepUndone   Kind = "step-undone"
	Waiting      Kind = "waiting"
	MachineMoved Kind = "machine"
	Checked      Kind = "check"
	Notice       Kind = "notice"
	Warning      Kind = "warning"
	Reported     Kind = "report"
)

// Event is one thing that happened. Only the fields that its kind needs are
// set. No field ever holds a secret.
type Event struct {
	Time time.Time `json:"time"`
	Kind Kind      `json:"kind"`
	// Step is the name of the workflow step that it belongs to.
	Step string `json:"step,omitempty"`
	// Message is one line for a person.
	Message string `json:"message,omitempty"`
	// Elapsed is how long the step, wait or check has taken, in seconds.
	Elapsed float64  `json:"elapsedSeconds,omitempty"`
	Remedy  string   `json:"remedy,omitempty"`
	Wait    *Wait    `json:"wait,omitempty"`
	Machine *Machine `json:"machine,omitempty"`
	Check   *Check   `json:"check,omitempty"`
	Report  any      `json:"report,omitempty"`
}

// Wait names a condition that has not come true yet.
type Wait struct {
	// For is what is waited for: "control plane initialised".
	For string `json:"for"`
	// Object is the object it is waited on: "Cluster eksa-system/demo".
	Object string    `json:"object"`
	Since  time.Time `json:"since"`
	// Ready is how many of the Machines that it takes are ready; both are 0
	// where it takes none.
	Ready    int `json:"ready,omitempty"`
	Machines int `json:"machines,omitempty"`
	// LastWord is what the controllers last reported about it, word for word.
	LastWord string `json:"lastWord,omitempty"`
}

// Stage is how far a machine has got.
type Stage string

// The stages of a machine, in order. Those between bootstrap and joining depend
// on how machines are made.
const (
	StagePending   Stage = "pending"        // no bootstrap data, nothing made yet
	StageBootstrap Stage = "bootstrap data" // its kubeadm data is ready
	StageCopying   Stage = "copying"        // an adopted host gets the node files
	StageInstalled Stage = "installed"      // it has them
	StageCloning   Stage = "cloning"        // the virtual machine is being made
	StageCloned    Stage = "cloned"         // it exists, powered off
	StagePoweredOn Stage = "powered on"
	StageAddressed Stage = "address" // it has an address
	StageJoining   Stage = "joining" // kubeadm is at work
	StageNode      Stage = "node"    // its Node exists
	StageReady     Stage = "ready"   // Node and control plane are healthy
	StageDeleting  Stage = "deleting"
)

// Machine is one row of the machine table.
type Machine struct {
	Name    string `json:"name"`
	Role    string `json:"role"` // control-plane or worker
	Group   string `json:"group,omitempty"`
	Stage   Stage  `json:"stage"`
	Address string `json:"address,omitempty"`
	// LastWord is the controllers' last message about it, word for word.
	LastWord string    `json:"lastWord,omitempty"`
	Since    time.Time `json:"since"` // when it entered the stage
}

// CheckResult is the outcome of a preflight check.
type CheckResult string

// The outcomes of a check.
const (
	Passed  CheckResult = "passed"
	Warned  CheckResult = "warning"
	Failed  CheckResult = "failed"
	Skipped CheckResult = "skipped" // something it depends on failed
)

// Check is one line of the preflight.
type Check struct {
	Name   string      `json:"name"`
	Result CheckResult `json:"result"`
	// Want is what was looked for, Found what there is.
	Want   string `json:"want"`
	Found  string `json:"found,omitempty"`
	Remedy string `json:"remedy,omitempty"`
	// Seconds is how long the check took.
	Seconds float64 `json:"seconds"`
}

// Sink takes events. Implementations are safe for concurrent use.
type Sink interface{ Emit(Event) }

// SinkFunc makes a function a Sink.
type SinkFunc func(Event)

// Emit calls f.
func (f SinkFunc) Emit(e Event) { f(e) }

// Discard drops every event.
var Discard Sink = SinkFunc(func(Event) {})

// Tee sends each event to every sink in turn, stamped with the time where it
// has none.
func Tee(sinks ...Sink) Sink {
	return SinkFunc(func(e Event) {
		if e.Time.IsZero() {
			e.Time = time.Now()
		}
		for _, s := range sinks {
			s.Emit(e)
		}
	})
}
