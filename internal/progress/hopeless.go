package progress

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

// Deadlines are how long a machine may take for single stages, while it is
// watched, before it counts as one that never comes up. Zero means the
// default, a negative one that there is none.
type Deadlines struct {
	// Address is from power-on until there is an address.
	Address time.Duration
	// Join is from the address until there is a Node.
	Join time.Duration
}

// DefaultDeadlines are far above what a healthy site takes: a DHCP lease is a
// matter of seconds, kubeadm one of two or three minutes with images to pull.
func DefaultDeadlines() Deadlines {
	return Deadlines{Address: 5 * time.Minute, Join: 10 * time.Minute}
}

// resumeGrace is how long a machine that an earlier run watched is watched
// again before its deadline can pass.
const resumeGrace = time.Minute

func (d Deadlines) withDefaults() Deadlines {
	defaults := DefaultDeadlines()
	d.Address, d.Join = cmp.Or(d.Address, defaults.Address), cmp.Or(d.Join, defaults.Join)
	return d
}

// of is the deadline of a stage, or a negative duration.
func (d Deadlines) of(stage event.Stage) time.Duration {
	switch stage {
	case event.StagePoweredOn:
		return d.Address
	case event.StageAddressed, event.StageJoining:
		return d.Join
	}
	return -1
}

// passed reports whether r has been watched in its stage for too long.
func (d Deadlines) passed(r *row) bool {
	deadline := d.of(r.Stage)
	return deadline > 0 && r.watched >= deadline && !r.unsure
}

// hopeless returns why the site, or a machine that holds the condition up,
// will never come up, as a *failure.Error; nil while there is hope.
func (w *wait) hopeless() error {
	if w.site.Failed != nil {
		return w.site.Failed
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var lost []*row
	for _, r := range w.table.rows {
		if w.condition.Concerns(r.Role) && (r.failed != nil || w.o.Deadlines.passed(r)) {
			lost = append(lost, r)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	slices.SortFunc(lost, func(a, b *row) int { return byRole(a.Machine, b.Machine) })
	first := lost[0]
	err := first.failed
	switch {
	case err != nil:
	case first.Stage == event.StagePoweredOn:
		err = w.noAddress(first)
	default:
		err = w.notJoined(first)
	}
	// Whoever runs the command again has mended something: the machine gets
	// its whole time again.
	for _, r := range lost {
		r.watched = 0
	}
	return alsoLost(err, lost[1:])
}

// terminalFailure is what Cluster API reserves for a machine that its
// controllers will not try again (failureMessage of its v1beta1 contract).
func terminalFailure(m *clusterv1.Machine) error {
	d := m.Status.Deprecated
	if d == nil || d.V1Beta1 == nil || d.V1Beta1.FailureMessage == nil {
		return nil
	}
	return &failure.Error{
		Code: failure.Infrastructure, Object: objectName("Machine", client.ObjectKeyFromObject(m)),
		Summary: "Cluster API has given the machine up", Err: errors.New(*d.V1Beta1.FailureMessage),
		Remedy: "mend what the message names, then delete the cluster and create it again",
	}
}

// alsoLost says which machines share the fate of the first.
func alsoLost(err error, others []*row) error {
	var known *failure.Error
	if len(others) == 0 || !errors.As(err, &known) {
		return err
	}
	const shown = 5
	var names []string
	for _, r := range others[:min(len(others), shown)] {
		names = append(names, r.Name)
	}
	more := strings.Join(names, ", ")
	if rest := len(others) - shown; rest > 0 {
		more += fmt.Sprintf(" and %d more", rest)
	}
	joined := *known
	joined.Summary += "; the same goes for " + more
	return &joined
}

func (w *wait) noAddress(r *row) error {
	network := "its network"
	if w.o.Network != "" {
		network = "the network " + w.o.Network
	}
	return &failure.Error{
		Code: failure.Infrastructure, Object: w.object(r),
		Summary: fmt.Sprintf("the virtual machine %s was powered on %s ago and has no address", r.Name, r.watched.Round(time.Second)),
		Remedy: "see that a DHCP server with free leases answers on " + network +
			", or give the machines addresses from a VSphereAddressPool; that the template runs VMware Tools (open-vm-tools), which report the address;" +
			" and that the machine's network adapter is connected. Its console shows how far it has booted. Then run the same command again",
		Err: said(r),
	}
}

func (w *wait) notJoined(r *row) error {
	step, likely := w.kubeadmStep(r)
	address := oneOf(r.Address, "its address")
	return &failure.Error{
		Code: failure.Bootstrap, Object: w.object(r),
		Summary: fmt.Sprintf("the machine %s has had an address (%s) for %s and is no node of the cluster: %s has not ended well",
			r.Name, address, r.watched.Round(time.Second), step),
		Remedy: likely + "; log in to " + address + " with the configuration's SSH key and read" +
			" /var/log/cloud-init-output.log for what kubeadm said, then `journalctl -u kubelet` and `crictl ps -a`." +
			" Then run the same command again",
		Err: said(r),
	}
}

// kubeadmStep is what the machine runs, and what most often goes wrong there.
func (w *wait) kubeadmStep(r *row) (step, likely string) {
	endpoint := "the control-plane endpoint"
	if v := w.lastView; v.Cluster != nil && v.Cluster.Spec.ControlPlaneEndpoint.IsValid() {
		endpoint = v.Cluster.Spec.ControlPlaneEndpoint.String()
	}
	f := ControlPlaneInitialized.Check(w.lastView)
	switch {
	case r.Role == controlPlaneRole && !f.Met:
		return "kubeadm init", "most likely the images cannot be pulled (kubeadm's preflight), a control-plane container does not start, or " +
			endpoint + " (kube-vip) is not reached from this machine"
	case r.Role == controlPlaneRole:
		return "kubeadm join --control-plane", "most likely the images cannot be pulled, the machine does not reach " + endpoint +
			", or its etcd member does not reach the others' port 2380"
	}
	return "kubeadm join", "most likely the machine does not reach " + endpoint + " (kubeadm's discovery), or the images cannot be pulled"
}

func (w *wait) object(r *row) string { return "Machine " + w.o.Cluster.Namespace + "/" + r.Name }

// said is the controllers' last word as the cause of an error, or nil.
func said(r *row) error {
	if r.LastWord == "" {
		return nil
	}
	return errors.New(r.LastWord)
}
