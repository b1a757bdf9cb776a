package create

import (
	"context"

	"groundwork.dev/bootstrap/internal/event"
)

// noNetworkPlugin says what the cluster does not have yet.
type noNetworkPlugin struct{ *installation }

func (*noNetworkPlugin) Name() string  { return "network-plugin" }
func (*noNetworkPlugin) Title() string { return "Network plugin" }

// Done is false, so that every run says it.
func (*noNetworkPlugin) Done(context.Context) (bool, error) { return false, nil }

func (s *noNetworkPlugin) Run(context.Context) error {
	message := "no network plugin was installed: the nodes stay NotReady until one is, and no machine health checks were made"
	remedy := "install Cilium into the cluster with its kubeconfig"
	if s.Rehearsal {
		message = "no network plugin was installed: the simulated nodes count as Ready because the simulated kubelets report Ready without one"
		remedy = ""
	}
	s.Sink.Emit(event.Event{Kind: event.Warning, Step: s.Name(), Message: message, Remedy: remedy})
	return nil
}
