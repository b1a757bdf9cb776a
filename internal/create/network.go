package create

import (
	"context"
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/internal/cilium"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/state"
)

// cilium is what Cilium is installed from. The kubeconfig is empty until it
// has been saved.
func (i *installation) cilium() (cilium.Options, error) {
	o := cilium.Options{Config: i.Config, Release: i.session.Plan.Release, Sink: i.Sink, Log: i.Log}
	if i.Rehearsal {
		return o, nil
	}
	var err error
	o.Kubeconfig, err = i.State.ReadFile(state.KubeconfigFile)
	return o, err
}

// installNetworkPlugin installs Cilium as soon as an API server answers, so
// that it comes up beside the machines. Simulated nodes cannot run it: there
// the chart is rendered and its objects are kept for the report.
type installNetworkPlugin struct{ *installation }

func (*installNetworkPlugin) Name() string  { return "network-plugin" }
func (*installNetworkPlugin) Title() string { return "Install Cilium" }

func (s *installNetworkPlugin) Done(ctx context.Context) (bool, error) {
	if s.Rehearsal {
		return false, nil
	}
	o, err := s.cilium()
	if err != nil {
		return false, err
	}
	return cilium.Installed(ctx, o)
}

func (s *installNetworkPlugin) Run(ctx context.Context) error {
	o, err := s.cilium()
	if err != nil {
		return err
	}
	if !s.Rehearsal {
		return cilium.Install(ctx, o)
	}
	s.networkPlugin, err = cilium.Render(ctx, o)
	if err != nil {
		return err
	}
	s.Sink.Emit(event.Event{
		Kind: event.Notice, Step: s.Name(),
		Message: fmt.Sprintf("Cilium %s: %d objects rendered; simulated nodes do not run it and count as Ready without it", o.Release.Cilium.Tag, len(s.networkPlugin)),
	})
	return nil
}

// checkConnectivity lets pods on different nodes speak to each other.
type checkConnectivity struct{ *installation }

func (*checkConnectivity) Name() string  { return "connectivity" }
func (*checkConnectivity) Title() string { return "Check that pods reach each other" }

func (*checkConnectivity) Done(context.Context) (bool, error) { return false, nil }

func (s *checkConnectivity) Run(ctx context.Context) error {
	o, err := s.cilium()
	if err != nil {
		return err
	}
	checks, err := cilium.CheckConnectivity(ctx, o)
	s.connectivity = checks
	var failed []string
	for _, check := range checks {
		s.Sink.Emit(event.Event{Kind: event.Checked, Step: s.Name(), Check: &check})
		if check.Result == event.Failed {
			failed = append(failed, check.Name)
		}
	}
	if err != nil || len(failed) == 0 {
		return err
	}
	return &failure.Error{
		Code: failure.AddOns, Object: "Cluster " + s.Config.Cluster.Name,
		Summary: "the cluster is up, but pods do not reach each other as they should: " + strings.Join(failed, ", "),
		Remedy:  "see what the checks found, and `bootstrap cilium status " + s.Config.Cluster.Name + "`; then run the same command again",
	}
}
