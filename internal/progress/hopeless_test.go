package progress

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers"
)

var stuck = providers.Progress{Stage: event.StagePoweredOn, LastWord: "waiting for an IP address"}

// wantFailure checks how a wait has ended, and that it took as long as it had
// to and at most 30 s more.
func wantFailure(t *testing.T, err error, took, least time.Duration, code failure.Code, parts ...string) {
	t.Helper()
	if failure.ExitCode(err) != code {
		t.Fatalf("Wait = %v, code %d; want code %d", err, failure.ExitCode(err), code)
	}
	if took < least || took > least+30*time.Second {
		t.Errorf("it was told after %v; want %v", took, least)
	}
	text := fmt.Sprintf("%v; remedy: %s", err, failure.Remedy(err))
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %q", part, text)
		}
	}
}

func TestMachineWithoutAddress(t *testing.T) {
	for _, test := range []struct {
		name      string
		deadlines Deadlines
		least     time.Duration
	}{
		{"default", Deadlines{}, 5 * time.Minute},
		{"configured", Deadlines{Address: 40 * time.Second}, 40 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, newCluster(), newMachine("demo-1", booted))
				w.latency = longWait
				w.progress["demo-1"] = stuck
				w.options.Deadlines, w.options.Network = test.deadlines, "/dc/network/VM Network"
				start := time.Now()
				err := w.tracker().Wait(t.Context(), ControlPlaneInitialized)
				wantFailure(t, err, time.Since(start), test.least, failure.Infrastructure,
					"demo-1", "Machine eksa-system/demo-1", "/dc/network/VM Network", "DHCP", "waiting for an IP address", "run the same command again")
			})
		})
	}
}

func TestNoDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster(), newMachine("demo-1", booted))
		w.latency = longWait
		w.progress["demo-1"] = stuck
		w.options.Deadlines = Deadlines{Address: -1}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := w.tracker().Wait(ctx, ControlPlaneInitialized); failure.ExitCode(err) != failure.TimedOut {
			t.Errorf("Wait = %v", err)
		}
	})
}

// Time in which nobody could see the machine move does not count.
func TestDeadlineWaitsForSight(t *testing.T) {
	for _, test := range []struct {
		name       string
		blind, see func(*world)
	}{
		{"the site is away", func(w *world) { w.site.LastWord = "vCenter does not answer" }, func(w *world) { w.site.LastWord = "" }},
		{"the provider fails", func(w *world) { w.blind = errors.New("no") }, func(w *world) { w.blind = nil }},
		{"the API is down", func(w *world) { w.request = func(context.Context) error { return errors.New("refused") } }, func(w *world) { w.request = nil }},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, newCluster(), newMachine("demo-1", booted))
				w.latency = longWait
				w.progress["demo-1"] = stuck
				time.AfterFunc(time.Minute, func() { w.set(func() { test.blind(w) }) })
				time.AfterFunc(20*time.Minute, func() { w.set(func() { test.see(w) }) })
				start := time.Now()
				err := w.tracker().Wait(t.Context(), ControlPlaneInitialized)
				wantFailure(t, err, time.Since(start), 24*time.Minute, failure.Infrastructure, "no address")
			})
		})
	}
}

func TestMachineNeverJoins(t *testing.T) {
	for _, test := range []struct {
		name      string
		condition Condition
		cluster   *clusterv1.Cluster
		machine   *clusterv1.Machine
		parts     []string
	}{
		{
			"the first control-plane machine", ControlPlaneInitialized, newCluster(), newMachine("demo-1", provisioned),
			[]string{"kubeadm init ", "images", "10.0.0.5:6443", "10.0.0.9"},
		},
		{
			"another control-plane machine", ControlPlaneReady, newCluster(clusterInitialized), newMachine("demo-1", provisioned),
			[]string{"kubeadm join --control-plane", "2380"},
		},
		{
			"a worker", ClusterAvailable, newCluster(clusterInitialized), newMachine("demo-1", worker, provisioned),
			[]string{"kubeadm join has", "10.0.0.5:6443"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.cluster, test.machine)
				w.latency = longWait
				w.progress["demo-1"] = providers.Progress{Stage: event.StageAddressed, Address: "10.0.0.9"}
				start := time.Now()
				err := w.tracker().Wait(t.Context(), test.condition)
				wantFailure(t, err, time.Since(start), 10*time.Minute, failure.Bootstrap,
					append(test.parts, "Machine eksa-system/demo-1", "cloud-init-output.log", "journalctl -u kubelet")...)
			})
		})
	}
}

// A machine that holds up something else does not end the wait.
func TestOnlyConcernedMachinesFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster(), newMachine("w", worker, booted))
		w.progress["w"] = providers.Progress{Stage: event.StageCloning, Failed: &failure.Error{Code: failure.Infrastructure}}
		time.AfterFunc(time.Minute, w.initialize)
		if err := w.tracker().Wait(t.Context(), ControlPlaneInitialized); err != nil {
			t.Error(err)
		}
	})
}

