package workflow

import "time"

// outcome is what the journal knows of a step.
type outcome int

const (
	never outcome = iota // it has not begun
	begun                // it began, and may be half done
	finished
)

// past is what became of each step of command under configuration. What came
// before another command's steps does not count: that command may have undone
// it.
func (j *Journal) past(command, configuration string) map[string]outcome {
	outcomes := map[string]outcome{}
	for _, e := range j.Entries() {
		if e.Command != command {
			clear(outcomes)
			continue
		}
		switch e.State {
		case Finished, Skipped:
			outcomes[e.Step] = finished
			if e.Configuration != configuration {
				outcomes[e.Step] = begun
			}
		case Started, Failed:
			outcomes[e.Step] = begun
		case Undone:
			outcomes[e.Step] = never
		case Interrupted:
			// The entry before it says how far the step had got.
		}
	}
	return outcomes
}

// begun is the set of steps of command that began and were not undone since.
func (j *Journal) begun(command string) map[string]bool {
	steps := map[string]bool{}
	for _, e := range j.Entries() {
		if e.Command != command {
			continue
		}
		switch e.State {
		case Started, Finished, Skipped:
			steps[e.Step] = true
		case Undone:
			delete(steps, e.Step)
		case Failed, Interrupted:
		}
	}
	return steps
}

// Attempt is what all runs of a command together spent on one step.
type Attempt struct {
	Step  string `json:"step"`
	Title string `json:"title"`
	// Begun is when the step was first run.
	Begun time.Time `json:"begun"`
	// Seconds is the time over every run. A try that ended in a kill adds
	// nothing: when it ended is not known.
	Seconds float64 `json:"seconds"`
	// Tries is how often the step was run.
	Tries int `json:"tries"`
	// Last is how the last try ended; Started for one that goes on or was
	// killed, Skipped for one that a later run found done.
	Last State `json:"last"`
	// Error is the error of the last try, if it failed.
	Error string `json:"error,omitempty"`
}

// Attempts sums up the entries of command by step, in the order in which the
// steps first began. Steps that were only ever skipped are left out.
func Attempts(entries []Entry, command string) []Attempt {
	var attempts []Attempt
	at := map[string]int{}
	for _, e := range entries {
		if e.Command != command {
			continue
		}
		i, known := at[e.Step]
		if !known {
			if e.State != Started {
				continue
			}
			i = len(attempts)
			at[e.Step] = i
			attempts = append(attempts, Attempt{Step: e.Step, Title: e.Title, Begun: e.Time})
		}
		a := &attempts[i]
		if e.State == Started {
			a.Tries++
		}
		if e.State != Undone {
			a.Seconds += e.Seconds
		}
		a.Last, a.Error = e.State, e.Error
	}
	return attempts
}
