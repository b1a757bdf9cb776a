package cilium

import (
	"context"
	"fmt"
	"slices"
	"time"

	"groundwork.dev/bootstrap/internal/cilium/pods"
)

// WaitHealthy waits until every node's agent says that it is well and an
// operator is available. What it waits for, and what the agents or their pods
// last said, goes to the sink as Waiting events. Where it can never come true
// by itself, because an image is not there or Cilium crashes again and again,
// it fails early with a *failure.Error.
func WaitHealthy(ctx context.Context, o Options) error {
	c, err := o.connect()
	if err != nil {
		return err
	}
	return o.waitHealthy(ctx, c, c.exec)
}

func (o Options) waitHealthy(ctx context.Context, c *cluster, run executor) error {
	wait := o.wait("Cilium to be healthy")
	var patience pods.Patience
	for {
		w, err := c.look(ctx)
		switch {
		case ctx.Err() != nil:
			return wait.cutShort(ctx.Err())
		case err != nil:
			wait.say("the cluster's API", err.Error(), 0, 0)
		default:
			s := c.status(ctx, w, run, readiness)
			if s.Healthy {
				return nil
			}
			if err := patience.Judge(slices.Concat(w.pods, w.operators), time.Now()); err != nil {
				return err
			}
			object, word := s.first()
			if pod, said := pods.LastWord(ctx, c.clients, w.pods, time.Now()); pod != nil {
				object, word = fmt.Sprintf("Pod %s/%s on node %s", namespace, pod.Name, pod.Spec.NodeName), said
			}
			wait.say(object, word, s.well(), len(s.Agents))
		}
		if err := pause(ctx, interval); err != nil {
			return wait.cutShort(ctx.Err())
		}
	}
}
