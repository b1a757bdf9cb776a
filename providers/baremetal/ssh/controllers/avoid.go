package controllers

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// avoided is a host that has failed a machine.
type avoided struct {
	machine, host types.UID
}

// avoidance is for how long, and why the machine cannot have the host at all
// meanwhile; "" where it is only the last choice.
type avoidance struct {
	until time.Time
	unfit string
}

// avoid keeps the machine from the host for a while.
func (r *machineReconciler) avoid(m *infrav1.SSHMachine, host *infrav1.SSHHost, news machineNews) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := avoidance{until: time.Now().Add(r.timing.avoid)}
	if news.reason == infrav1.HostUnfitReason {
		a = avoidance{until: time.Now().Add(r.timing.avoidUnfit), unfit: news.message}
	}
	r.avoided[avoided{m.UID, host.UID}] = a
}

func (r *machineReconciler) avoidance(m *infrav1.SSHMachine, host *infrav1.SSHHost) (avoidance, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, there := r.avoided[avoided{m.UID, host.UID}]
	if there && time.Now().After(a.until) {
		delete(r.avoided, avoided{m.UID, host.UID})
		there = false
	}
	return a, there
}

func (r *machineReconciler) isAvoided(m *infrav1.SSHMachine, host *infrav1.SSHHost) bool {
	_, is := r.avoidance(m, host)
	return is
}

// unfit is why the host cannot be this machine, "" where it can.
func (r *machineReconciler) unfit(m *infrav1.SSHMachine, host *infrav1.SSHHost) string {
	if a, is := r.avoidance(m, host); is {
		return a.unfit
	}
	return ""
}
