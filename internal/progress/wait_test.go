package progress

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers"
)

// The machine of a control plane comes up stage by stage.
func TestWaitForControlPlane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster())
		tracker := w.tracker()
		go func() {
			steps := []func(){
				func() { w.add(newMachine("m")) },
				func() { w.put(newMachine("m", booted)) },
				func() { w.set(func() { w.progress["m"] = providers.Progress{Stage: event.StageCloning} }) },
				func() { w.set(func() { w.progress["m"] = providers.Progress{Stage: event.StagePoweredOn} }) },
				func() {
					w.set(func() { w.progress["m"] = providers.Progress{Stage: event.StageAddressed, Address: "10.0.0.9"} })
				},
				func() { w.put(newMachine("m", provisioned)) },
				func() { w.put(newMachine("m", noded)) },
				func() { w.put(newMachine("m", ready)) },
			}
			for _, step := range steps {
				time.Sleep(10 * time.Second)
				step()
			}
			w.initialize()
		}()
		start := time.Now()
		if err := tracker.Wait(t.Context(), ControlPlaneInitialized); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 80*time.Second || took > 81*time.Second {
			t.Errorf("the wait took %v", took)
		}
		var stages []event.Stage
		for _, e := range w.told(event.MachineMoved) {
			stages = append(stages, e.Machine.Stage)
		}
		want := []event.Stage{
			event.StagePending, event.StageBootstrap, event.StageCloning, event.StagePoweredOn,
			event.StageAddressed, event.StageJoining, event.StageNode, event.StageReady,
		}
		if !slices.Equal(stages, want) {
			t.Errorf("told the stages %q\nwant %q", stages, want)
		}
		if m := tracker.Machines(); len(m) != 1 || m[0].Address != "10.0.0.9" || m[0].Role != "control-plane" {
			t.Errorf("the table is %+v", m)
		}
	})
}

func (w *world) initialize() {
	w.t.Helper()
	w.put(newCluster(clusterInitialized))
}

// Waits are told when their cause changes, and every five seconds.
func TestWaitingIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster(), newMachine("m", booted), newMachine("n", booted), newMachine("a", worker, booted))
		w.progress["m"] = providers.Progress{Stage: event.StagePoweredOn, LastWord: "no address yet"}
		w.progress["n"] = providers.Progress{Stage: event.StageCloning, LastWord: "cloning n"}
		w.progress["a"] = providers.Progress{Stage: event.StageCloning, LastWord: "a worker holds up no control plane"}
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		go func() {
			time.Sleep(12 * time.Second)
			w.set(func() { w.progress["n"] = providers.Progress{Stage: event.StageAddressed, LastWord: "almost"} })
			time.Sleep(4 * time.Second)
			cancel()
		}()
		if err := w.tracker().Wait(ctx, ControlPlaneInitialized); !errors.Is(err, context.Canceled) {
			t.Errorf("Wait = %v", err)
		}
		var got []string
		for _, e := range w.told(event.Waiting) {
			if e.Wait.For != "control plane initialised" || !e.Wait.Since.Equal(start) {
				t.Errorf("told %+v", e.Wait)
			}
			got = append(got, fmt.Sprintf("%v %s: %s", e.Time.Sub(start).Round(time.Second), e.Wait.Object, e.Wait.LastWord))
		}
		want := []string{
			"0s Machine eksa-system/n: cloning n", "5s Machine eksa-system/n: cloning n", "10s Machine eksa-system/n: cloning n",
			"12s Machine eksa-system/m: no address yet",
		}
		if !slices.Equal(got, want) {
			t.Errorf("told %q\nwant %q", got, want)
		}
	})
}

// A cause that changes all the time is not told all the time.
func TestRestlessCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster(), newMachine("m", booted))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		go func() {
			for n := 0; ctx.Err() == nil; n++ {
				w.set(func() { w.progress["m"] = providers.Progress{Stage: event.StageCloning, LastWord: fmt.Sprint(n, "%")} })
				time.Sleep(100 * time.Millisecond)
			}
		}()
		_ = w.tracker().Wait(ctx, ControlPlaneInitialized) // times out
		time.Sleep(time.Second)                            // until the goroutine has seen it
		if n := len(w.told(event.Waiting)); n < 8 || n > 11 {
			t.Errorf("told %d times in 10 s", n)
		}
	})
}

