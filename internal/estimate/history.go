package estimate

import (
	"maps"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/create"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/workflow"
)

// run is a create that went from its first step to its last without being
// interrupted.
type run struct {
	kind  string // of the datacenter
	size  size
	steps map[string]float64 // in seconds
	ended time.Time
}

// finished are the creates below root that finished, one for each cluster at
// most.
func finished(root string) []run {
	names, err := state.List(root)
	if err != nil {
		return nil
	}
	var runs []run
	for _, name := range names {
		dir, err := state.Find(root, name)
		if err != nil {
			continue
		}
		text, err := dir.Configuration()
		if err != nil {
			continue
		}
		entries, err := workflow.ReadJournal(dir.Path(state.JournalFile))
		if err != nil {
			continue
		}
		config, _ := v1alpha1.Decode(dir.Path(state.ConfigurationFile), text)
		if r, whole := wholeRun(entries); whole && config.Cluster != nil {
			r.kind, r.size = config.Cluster.Spec.DatacenterRef.Kind, sizeOf(config)
			runs = append(runs, r)
		}
	}
	return runs
}

// wholeRun is the first run of a journal, where it was a create that finished.
// Later ones found the cluster there, or changed it.
func wholeRun(entries []workflow.Entry) (run, bool) {
	r := run{steps: map[string]float64{}}
	for _, e := range entries {
		if e.Run != entries[0].Run || e.Command != create.Command {
			break
		}
		switch e.State {
		case workflow.Finished:
			r.steps[e.Step], r.ended = e.Seconds, e.Time
			if e.Step == create.LastStep {
				return r, true
			}
		case workflow.Started:
		case workflow.Failed, workflow.Skipped, workflow.Undone, workflow.Interrupted:
			return run{}, false
		}
	}
	return run{}, false
}

// scaled is what the steps of r would have taken for a cluster of another
// size. The first machine is always one. Further machines of the control plane
// come up one after the other, workers beside them and beside each other; each
// worker more adds the given seconds.
func (r run) scaled(to size, worker float64) map[string]float64 {
	steps := maps.Clone(r.steps)
	each := steps[firstMachine]
	if more := r.size.controlPlane - 1; more > 0 {
		each = min(each, steps[controlPlane]/float64(more))
	}
	steps[controlPlane] = max(0, steps[controlPlane]+each*float64(to.controlPlane-r.size.controlPlane))
	steps[workers] = max(0, steps[workers]+worker*float64(to.workers-r.size.workers))
	if to.workers > 0 {
		// Beside a short control plane the workers are what is waited for.
		steps[workers] = max(steps[workers], min(each, steps[firstMachine])-steps[controlPlane])
	}
	return steps
}
