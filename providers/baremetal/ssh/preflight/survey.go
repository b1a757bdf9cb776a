package preflight

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

const (
	// hostTimeout bounds all that is asked of one host.
	hostTimeout = time.Minute
	// hostsAtOnce is how many hosts are asked at the same time.
	hostsAtOnce = 64
)

// survey is what the checks of one preflight learn and share.
type survey struct {
	options Options
	cluster *v1alpha1.Cluster
	groups  []demand
	hosts   []v1alpha1.SSHHost // that a group may take

	files   shared[nodeFiles]
	reports shared[[]report]
}

// report is what is known of one host.
type report struct {
	host v1alpha1.SSHHost
	// err is why there are no facts, and check what check it belongs to.
	err      error
	check    string
	facts    node.Facts
	neighbor neighbor
}

// nodeFiles are the bundle's index and digest.
type nodeFiles struct {
	index  bundle.Index
	digest string
	// unreadable are files that are in the index and cannot be opened.
	unreadable []string
}

func newSurvey(o Options) *survey {
	s := &survey{options: o, cluster: o.Config.Cluster, groups: demands(o.Config)}
	s.hosts = selected(o.Config.SSHDatacenter.Spec.Hosts, s.groups)
	return s
}

// shared is a value that the first who wants it gets, for all.
type shared[T any] struct {
	once  sync.Once
	value T
	err   error
}

// get returns the value, or the error of who tried to get it. All checks end
// with the same context, so that whose is used makes no difference.
func (s *shared[T]) get(ctx context.Context, fetch func(context.Context) (T, error)) (T, error) {
	s.once.Do(func() { s.value, s.err = fetch(ctx) })
	return s.value, s.err
}

// ask asks all hosts at the same time, once.
func (s *survey) ask(ctx context.Context) ([]report, error) {
	return s.reports.get(ctx, func(ctx context.Context) ([]report, error) {
		reports := make([]report, len(s.hosts))
		slots := make(chan struct{}, hostsAtOnce)
		var wait sync.WaitGroup
		for i, h := range s.hosts {
			wait.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				reports[i] = s.askHost(ctx, h)
			})
		}
		wait.Wait()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("asking the hosts was stopped: %w", context.Cause(ctx))
		}
		return reports, nil
	})
}

// askHost asks one host.
func (s *survey) askHost(ctx context.Context, h v1alpha1.SSHHost) report {
	ctx, cancel := context.WithTimeout(ctx, hostTimeout)
	defer cancel()
	failed := func(check string, err error) report { return report{host: h, check: check, err: err} }
	target, err := s.options.Target(h)
	if err != nil {
		return failed(CheckLogin, err)
	}
	connection, err := s.options.Dial(ctx, target)
	switch {
	case errors.Is(err, remote.ErrHostKey):
		return failed(CheckHostKeys, err)
	case errors.Is(err, remote.ErrLogin):
		return failed(CheckLogin, err)
	case errors.Is(err, remote.ErrSudo):
		return failed(CheckRoot, err)
	case err != nil:
		return failed(CheckReachable, err)
	}
	defer func() { _ = connection.Close() }() // nothing is under way
	facts, err := s.options.Look(ctx, connection)
	if err != nil {
		return failed(CheckReachable, err)
	}
	r := report{host: h, facts: facts}
	if s.probesEndpoint(h) {
		if r.neighbor, err = lookForNeighbor(ctx, connection, s.endpoint()); err != nil {
			return failed(CheckReachable, err)
		}
	}
	return r
}

// problems are what keeps a host from being a machine of the group, or
// speaks against it.
func (s *survey) problems(ctx context.Context, r report, d demand) []Problem {
	if r.err != nil {
		return []Problem{{Check: r.check, Found: r.err.Error(), Remedy: remedyOf(r.err)}}
	}
	needs := d.needs
	needs.Address = r.host.Address
	// Where the node files cannot be read a check of their own says so.
	if files, err := s.nodeFiles(ctx); err == nil {
		needs.Arch = files.index.Arch
		needs.Binaries, needs.Images = Sizes(files.index, needs.ControlPlane)
	}
	problems := Judge(r.facts, needs)
	if d.needs.ControlPlane {
		problems = append(problems, s.announces(r)...)
	}
	return problems
}
