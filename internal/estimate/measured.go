package estimate

import "groundwork.dev/bootstrap/api/v1alpha1"

// The names of the steps whose time follows from the number of machines.
const (
	firstMachine = "control-plane"
	controlPlane = "control-plane-machines"
	workers      = "workers"
)

// benchmark is what was measured once and for all.
type benchmark struct {
	run   run
	basis string
	// machine is what one worker more takes, in seconds. The workers come up
	// at the same time, and share the machine that the tool runs on.
	machine float64
}

// rehearsed is the median of three rehearsals, and the growth from 5 to 503
// machines: docs/benchmarks.md, "A rehearsed create" and "Growth". The network
// plugin is of one rehearsal; steps that are not there took no time to speak of.
var rehearsed = benchmark{
	run: run{
		size: size{controlPlane: 3, workers: 2},
		steps: map[string]float64{
			"preflight": 0.08, "bootstrap-cluster": 0.48, "configuration": 0, "prepare-site": 0.02, "objects": 0.07,
			firstMachine: 2.73, "kubeconfig": 0.01, "network-plugin": 0.1, "worker-objects": 0.02,
			controlPlane: 4.06, workers: 0, "available": 0, "health-checks": 0,
		},
	},
	machine: 0.5,
	basis:   "a rehearsal of 5 machines on 2 cores elsewhere",
}

// overSSH is the median of four creates over SSH, images in place, by a build
// that was not recorded, and the time that a bundle of node files takes for each
// of up to 8 hosts more: docs/benchmarks.md, "Real clusters". It is the last
// resort: the first create that finishes here takes its place.
var overSSH = benchmark{
	run: run{
		size: size{controlPlane: 1, workers: 1},
		steps: map[string]float64{
			"preflight": 2.4, "bootstrap-cluster": 0, "configuration": 0, "prepare-site": 0, "objects": 0.1,
			"worker-objects": 0, firstMachine: 13.1, "kubeconfig": 0, "network-plugin": 1, controlPlane: 18.2,
			workers: 0.6, "available": 0, "network-plugin-healthy": 6.4, "connectivity": 4.9, "health-checks": 0,
		},
	},
	machine: 2,
	basis:   "a cluster of 2 hosts over SSH elsewhere",
}

// measured is what comes nearest to a create of that kind.
func measured(kind string, rehearsal bool) benchmark {
	if rehearsal {
		return rehearsed
	}
	known := overSSH
	if kind != v1alpha1.SSHDatacenterKind {
		// Nothing that installs an operating system was measured.
		known.basis += "; making the machines comes on top"
	}
	return known
}
