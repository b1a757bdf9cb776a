package cilium

import (
	"context"
	"errors"
	"fmt"

	"groundwork.dev/bootstrap/internal/cilium/connectivity"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

// CheckConnectivity lets pods on every node speak to the next node's, to a
// service and to DNS, and a policy block them; each is one check. It leaves
// nothing behind. The pods run the agents' image, which every node has. The
// error, a *failure.Error or the context's, is for checks that could not be
// made.
func CheckConnectivity(ctx context.Context, o Options) ([]event.Check, error) {
	c, err := o.connect()
	if err != nil {
		return nil, err
	}
	w, err := c.look(ctx)
	if err != nil {
		return nil, uncheckable(ctx, err)
	}
	if w.daemonSet == nil {
		return nil, &failure.Error{
			Code: failure.AddOns, Summary: "Cilium is not installed", Object: "DaemonSet " + namespace + "/" + agentDaemonSet,
			Remedy: "create the cluster first: bootstrap create cluster -f FILE",
		}
	}
	wait := o.wait("the pods of the connectivity check")
	checks, err := connectivity.Check(ctx, connectivity.Cluster{
		Clients: c.clients, Image: w.agentImage(), Settings: w.settings, Waiting: wait.say, Log: o.log(),
		Run: func(ctx context.Context, namespace, pod string, args ...string) ([]byte, error) {
			return c.exec(ctx, command{namespace: namespace, pod: pod, args: args})
		},
	})
	switch {
	case err == nil:
		return checks, nil
	case errors.Is(err, context.DeadlineExceeded) && len(checks) == 0:
		return nil, wait.cutShort(err)
	}
	return checks, uncheckable(ctx, err)
}

func uncheckable(ctx context.Context, err error) error {
	var known *failure.Error
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("check the connectivity of pods: %w", ctx.Err())
	case errors.As(err, &known):
		return err
	}
	return &failure.Error{
		Code: failure.AddOns, Summary: "the connectivity of pods cannot be checked", Err: err,
		Remedy: "mend what the API server says; `bootstrap cilium status` tells how Cilium is; then run the same command again",
	}
}