// Before there are machines, the cluster's own infrastructure says why not.
func TestInfrastructureIsTheCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := newCluster(clusterSays(clusterv1.InfrastructureReadyCondition, metav1.ConditionFalse, "vCenter does not answer"))
		cluster.Status.Initialization.InfrastructureProvisioned = nil
		w := newWorld(t, cluster)
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		start := time.Now()
		err := w.tracker().Wait(ctx, ClusterAvailable)
		var unmet *UnmetError
		if failure.ExitCode(err) != failure.TimedOut || !errors.As(err, &unmet) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Wait = %v", err)
		}
		want := event.Wait{For: "cluster available", Object: "Cluster eksa-system/demo", Since: start, LastWord: "vCenter does not answer"}
		if unmet.Wait != want || unmet.Waited != 90*time.Second {
			t.Errorf("the error carries %+v", unmet)
		}
		for _, part := range []string{"cluster available", "Cluster eksa-system/demo", "for 1m30s", "vCenter does not answer"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q is not in %q", part, err)
			}
		}
		if !strings.Contains(failure.Remedy(err), "run the same command again") {
			t.Errorf("the remedy is %q", failure.Remedy(err))
		}
	})
}

// A bootstrap cluster that restarts is waited for, and said so.
func TestAPIRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster())
		down := errors.New("connection refused")
		w.request = func(context.Context) error { return down }
		go func() {
			time.Sleep(20 * time.Second)
			w.set(func() { w.request = nil })
			w.initialize()
		}()
		start := time.Now()
		if err := w.tracker().Wait(t.Context(), ControlPlaneInitialized); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 22*time.Second {
			t.Errorf("the end of the restart was noticed after %v", took)
		}
		first := w.told(event.Waiting)[0].Wait
		if first.Object != "the bootstrap cluster's API" || !strings.Contains(first.LastWord, "connection refused") {
			t.Errorf("told %+v", first)
		}
		if w.requests > 30 {
			t.Errorf("%d requests went to an API that was down for 20 s", w.requests)
		}
	})
}

// An API that takes requests and never answers does not hold a wait up.
func TestAPIHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster())
		w.request = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		time.AfterFunc(time.Minute, func() {
			w.set(func() { w.request = nil })
			w.initialize()
		})
		start := time.Now()
		if err := w.tracker().Wait(t.Context(), ControlPlaneInitialized); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("an API that answers again was noticed after %v", took-time.Minute)
		}
		first := w.told(event.Waiting)[0]
		if first.Wait.Object != "the bootstrap cluster's API" || first.Time.Sub(start) > pollTimeout {
			t.Errorf("told %+v after %v", first.Wait, first.Time.Sub(start))
		}
	})
}

func TestMachineGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster(), newMachine("m", worker, ready))
		go func() {
			time.Sleep(5 * time.Second)
			w.remove(newMachine("m"))
			w.remove(newCluster())
		}()
		tracker := w.tracker()
		if err := tracker.Wait(t.Context(), ClusterDeleted); err != nil {
			t.Fatal(err)
		}
		moved := w.told(event.MachineMoved)
		if last := moved[len(moved)-1].Machine; last.Stage != StageGone || last.Name != "m" || last.Role != "worker" || last.Group != "md-0" {
			t.Errorf("told %+v at last", last)
		}
		if left := tracker.Machines(); len(left) != 0 {
			t.Errorf("%v is left in the table", left)
		}
	})
}

func TestClusterVanishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster())
		time.AfterFunc(5*time.Second, func() { w.remove(newCluster()) })
		if err := w.tracker().Wait(t.Context(), ClusterAvailable); failure.ExitCode(err) != failure.Bootstrap {
			t.Errorf("Wait = %v", err)
		}
	})
}

func TestMet(t *testing.T) {
	w := newWorld(t, newCluster(clusterInitialized))
	tracker := w.tracker()
	for condition, want := range map[Condition]bool{ControlPlaneInitialized: true, ClusterAvailable: false, ClusterDeleted: false} {
		if met, err := tracker.Met(t.Context(), condition); err != nil || met != want {
			t.Errorf("Met(%s) = %v, %v", condition, met, err)
		}
	}
	w.request = func(context.Context) error { return errors.New("connection refused") }
	if _, err := tracker.Met(t.Context(), ClusterAvailable); err == nil {
		t.Error("Met answered without having looked")
	}
}

// Polling takes at most a twentieth of the time, however many machines there
// are and however slowly the API answers, and asks nothing by machine.
func TestPollingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster())
		for n := range 500 {
			w.add(newMachine(fmt.Sprintf("m-%03d", n), worker, booted))
		}
		w.latency = 50 * time.Millisecond
		const long = 2 * time.Minute
		ctx, cancel := context.WithTimeout(t.Context(), long)
		defer cancel()
		_ = w.tracker().Wait(ctx, neverReady{}) // times out
		busy := time.Duration(w.requests) * w.latency
		if share := float64(busy) / float64(long); share > 0.1 || share < 0.05 {
			t.Errorf("polling took %.0f %% of the time", 100*share)
		}
		if looks := w.asked / 500; looks < 50 || looks > w.requests {
			t.Errorf("%d looks at 500 machines in 2 minutes, with %d requests", looks, w.requests)
		}
	})
}

// neverReady is a condition that is never met.
type neverReady struct{ workersReady }

// Check implements Condition.
func (neverReady) Check(View) Finding { return Finding{} }
