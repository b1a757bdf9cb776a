// Package estimate says how long a create is expected to take: from the
// journals of creates that finished on this machine, or else from the figures
// in docs/benchmarks.md.
package estimate

import (
	"fmt"
	"slices"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// Estimate is how long a create is expected to take.
type Estimate struct {
	Total time.Duration
	// Steps are the expected durations by the step's name.
	Steps map[string]time.Duration
	// Basis says what it was taken from: "the last 3 rehearsals here".
	Basis string
}

// atMost is how many finished creates count, the latest ones: the site and
// the program change.
const atMost = 5

// Create estimates the create of a cluster. root is where the states of the
// clusters of its kind are, that is of rehearsals or of real ones. States that
// cannot be read count for nothing: an estimate is no reason to stop.
func Create(root string, config *v1alpha1.Config, rehearsal bool) Estimate {
	kind, size := config.Cluster.Spec.DatacenterRef.Kind, sizeOf(config)
	known := measured(kind, rehearsal)
	var runs []run
	for _, r := range finished(root) {
		if r.kind == kind {
			runs = append(runs, r)
		}
	}
	slices.SortFunc(runs, func(a, b run) int { return b.ended.Compare(a.ended) })
	runs = runs[:min(len(runs), atMost)]
	basis := known.basis
	if len(runs) > 0 {
		basis = basisOf(len(runs), rehearsal)
	} else {
		runs = []run{known.run}
	}

	estimates := map[string][]float64{}
	for _, r := range runs {
		for step, seconds := range r.scaled(size, known.machine) {
			estimates[step] = append(estimates[step], seconds)
		}
	}
	// A step that those runs left out takes what it takes elsewhere.
	for step, seconds := range known.run.scaled(size, known.machine) {
		if estimates[step] == nil {
			estimates[step] = []float64{seconds}
		}
	}
	e := Estimate{Steps: map[string]time.Duration{}, Basis: basis}
	for step, seconds := range estimates {
		e.Steps[step] = time.Duration(median(seconds) * float64(time.Second))
		e.Total += e.Steps[step]
	}
	return e
}

func basisOf(runs int, rehearsal bool) string {
	what := "create"
	if rehearsal {
		what = "rehearsal"
	}
	if runs == 1 {
		return "the last " + what + " here"
	}
	return fmt.Sprintf("the last %d %ss here", runs, what)
}

// size is how many machines a cluster has.
type size struct{ controlPlane, workers int }

func sizeOf(config *v1alpha1.Config) size {
	spec := &config.Cluster.Spec
	s := size{controlPlane: max(1, spec.ControlPlaneConfiguration.Count)}
	for _, group := range spec.WorkerNodeGroupConfigurations {
		switch {
		case group.Count != nil:
			s.workers += *group.Count
		case group.AutoScalingConfiguration != nil:
			s.workers += group.AutoScalingConfiguration.MinCount
		default:
			s.workers++
		}
	}
	return s
}

// median sorts values.
func median(values []float64) float64 {
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}
