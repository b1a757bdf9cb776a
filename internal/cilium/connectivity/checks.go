package connectivity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"groundwork.dev/bootstrap/internal/event"
)

const (
	// patiently is how long something may take that should work at once: an
	// endpoint just made is known everywhere within a second or two.
	patiently = 30 * time.Second
	// dnsPatiently leaves CoreDNS the time to start: it is one of the last
	// pods of a new cluster to run.
	dnsPatiently = 90 * time.Second
	// atOnce is how many paths of a check are tried at once.
	atOnce = 8
)

// check is one check and how it is made.
type check struct {
	name, want string
	make       func(context.Context) outcome
}

// outcome is what a check found.
type outcome struct {
	result event.CheckResult
	found  string
	remedy string
}

// run makes all checks at once and returns them in their order.
func (s *stage) run(ctx context.Context) ([]event.Check, error) {
	list := []check{
		{"pod to pod", s.between("reach each other"), s.podToPod},
		{"pod to service", s.between("reach each other through services"), s.podToService},
		{"DNS", "pods on every node look up services and reach them by name", s.names},
		{"network policy", "a policy that forbids a path closes it, and the path works without it", s.policyBlocks},
	}
	checks := make([]event.Check, len(list))
	var group sync.WaitGroup
	for i, c := range list {
		group.Go(func() {
			began := time.Now()
			o := c.make(ctx)
			checks[i] = event.Check{
				Name: c.name, Want: c.want, Result: o.result, Found: o.found, Remedy: o.remedy,
				Seconds: time.Since(began).Seconds(),
			}
		})
	}
	group.Wait()
	return checks, ctx.Err()
}

func (s *stage) between(what string) string {
	if len(s.nodes) == 1 {
		return "pods on the only node " + what
	}
	return "pods on different nodes " + what
}

func (s *stage) podToPod(ctx context.Context) outcome {
	return s.paths(ctx, patiently, s.networkRemedy(), func(ctx context.Context, i int) (string, error) {
		to := s.next(i)
		return fmt.Sprintf("%s to a pod on %s (%s)", s.probes[i].node, to.node, to.address),
			s.ask(ctx, s.probes[i], to.address, port, answerIn)
	})
}

func (s *stage) podToService(ctx context.Context) outcome {
	return s.paths(ctx, patiently, s.serviceRemedy(), func(ctx context.Context, i int) (string, error) {
		j := (i + 1) % len(s.probes)
		return fmt.Sprintf("%s to a service (%s) of a pod on %s", s.probes[i].node, s.services[j], s.probes[j].node),
			s.ask(ctx, s.probes[i], s.services[j], servicePort, answerIn)
	})
}

// names reaches the API and the next probe's service by their names.
func (s *stage) names(ctx context.Context) outcome {
	const remedy = "see that CoreDNS runs: kubectl -n kube-system get pods -l k8s-app=kube-dns; where pods reach no service by its address either, mend that first"
	return s.paths(ctx, dnsPatiently, remedy, func(ctx context.Context, i int) (string, error) {
		const api, apiPort = "kubernetes.default.svc", 443
		if err := s.connect(ctx, s.probes[i], api, apiPort); err != nil {
			return fmt.Sprintf("%s to %s", s.probes[i].node, api), err
		}
		name := fmt.Sprintf("%s.%s.svc", s.next(i).name, s.namespace)
		return fmt.Sprintf("%s to %s", s.probes[i].node, name), s.ask(ctx, s.probes[i], name, servicePort, answerIn)
	})
}

// paths tries the path of every probe until it works, for so long at most.
func (s *stage) paths(ctx context.Context, within time.Duration, remedy string, try func(ctx context.Context, i int) (path string, err error)) outcome {
	failed := make([]string, len(s.probes))
	places := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for i := range s.probes {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			var path string
			err := eventually(ctx, within, func() (err error) {
				path, err = try(ctx, i)
				return err
			})
			if err != nil {
				failed[i] = fmt.Sprintf("%s: %v", path, err)
			}
		})
	}
	group.Wait()
	failed = slices.DeleteFunc(failed, func(s string) bool { return s == "" })
	if len(failed) == 0 {
		return outcome{result: event.Passed, found: s.worked()}
	}
	found := strings.Join(failed[:min(3, len(failed))], "; ")
	if more := len(failed) - 3; more > 0 {
		found += fmt.Sprintf("; and %d more", more)
	}
	return outcome{event.Failed, fmt.Sprintf("%d of %d paths fail: %s", len(failed), len(s.probes), found), remedy}
}

func (s *stage) worked() string {
	if len(s.nodes) == 1 {
		return fmt.Sprintf("%d paths work; there is only one node, %s: nothing was tried between nodes", len(s.probes), s.nodes[0])
	}
	return fmt.Sprintf("%d paths between %d nodes work", len(s.probes), len(s.nodes))
}

// eventually tries until it works, for so long at most; at least once.
func eventually(ctx context.Context, within time.Duration, try func() error) error {
	for began := time.Now(); ; {
		err := try()
		if err == nil || time.Since(began) >= within {
			return err
		}
		if stopped := pause(ctx, interval); stopped != nil {
			return err
		}
	}
}
