package progress

import (
	"errors"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/tuitest"
)

func TestRunning(t *testing.T) {
	onEverySize(t, func(t *testing.T, width, height int, golden func(*tuitest.Driver, string)) {
		p := newPlay(tuitest.Env())
		d := p.started(t, width, height, false)
		golden(d, "begun")
		p.at(3 * time.Minute)
		p.upTo()
		d.Wait("demo-md-0-6f9c4-4vwxh", "about")
		golden(d, "running")
		d.Press("n", "enter")
		d.Wait("its last word")
		golden(d, "details")
		d.Press("esc", "tab", "tab")
		d.Wait("following", "ready 192.0.2.11")
		golden(d, "events")
	})
}

var lostMachine = &failure.Error{
	Code:    failure.Infrastructure,
	Summary: "the virtual machine demo-cp-m2nqq was powered on 5m0s ago and has no address",
	Object:  "Machine eksa-system/demo-cp-m2nqq",
	Err:     errors.New("waiting for an address from DHCP on /dc1/network/VM Network"),
	Remedy: "see that a DHCP server with free leases answers on the network /dc1/network/VM Network, or give the machines addresses" +
		" from a VSphereAddressPool; that the template runs VMware Tools (open-vm-tools), which report the address;" +
		" and that the machine's network adapter is connected. Its console shows how far it has booted. Then run the same command again",
}

func TestFailure(t *testing.T) {
	onEverySize(t, func(t *testing.T, width, height int, golden func(*tuitest.Driver, string)) {
		p := newPlay(tuitest.Env())
		d := p.started(t, width, height, false)
		p.upTo()
		p.emit(363*time.Second, event.Event{
			Kind: event.StepFailed, Step: "control-plane-machines", Elapsed: 301, Remedy: lostMachine.Remedy,
			Message: "Bring up the control plane: " + lostMachine.Error(),
		})
		p.at(364 * time.Second)
		p.ends <- ending{err: lostMachine}
		d.Wait("Remedy")
		golden(d, "failed")
		d.Press("n", "enter")
		d.Wait("because of this machine")
		golden(d, "failed-details")
		d.Press("esc", "shift+tab")
		d.Press("r")
		p.sink = <-p.sinks
		p.emit(370*time.Second, event.Event{Kind: event.StepSkipped, Step: "preflight", Message: "Check the site"})
		p.step(371*time.Second, 371*time.Second, "control-plane-machines", "Bring up the control plane")
		d.Wait("⠋ Bring up the control plane")
		golden(d, "retried")
		if n := len(p.Requests()); n != 2 {
			t.Errorf("%d creates; want 2", n)
		}
	})
}

func TestReady(t *testing.T) {
	onEverySize(t, func(t *testing.T, width, height int, golden func(*tuitest.Driver, string)) {
		for _, c := range []struct {
			name      string
			rehearsal bool
		}{{"ready", false}, {"rehearsed", true}} {
			p := newPlay(tuitest.Env())
			d := p.started(t, width, height, c.rehearsal)
			p.upTo()
			p.emit(200*time.Second, event.Event{Kind: event.StepFinished, Step: "control-plane-machines", Message: "Bring up the control plane", Elapsed: 138})
			p.at(201 * time.Second)
			p.ends <- ending{result: backend.Result{
				Kubeconfig: "/home/admin/.local/state/groundwork/demo/kubeconfig",
				Summary:    "Cluster demo is ready: Kubernetes v1.34.2, 5 machines\n\nPHASE           SECONDS\nCheck the site  4.0\n",
			}}
			d.Wait("kubeconfig", "PHASE")
			golden(d, c.name)
			d.Press("tab")
			golden(d, c.name+"-machines")
		}
	})
}
