// Package cilium installs and watches over Cilium, the cluster's network
// plugin: its chart through Helm, its health by its own agents' status.
package cilium

import (
	"context"
	"log/slog"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/manifests/releases"
)

// Options say which Cilium a cluster gets.
type Options struct {
	Config  *v1alpha1.Config
	Release releases.Release
	// Kubeconfig is the cluster's admin kubeconfig. Not needed to render.
	Kubeconfig []byte
	Sink       event.Sink
	Log        *slog.Logger
}

// Object is one object of the rendered chart.
type Object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

// Render renders the chart with the cluster's values and lists its objects,
// offline.
func Render(ctx context.Context, o Options) ([]Object, error) { panic("to be written") }

// Install installs or upgrades Cilium, as the cluster's values say; where
// they and the chart are installed already, nothing is done. It does not wait
// for the pods. What a killed Helm left pending is taken up.
func Install(ctx context.Context, o Options) error { panic("to be written") }

// Installed reports whether the release in the cluster is what Install would
// make.
func Installed(ctx context.Context, o Options) (bool, error) { panic("to be written") }

// Status is Cilium's health in a cluster.
type Status struct{}

// ReadStatus asks every agent and the operator.
func ReadStatus(ctx context.Context, o Options) (Status, error) { panic("to be written") }

// WaitHealthy waits until every agent says that it is well. What it waits for
// and what the agents last said goes to the sink as Waiting events.
func WaitHealthy(ctx context.Context, o Options) error { panic("to be written") }

// CheckConnectivity lets pods on different nodes speak to each other, to a
// service and to DNS, and a policy block them; each is one check. It leaves
// nothing behind.
func CheckConnectivity(ctx context.Context, o Options) ([]event.Check, error) {
	panic("to be written")
}
