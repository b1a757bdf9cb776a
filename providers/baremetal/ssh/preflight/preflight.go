// Package preflight is the checks of hosts that are to become nodes: whether
// they can be reached, are fit, and are nobody's. Every host is asked once,
// all at the same time. A host that is not fit fails the preflight only where
// those that are left are too few; else it is a warning.
package preflight

import (
	"context"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/providers"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/verdict"
)

// The names of the checks.
const (
	CheckNodeFiles    = "node files"
	CheckImages       = "container images in the node files"
	CheckReachable    = "hosts reachable"
	CheckHostKeys     = "host keys"
	CheckLogin        = "login"
	CheckRoot         = "root on the hosts"
	CheckAddresses    = "host addresses"
	CheckMachines     = "hosts are different machines"
	CheckArchitecture = "processors"
	CheckSystem       = "operating systems"
	CheckKernel       = "kernels"
	CheckSystemd      = "systemd and cgroups"
	CheckCommands     = "commands and kernel modules"
	CheckSize         = "CPU and memory of the hosts"
	CheckDisk         = "disk space of the hosts"
	CheckSwap         = "swap"
	CheckClock        = "clocks"
	CheckPorts        = "ports"
	CheckRuntimes     = "other container runtimes"
	CheckLeftovers    = "earlier clusters"
	CheckOwner        = "hosts of other clusters"
	CheckEndpoint     = "control-plane endpoint"
	CheckEnough       = "enough hosts"
)

// Host is a connection to a host; *remote.Client implements it.
type Host interface {
	node.Remote
	Close() error
}

// Options are what the checks work from.
type Options struct {
	// Config has a Cluster, an SSHDatacenter and the SSHMachines that the
	// cluster names.
	Config *v1alpha1.Config
	// Release is that of the cluster's Kubernetes version.
	Release releases.Release
	// Target says how a host is reached. Its error is that of the private
	// key, which cannot be read.
	Target func(v1alpha1.SSHHost) (remote.Target, error)
	// Bundle opens the node files. The checks close what it gives.
	Bundle func(context.Context) (*bundle.Bundle, error)

	// Dial connects to a host; nil is remote.Dial. Its errors are told apart
	// by remote's causes.
	Dial func(context.Context, remote.Target) (Host, error)
	// Look asks a host for its facts; nil is node.Look.
	Look func(context.Context, node.Remote) (node.Facts, error)
	// Answers says whether something answers at the control plane's
	// endpoint, and what; nil is trying to connect from this machine.
	Answers func(ctx context.Context, address string) (string, error)
}

// Checks are the preflight checks of hosts that are reached over SSH. They
// change nothing on the hosts.
func Checks(o Options) []providers.Check {
	if o.Dial == nil {
		o.Dial = func(ctx context.Context, t remote.Target) (Host, error) { return remote.Dial(ctx, t) }
	}
	if o.Look == nil {
		o.Look = node.Look
	}
	if o.Answers == nil {
		o.Answers = answers
	}
	return newSurvey(o).checks()
}

func (s *survey) checks() []providers.Check {
	list := []providers.Check{
		check(CheckNodeFiles, s.checkNodeFiles),
		check(CheckImages, s.checkImages),
	}
	for _, k := range hostChecks {
		list = append(list, check(k.name, func(ctx context.Context, v *verdict.Verdict) error { return s.checkHosts(ctx, v, k) }))
	}
	return append(list,
		check(CheckMachines, s.checkMachines),
		check(CheckEndpoint, s.checkEndpoint),
		check(CheckEnough, s.checkEnough),
	)
}

// check makes a providers.Check. None needs another: what several need they
// share, so that one run tells of everything. v starts out as a pass; an error counts as
// the check's failure.
func check(name string, look func(ctx context.Context, v *verdict.Verdict) error) providers.Check {
	return providers.Check{Name: name, Run: func(ctx context.Context) (event.Check, error) {
		var v verdict.Verdict
		err := look(ctx, &v)
		return v.Result(), err
	}}
}
