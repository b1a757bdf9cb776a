package tui

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/status"
	"groundwork.dev/bootstrap/tui/backend"
)

// check makes the checks of a site, and asks whether its warnings are
// accepted.
func (l *lines) check(ctx context.Context, config *v1alpha1.Config, rehearsal bool) (accepted bool, err error) {
	checks, err := l.Backend.Preflight(ctx, config, rehearsal, l.sink)
	if err != nil {
		return false, err
	}
	warnings := 0
	for _, check := range checks {
		if check.Result == event.Warned {
			warnings++
		}
	}
	l.ask.Say(fmt.Sprintf("%d checks were made, and none failed.", len(checks)))
	if warnings == 0 {
		return true, nil
	}
	return l.ask.Confirm(ctx, fmt.Sprintf("%d of them warn. Go on all the same", warnings), false)
}

func (l *lines) checkAndCreate(ctx context.Context, config *v1alpha1.Config) error {
	if accepted, err := l.check(ctx, config, false); err != nil || !accepted {
		return err
	}
	return l.create(ctx, backend.Request{Config: config})
}

// create asks once more, and makes the cluster or goes on with it.
func (l *lines) create(ctx context.Context, request backend.Request) error {
	name, what := request.Config.Cluster.Name, "Create the cluster "
	if request.Rehearsal {
		what = "Rehearse the cluster "
	}
	consent, err := l.changes(ctx, request)
	if err != nil {
		return err
	}
	request.AcceptChanges = consent
	if e := l.Backend.Estimate(request.Config, request.Rehearsal); e.Total > 0 {
		l.ask.Say(fmt.Sprintf("It is expected to take %s, going by %s.", roughly(e.Total), e.Basis))
	}
	if yes, err := l.ask.Confirm(ctx, what+name+" now", true); err != nil || !yes {
		return err
	}
	l.ask.Say("Interrupted with control C, it keeps its state and can be gone on with.")
	result, err := l.Backend.Create(ctx, request, l.sink)
	if err != nil {
		return err
	}
	if request.Rehearsal {
		l.ask.Say("The rehearsal has reached its end. Nothing real was touched.")
		return nil
	}
	l.ask.Say("Use the cluster with: export KUBECONFIG=" + result.Kubeconfig)
	return nil
}

// changes has changes to the configuration that an earlier run began with
// accepted, by typing the cluster's name.
func (l *lines) changes(ctx context.Context, request backend.Request) (consent bool, err error) {
	name := request.Config.Cluster.Name
	before, err := l.Backend.Configuration(ctx, name, request.Rehearsal)
	if err != nil {
		return false, nil // there is none
	}
	now, err := request.Config.YAML()
	if err != nil || bytes.Equal(before, now) {
		return false, err
	}
	l.ask.Say("There is a cluster of this name already, made from another configuration. The difference is:")
	l.ask.Say(state.Difference(before, now))
	_, err = l.ask.Text(ctx, "Type the name of the cluster to change it", "", func(typed string) error {
		if typed != name {
			return &failure.Error{
				Code: failure.Usage, Summary: "that is not its name",
				Remedy: "type " + name + " to change it, or < to go back",
			}
		}
		return nil
	})
	return err == nil, err
}

// resumeCluster goes on with a create that was interrupted.
func (l *lines) resumeCluster(ctx context.Context, c backend.Cluster) error {
	text, err := l.Backend.Configuration(ctx, c.Name, c.Rehearsal)
	if err != nil {
		return err
	}
	config, err := v1alpha1.Parse(c.Name, text)
	if err != nil {
		return err
	}
	if !c.Rehearsal && config.VSphereDatacenter != nil && !l.loggedIn() {
		page := (&login{environment: l.Backend.Environment()}).questions(config.VSphereDatacenter.Spec.Server)
		if err := l.ask.Ask(ctx, &page); err != nil {
			return err
		}
	}
	return l.create(ctx, backend.Request{Config: config, Rehearsal: c.Rehearsal})
}

// tell says how a cluster is.
func (l *lines) tell(c backend.Cluster) error {
	if err := status.Print(l.out, c.Cluster, false); err != nil {
		return err
	}
	if c.Kubeconfig != "" {
		l.ask.Say("Use the cluster with: export KUBECONFIG=" + c.Kubeconfig)
	}
	return nil
}

// roughly is a duration in words, as precise as an expectation can be.
func roughly(d time.Duration) string {
	if d < 90*time.Second {
		return fmt.Sprintf("%d seconds", int(d.Round(5*time.Second).Seconds()))
	}
	return fmt.Sprintf("%d minutes", int(d.Round(time.Minute).Minutes()))
}
