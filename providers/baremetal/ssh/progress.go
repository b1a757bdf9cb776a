package ssh

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util/conditions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// Progress implements providers.Provider.
func (p *Provider) Progress(ctx context.Context, c client.Reader, machine *clusterv1.Machine) (providers.Progress, error) {
	progress := providers.Progress{Stage: event.StagePending}
	name := machine.Spec.InfrastructureRef.Name
	if name == "" {
		return progress, nil
	}
	m := &infrav1.SSHMachine{}
	key := client.ObjectKey{Namespace: machine.Namespace, Name: name}
	switch err := c.Get(ctx, key, m); {
	case apierrors.IsNotFound(err):
		return progress, nil
	case err != nil:
		return progress, fmt.Errorf("reading SSHMachine %s: %w", key, err)
	}
	progress.Stage, progress.LastWord = stageOf(m), lastWord(m)
	for _, address := range m.Status.Addresses {
		if address.Type == clusterv1.MachineInternalIP {
			progress.Address = address.Address
		}
	}
	if host := m.Status.HostRef.Name; host != "" && progress.Address == "" {
		h := &infrav1.SSHHost{}
		if err := c.Get(ctx, client.ObjectKey{Namespace: m.Namespace, Name: host}, h); err == nil {
			progress.Address = h.Spec.Address
		}
	}
	progress.Failed = p.failed(m)
	return progress, nil
}

// stageOf is how far the machine is.
func stageOf(m *infrav1.SSHMachine) event.Stage {
	switch {
	case !m.DeletionTimestamp.IsZero():
		return event.StageDeleting
	case conditions.GetReason(m, infrav1.BootstrappedCondition) == infrav1.BootstrappingReason, conditions.IsTrue(m, infrav1.BootstrappedCondition):
		return event.StageJoining
	case conditions.IsTrue(m, infrav1.NodeFilesInstalledCondition):
		return event.StageInstalled
	case m.Status.HostRef.Name != "":
		return event.StageCopying
	}
	return event.StagePending
}

// lastWord is what the controllers last said, without a host's log.
func lastWord(m *infrav1.SSHMachine) string {
	ready := conditions.Get(m, infrav1.MachineReadyCondition)
	if ready == nil || ready.Status == metav1.ConditionTrue {
		return ""
	}
	word, _, _ := strings.Cut(ready.Message, "\n")
	if word == "" {
		return ready.Reason
	}
	return ready.Reason + ": " + word
}

// patience is how long a machine may be held up by the same reason before it
// counts as one that never comes up, and what to do then. What fails for good
// is told at once.
var patience = map[string]struct {
	lasting time.Duration
	summary string
	remedy  string
}{
	infrav1.BootstrapFailedReason: {0, "the bootstrap has failed on the host",
		"correct what the host's log says (all of it is in /var/lib/groundwork/job/log on the host), then run the same command again"},
	infrav1.NodeFilesUnavailableReason: {20 * time.Second, "the bundle of node files cannot be used",
		"correct nodeFiles in the SSHDatacenterConfig, or make the bundle again with `bootstrap images export`"},
	infrav1.InstallFailedReason: {3 * time.Minute, "the node files cannot be installed on the host",
		"correct what the message says on the host, then run the same command again"},
	infrav1.NoHostAvailableReason: {5 * time.Minute, "there is no host for the machine",
		"make one of the hosts usable, or add one, then run the same command again"},
	infrav1.CredentialsMissingReason: {20 * time.Second, "the host's private key is missing",
		"run the same command again: it writes the key anew"},
	infrav1.HostUnreachableReason: {10 * time.Minute, "the machine's host does not answer",
		"start the host or repair its network, then run the same command again: the machine goes on where it was"},
}

// failed is why the machine will never come up by itself, or nil.
func (p *Provider) failed(m *infrav1.SSHMachine) error {
	f := m.Status.Failure
	rule, known := patience[f.Reason]
	if !known || !m.DeletionTimestamp.IsZero() {
		return nil
	}
	began := p.began.Truncate(time.Second) // as exact as times in objects
	if at := m.Status.LastBootstrapFailure; f.Reason == infrav1.BootstrapFailedReason && (at == nil || at.Time.Before(began)) {
		return nil // the controllers, which began after this program, try again
	}
	since := f.Since.Time
	if since.Before(began) {
		since = began // whoever runs the command again has mended something
	}
	if p.now().Sub(since) < rule.lasting {
		return nil
	}
	return &failure.Error{
		Code: failure.Bootstrap, Summary: rule.summary, Remedy: rule.remedy, Err: errors.New(f.Message),
		Object: fmt.Sprintf("SSHMachine %s/%s", m.Namespace, m.Name),
	}
}
