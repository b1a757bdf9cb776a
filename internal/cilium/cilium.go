// Package cilium installs and watches over Cilium, the cluster's network
// plugin: its chart through Helm, its health by its own agents' status.
package cilium

import (
	"fmt"
	"log/slog"

	"helm.sh/helm/v3/pkg/action"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/manifests/releases"
)

// The Helm release and the names that Cilium's chart gives its objects.
const (
	releaseName    = "cilium"
	namespace      = "kube-system"
	agentDaemonSet = "cilium"
	operatorName   = "cilium-operator"
	configMapName  = "cilium-config"
	agentContainer = "cilium-agent"
	agentSelector  = "k8s-app=cilium"
	operatorLabels = "io.cilium/app=operator"
)

// Options say which Cilium a cluster gets.
type Options struct {
	// Config and Release are not needed to look at a Cilium that runs:
	// ReadStatus, WaitHealthy and CheckConnectivity then judge it by its own
	// settings only.
	Config  *v1alpha1.Config
	Release releases.Release
	// Kubeconfig is the cluster's admin kubeconfig. Not needed to render.
	Kubeconfig []byte
	Sink       event.Sink   // nil: nobody listens
	Log        *slog.Logger // nil: nothing is logged
}

func (o Options) sink() event.Sink {
	if o.Sink == nil {
		return event.Discard
	}
	return o.Sink
}

func (o Options) log() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// helmLog takes what Helm says about its work.
func (o Options) helmLog() action.DebugLog {
	log := o.log()
	return func(format string, args ...any) { log.Debug(fmt.Sprintf(format, args...), "by", "helm") }
}
