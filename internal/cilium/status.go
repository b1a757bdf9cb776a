package cilium

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"

	"groundwork.dev/bootstrap/internal/failure"
)

// asked is how many agents are asked at once.
const asked = 16

// Status is Cilium's health in a cluster.
type Status struct {
	Healthy bool `json:"healthy"`
	// Version is the agents'; several, with commas, in the middle of an
	// upgrade.
	Version string `json:"version,omitempty"`
	// KubeProxyReplacement and Routing are the agents' too.
	KubeProxyReplacement string   `json:"kubeProxyReplacement,omitempty"`
	Routing              string   `json:"routing,omitempty"`
	Release              *Release `json:"release,omitempty"`
	Operator             Operator `json:"operator"`
	// Agents are ordered by node.
	Agents []Agent `json:"agents"`
	// Problems are those of the whole; an agent's own are with it.
	Problems []string `json:"problems,omitempty"`
}

// Release is Cilium's Helm release.
type Release struct {
	Name     string `json:"name"`
	Revision int    `json:"revision"`
	Status   string `json:"status"`
	Chart    string `json:"chart"` // its version
}

// Operator is Cilium's operator.
type Operator struct {
	Image     string `json:"image,omitempty"`
	Desired   int32  `json:"desired"`
	Available int32  `json:"available"`
	// Problems are why it is not available.
	Problems []string `json:"problems,omitempty"`
}

// ReadStatus asks every agent and looks at the operator and the release. That
// something is not well is no error, but in the status.
func ReadStatus(ctx context.Context, o Options) (Status, error) {
	c, err := o.connect()
	if err != nil {
		return Status{}, err
	}
	h, err := o.newHelm(c)
	if err != nil {
		return Status{}, err
	}
	w, err := c.look(ctx)
	if err != nil {
		return Status{}, unread(ctx, err)
	}
	s := c.status(ctx, w, c.exec, everything)
	last, err := inBackground(ctx, func() (*release.Release, error) { return h.action.Releases.Last(releaseName) })
	switch {
	case errors.Is(err, driver.ErrReleaseNotFound):
	case err != nil:
		return Status{}, unread(ctx, err)
	default:
		s.Release = &Release{Name: last.Name, Revision: last.Version, Status: string(last.Info.Status)}
		if last.Chart != nil && last.Chart.Metadata != nil {
			s.Release.Chart = last.Chart.Metadata.Version
		}
		if last.Info.Status != release.StatusDeployed {
			s.Problems = append(s.Problems, fmt.Sprintf("the Helm release is %s: %s", last.Info.Status, last.Info.Description))
			s.Healthy = false
		}
	}
	return s, nil
}

// unread is the error of a status that could not be read.
func unread(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("read Cilium's status: %w", ctx.Err())
	}
	return &failure.Error{
		Code: failure.AddOns, Summary: "Cilium's status cannot be read", Object: "the cluster's API", Err: err,
		Remedy: "see that the cluster's endpoint answers from this machine, and that the kubeconfig is the cluster's",
	}
}

// depth is how much is asked.
type depth int

const (
	// readiness asks only agents whose pods have come up.
	readiness depth = iota
	// everything asks every agent that runs, also for the nodes it reaches.
	everything
)

// status judges what was seen, and asks the agents.
func (c *cluster) status(ctx context.Context, w world, run executor, d depth) Status {
	s := Status{Operator: w.operatorStatus(), Problems: w.problems()}
	readySince := w.readySince()
	var group errgroup.Group
	group.SetLimit(asked)
	s.Agents = w.agents()
	for i := range s.Agents {
		a := &s.Agents[i]
		pod := w.agentOn(a.Node)
		if pod == nil || !answers(pod, d) {
			continue
		}
		group.Go(func() error {
			c.ask(ctx, run, a, w.settings)
			if d == everything {
				reach(ctx, run, a, readySince)
			}
			return nil
		})
	}
	_ = group.Wait() // what fails is in the status
	s.Healthy = len(s.Problems) == 0 && len(s.Operator.Problems) == 0
	for _, a := range s.Agents {
		s.Healthy = s.Healthy && len(a.Problems) == 0
	}
	s.Version = s.agreed(func(a Agent) string { return a.Version })
	s.KubeProxyReplacement = s.agreed(func(a Agent) string { return a.KubeProxyReplacement })
	s.Routing = s.agreed(func(a Agent) string { return a.Routing })
	return s
}

// agreed is what the agents say, or all that they say where they differ.
func (s Status) agreed(say func(Agent) string) string {
	var said []string
	for _, a := range s.Agents {
		if word := say(a); word != "" {
			said = append(said, word)
		}
	}
	slices.Sort(said)
	return strings.Join(slices.Compact(said), ", ")
}

// first is the first problem and the object that has it.
func (s Status) first() (object, problem string) {
	for _, a := range s.Agents {
		if len(a.Problems) > 0 {
			if a.Pod == "" {
				return "Node " + a.Node, a.Problems[0]
			}
			return fmt.Sprintf("Pod %s/%s on node %s", namespace, a.Pod, a.Node), a.Problems[0]
		}
	}
	if len(s.Operator.Problems) > 0 {
		return "Deployment " + namespace + "/" + operatorName, s.Operator.Problems[0]
	}
	if len(s.Problems) > 0 {
		return "DaemonSet " + namespace + "/" + agentDaemonSet, s.Problems[0]
	}
	return "", ""
}

// well is how many agents have no problem.
func (s Status) well() int {
	n := 0
	for _, a := range s.Agents {
		if len(a.Problems) == 0 {
			n++
		}
	}
	return n
}
