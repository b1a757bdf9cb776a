package progress

import (
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/workflow"
)

// stepState is what became of a step.
type stepState int

const (
	stepRunning stepState = iota
	stepDone
	stepSkipped // it was done already
	stepFailed
	stepUndone
	stepInterrupted
)

// step is one step of the work.
type step struct {
	name, title string
	state       stepState
	begun       time.Time
	took        time.Duration
}

// steps are those that have begun, in order.
type steps struct {
	list []step
	// wait is what the step that runs waits for.
	wait *event.Wait
	// checks are how many the preflight has made, check the last of them.
	checks int
	check  *event.Check
	// bad are the checks that failed or warned.
	bad []event.Check
}

// begin forgets what only an earlier try had to say.
func (s *steps) begin() { s.wait, s.check, s.checks, s.bad = nil, nil, 0, nil }

// current is the step that runs, or nil.
func (s *steps) current() *step {
	for i := range s.list {
		if s.list[i].state == stepRunning {
			return &s.list[i]
		}
	}
	return nil
}

// of is the step of that name, which is added where it is new.
func (s *steps) of(name string) *step {
	for i := range s.list {
		if s.list[i].name == name {
			return &s.list[i]
		}
	}
	s.list = append(s.list, step{name: name})
	return &s.list[len(s.list)-1]
}

// take takes an event in.
func (s *steps) take(e event.Event) {
	switch e.Kind {
	case event.StepStarted:
		at := s.of(e.Step)
		*at = step{name: e.Step, title: e.Message, begun: e.Time}
		s.wait, s.check = nil, nil
	case event.StepFinished, event.StepUndone:
		s.ended(e, endOf[e.Kind])
	case event.StepSkipped:
		at := s.of(e.Step)
		// What an earlier try of this screen has seen says more.
		if at.state != stepDone || at.title == "" {
			at.state, at.title = stepSkipped, e.Message
		}
	case event.StepFailed:
		s.ended(e, stepFailed)
	case event.Waiting:
		s.wait = e.Wait
	case event.Checked:
		if e.Check == nil {
			return
		}
		s.checks++
		s.check = e.Check
		if e.Check.Result == event.Failed || e.Check.Result == event.Warned {
			s.bad = append(s.bad, *e.Check)
		}
	case event.MachineMoved, event.Notice, event.Warning, event.Reported:
	}
}

// endOf are the states that the events end a step with.
var endOf = map[event.Kind]stepState{event.StepFinished: stepDone, event.StepUndone: stepUndone}

func (s *steps) ended(e event.Event, as stepState) {
	at := s.of(e.Step)
	at.state, at.took = as, time.Duration(e.Elapsed*float64(time.Second))
	if at.title == "" || as != stepFailed { // a failure's message goes on with the cause
		at.title = e.Message
	}
	s.wait, s.check = nil, nil
}

// cut ends the step that runs where the work has ended. Where it was stopped,
// that is no failure of the step.
func (s *steps) cut(as phase) {
	for i := range s.list {
		at := &s.list[i]
		if at.state == stepRunning || as == stopped && at.state == stepFailed {
			at.state = stepInterrupted
		}
	}
	s.wait = nil
}

// restore takes what a journal says.
func (s *steps) restore(attempts []workflow.Attempt, running bool) {
	s.list = s.list[:0]
	for i, a := range attempts {
		at := step{name: a.Step, title: a.Title, begun: a.Begun, took: time.Duration(a.Seconds * float64(time.Second))}
		at.state = stateOf[a.Last]
		if a.Last == workflow.Started && (!running || i < len(attempts)-1) {
			at.state = stepInterrupted
		}
		s.list = append(s.list, at)
	}
}

// stateOf are the states that a journal's entries leave a step in.
var stateOf = map[workflow.State]stepState{
	workflow.Started: stepRunning, workflow.Finished: stepDone, workflow.Failed: stepFailed,
	// It was done by an earlier run, whose time counts.
	workflow.Skipped: stepDone,
	workflow.Undone:  stepUndone, workflow.Interrupted: stepInterrupted,
}
