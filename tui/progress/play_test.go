package progress

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// play is a create whose events and end a test decides.
type play struct {
	backendtest.Backend
	env *ui.Env

	mu  sync.Mutex
	now time.Time

	sinks chan event.Sink // of every create that begins
	ends  chan ending
	sink  event.Sink
}

type ending struct {
	result backend.Result
	err    error
}

var begun = tuitest.Now

func newPlay(env *ui.Env) *play {
	p := &play{env: env, now: begun, sinks: make(chan event.Sink, 8), ends: make(chan ending)}
	env.Now = func() time.Time {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.now
	}
	p.CreateFunc = func(ctx context.Context, _ backend.Request, sink event.Sink) (backend.Result, error) {
		p.sinks <- sink
		select {
		case e := <-p.ends:
			return e.result, e.err
		case <-ctx.Done():
			return backend.Result{}, ctx.Err()
		}
	}
	p.Expected = backend.Estimate{Total: 5 * time.Minute, Basis: "the last 3 creates here", Steps: map[string]time.Duration{
		"preflight": 5 * time.Second, "bootstrap-cluster": 2 * time.Second, "control-plane": time.Minute,
		"control-plane-machines": 2 * time.Minute, "workers": 40 * time.Second,
	}}
	return p
}

func request(rehearsal bool) backend.Request {
	config := &v1alpha1.Config{Source: "demo.yaml", Cluster: &v1alpha1.Cluster{}}
	config.Cluster.Name = "demo"
	return backend.Request{Config: config, Rehearsal: rehearsal}
}

// started is the screen of a create that has begun.
func (p *play) started(t *testing.T, width, height int, rehearsal bool) *tuitest.Driver {
	t.Helper()
	d := tuitest.Body(t, New(p.env, p, request(rehearsal)), width, height)
	p.sink = <-p.sinks
	return d
}

// at sets the clock to so long after the beginning.
func (p *play) at(since time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = begun.Add(since)
}

// emit emits an event at so long after the beginning.
func (p *play) emit(since time.Duration, e event.Event) {
	e.Time = begun.Add(since)
	p.sink.Emit(e)
}

func (p *play) step(from, to time.Duration, name, title string) {
	p.emit(from, event.Event{Kind: event.StepStarted, Step: name, Message: title})
	if to > from {
		p.emit(to, event.Event{Kind: event.StepFinished, Step: name, Message: title, Elapsed: (to - from).Seconds()})
	}
}

func (p *play) machine(since time.Duration, name, role, group string, stage event.Stage, address, word string) {
	p.emit(since, event.Event{Kind: event.MachineMoved, Machine: &event.Machine{
		Name: name, Role: role, Group: group, Stage: stage, Address: address, LastWord: word, Since: begun.Add(since),
	}})
}

const (
	cp  = "control-plane"
	wrk = "worker"
)

// upTo plays a create until its control plane comes up.
func (p *play) upTo() {
	p.emit(0, event.Event{Kind: event.StepStarted, Step: "preflight", Message: "Check the site"})
	p.emit(time.Second, event.Event{Kind: event.Checked, Check: &event.Check{Name: "vCenter answers", Result: event.Passed, Want: "vCenter answers"}})
	p.emit(2*time.Second, event.Event{Kind: event.Checked, Check: &event.Check{
		Name: "datastore space", Result: event.Warned, Want: "200 GiB free", Found: "150 GiB free", Remedy: "free some space"}})
	p.emit(4*time.Second, event.Event{Kind: event.StepFinished, Step: "preflight", Message: "Check the site", Elapsed: 4})
	p.step(4*time.Second, 6*time.Second, "bootstrap-cluster", "Start the bootstrap cluster")
	p.step(6*time.Second, 6100*time.Millisecond, "configuration", "Keep the effective configuration")
	p.emit(6100*time.Millisecond, event.Event{Kind: event.Warning, Message: "the release ends next month", Remedy: "take a newer one"})
	p.step(6100*time.Millisecond, 7*time.Second, "objects", "Create the Cluster API objects")
	p.machine(7*time.Second, "demo-cp-x7k2p", cp, "", event.StagePending, "", "")
	p.machine(8*time.Second, "demo-cp-x7k2p", cp, "", event.StageCloning, "", "cloning from ubuntu-2204-kube-v1.34")
	p.machine(20*time.Second, "demo-cp-x7k2p", cp, "", event.StagePoweredOn, "", "waiting for an address")
	p.machine(30*time.Second, "demo-cp-x7k2p", cp, "", event.StageJoining, "192.0.2.11", "")
	p.machine(60*time.Second, "demo-cp-x7k2p", cp, "", event.StageReady, "192.0.2.11", "")
	p.step(7*time.Second, 62*time.Second, "control-plane", "Bring up the first control-plane machine")
	p.step(62*time.Second, 62*time.Second, "control-plane-machines", "Bring up the control plane")
	p.machine(63*time.Second, "demo-cp-m2nqq", cp, "", event.StagePoweredOn, "", "waiting for an address from DHCP on /dc1/network/VM Network")
	p.machine(63*time.Second, "demo-md-0-6f9c4-tz8rl", wrk, "demo-md-0", event.StagePending, "", "Waiting for the control plane")
	p.machine(70*time.Second, "demo-md-0-6f9c4-4vwxh", wrk, "demo-md-0", event.StageCloning, "", "CloneVM_Task failed: datastore is unreachable")
	p.emit(80*time.Second, event.Event{Kind: event.Waiting, Wait: &event.Wait{
		For: "control plane ready", Object: "Machine eksa-system/demo-cp-m2nqq", Since: begun.Add(62 * time.Second), Ready: 1, Machines: 3,
		LastWord: "waiting for an address from DHCP on /dc1/network/VM Network",
	}})
}

// sizes are those that every screen is tried at.
var sizes = []struct{ width, height int }{{80, 24}, {120, 40}}

// onEverySize runs a test at each.
func onEverySize(t *testing.T, test func(t *testing.T, width, height int, golden func(*tuitest.Driver, string))) {
	for _, s := range sizes {
		size := fmt.Sprintf("%dx%d", s.width, s.height)
		t.Run(size, func(t *testing.T) {
			test(t, s.width, s.height, func(d *tuitest.Driver, name string) {
				t.Helper()
				d.Golden(name + "-" + size)
			})
		})
	}
}
