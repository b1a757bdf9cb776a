package create

import (
	"context"
	"time"

	"groundwork.dev/bootstrap/internal/cilium"
	"groundwork.dev/bootstrap/internal/progress"
)

// ciliumPatience is how long is waited for Cilium until the machines are looked
// at again: an agent may be ill because its machine is, which health checks
// replace.
const ciliumPatience = 30 * time.Second

// settle waits until every machine is ready and every one of Cilium's agents
// says that it is well, both at the same time. On a cluster that was made
// before, what Cluster API last knew of a machine may be of yesterday; an agent
// that does not answer shows it.
type settle struct{ *installation }

func (*settle) Name() string  { return "network-plugin-healthy" }
func (*settle) Title() string { return "Wait until every node and Cilium are healthy" }

// Done leaves the question to Run, which asks nothing else.
func (*settle) Done(context.Context) (bool, error) { return false, nil }

func (s *settle) Run(ctx context.Context) error {
	o, err := s.cilium()
	if err != nil {
		return err
	}
	for {
		healthy, err := s.ciliumHealthy(ctx, o)
		if err != nil {
			return err
		}
		ready := true
		for _, condition := range []progress.Condition{progress.ControlPlaneReady, progress.WorkersReady} {
			met, err := s.tracker.Met(ctx, condition)
			if err == nil && !met {
				ready, err = false, s.tracker.Wait(ctx, condition)
			}
			if err != nil {
				return err
			}
		}
		if healthy && ready {
			return nil
		}
	}
}

// ciliumHealthy waits for ciliumPatience at most.
func (s *settle) ciliumHealthy(ctx context.Context, o cilium.Options) (bool, error) {
	patience, cancel := context.WithTimeout(ctx, ciliumPatience)
	defer cancel()
	err := cilium.WaitHealthy(patience, o)
	if err != nil && patience.Err() != nil && ctx.Err() == nil {
		return false, nil
	}
	return err == nil, err
}