func TestCertainFailures(t *testing.T) {
	full := &failure.Error{
		Code: failure.Infrastructure, Summary: "the datastore is full", Object: "VSphereVM eksa-system/demo-1", Remedy: "make room",
	}
	terminal := newMachine("demo-1", booted, func(m *clusterv1.Machine) {
		message := "the template has no disk"
		m.Status.Deprecated = &clusterv1.MachineDeprecatedStatus{V1Beta1: &clusterv1.MachineV1Beta1DeprecatedStatus{FailureMessage: &message}}
	})
	for _, test := range []struct {
		name     string
		machine  *clusterv1.Machine
		progress providers.Progress
		parts    []string
	}{
		{
			"the provider says so", newMachine("demo-1", booted), providers.Progress{Stage: event.StageCloning, Failed: full},
			[]string{"the datastore is full", "VSphereVM eksa-system/demo-1", "make room"},
		},
		{"Cluster API says so", terminal, providers.Progress{}, []string{"the template has no disk", "Machine eksa-system/demo-1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, newCluster(), test.machine)
				w.progress["demo-1"] = test.progress
				start := time.Now()
				err := w.tracker().Wait(t.Context(), ControlPlaneInitialized)
				wantFailure(t, err, time.Since(start), 0, failure.Infrastructure, test.parts...)
			})
		})
	}
}

func TestSiteFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster())
		time.AfterFunc(time.Minute, func() { w.set(func() { w.site.LastWord = "login refused" }) })
		time.AfterFunc(2*time.Minute, func() {
			w.set(func() {
				w.site.Failed = &failure.Error{Code: failure.Infrastructure, Summary: "the vCenter refuses the password"}
			})
		})
		start := time.Now()
		err := w.tracker().Wait(t.Context(), ControlPlaneInitialized)
		wantFailure(t, err, time.Since(start), 2*time.Minute, failure.Infrastructure, "refuses the password")
		waits := w.told(event.Waiting)
		if last := waits[len(waits)-1].Wait; last.Object != "Cluster eksa-system/demo" || last.LastWord != "login refused" {
			t.Errorf("waited for %+v at last", last)
		}
	})
}

func TestSharedFate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster(clusterInitialized))
		w.latency = longWait
		for n := range 9 {
			name := fmt.Sprintf("w-%d", n)
			w.add(newMachine(name, worker, booted))
			w.progress[name] = stuck
		}
		start := time.Now()
		err := w.tracker().Wait(t.Context(), ClusterAvailable)
		wantFailure(t, err, time.Since(start), 5*time.Minute, failure.Infrastructure,
			"Machine eksa-system/w-0", "the same goes for w-1, w-2, w-3, w-4, w-5 and 3 more")
	})
}

// How long a machine was watched outlives the run, but a new run looks for a
// while itself, and one that follows a failure starts anew.
func TestDeadlineOverRuns(t *testing.T) {
	for _, test := range []struct {
		name    string
		watched time.Duration
		least   time.Duration
	}{
		{"watched for a while", 2 * time.Minute, 3 * time.Minute},
		{"watched almost to the end", 4*time.Minute + 59*time.Second, time.Minute},
		{"not watched at all", 0, 5 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, newCluster(), newMachine("demo-1", booted))
				w.latency = longWait
				w.progress["demo-1"] = stuck
				long := time.Now().Add(-time.Hour)
				w.store.keep(t, Snapshot{
					Machines: []event.Machine{{Name: "demo-1", Role: "control-plane", Stage: event.StagePoweredOn, Since: long}},
					Watched:  map[string]float64{"demo-1": test.watched.Seconds()},
				})
				start := time.Now()
				err := w.tracker().Wait(t.Context(), ControlPlaneInitialized)
				wantFailure(t, err, time.Since(start), test.least, failure.Infrastructure, "no address")
				kept, err := ReadSnapshot(w.store)
				if err != nil || kept.Watched["demo-1"] != 0 || !kept.Machines[0].Since.Equal(long) {
					t.Errorf("kept %+v, %v", kept, err)
				}
			})
		})
	}
}

// The table is kept while a wait goes on, for others to read, and at its end.
func TestSnapshotIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newCluster(), newMachine("demo-1", booted))
		w.progress["demo-1"] = stuck
		if kept, err := ReadSnapshot(w.store); err != nil || len(kept.Machines) != 0 {
			t.Errorf("ReadSnapshot of nothing = %+v, %v", kept, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.tracker().Wait(ctx, ControlPlaneInitialized) }()
		time.Sleep(time.Minute)
		synctest.Wait()
		kept, err := ReadSnapshot(w.store)
		if err != nil || len(kept.Machines) != 1 || kept.Waiting == nil || kept.Waiting.For != "control plane initialised" ||
			time.Since(kept.Time) > saveEvery+time.Second || kept.Watched["demo-1"] < 50 {
			t.Errorf("during the wait, kept %+v, %v", kept, err)
		}
		cancel()
		<-ended
		if kept, err = ReadSnapshot(w.store); err != nil || kept.Waiting != nil || !kept.Time.Equal(time.Now()) {
			t.Errorf("after the wait, kept %+v, %v", kept, err)
		}
		w.store[tableFile] = []byte("{")
		if _, err := ReadSnapshot(w.store); !errors.As(err, new(*json.SyntaxError)) {
			t.Errorf("ReadSnapshot of garbage = %v", err)
		}
		if m := w.tracker().Machines(); len(m) != 0 {
			t.Errorf("a tracker made %v of garbage", m)
		}
	})
}
