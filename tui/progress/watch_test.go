package progress

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/status"
	"groundwork.dev/bootstrap/internal/workflow"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// elsewhere is a create of another process.
func elsewhere(logFile string) backend.Cluster {
	return backend.Cluster{LogFile: logFile, Cluster: &status.Cluster{
		Name: "demo", Command: "create cluster", Kubeconfig: "/state/demo/kubeconfig",
		Running: &state.Owner{PID: 4711, Host: "admin-1", Command: "create cluster", Since: begun.Add(-90 * time.Second)},
		Steps: []workflow.Attempt{
			{Step: "preflight", Title: "Check the site", Begun: begun.Add(-90 * time.Second), Seconds: 4, Tries: 1, Last: workflow.Finished},
			{Step: "control-plane", Title: "Bring up the first control-plane machine", Begun: begun.Add(-80 * time.Second), Tries: 1, Last: workflow.Started},
		},
		Machines: []event.Machine{
			{Name: "demo-cp-x7k2p", Role: cp, Stage: event.StageJoining, Address: "192.0.2.11", Since: begun.Add(-30 * time.Second)},
		},
	}}
}

func logOf(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func stamp(before time.Duration) string {
	return "time=" + begun.Add(-before).Format("2006-01-02T15:04:05.000Z")
}

func TestWatchARunningCreate(t *testing.T) {
	onEverySize(t, func(t *testing.T, width, height int, golden func(*tuitest.Driver, string)) {
		path := logOf(t,
			stamp(90*time.Second)+` level=INFO msg="Check the site" event=step-started step=preflight`,
			stamp(86*time.Second)+` level=INFO msg="Check the site" event=step-finished step=preflight`,
			stamp(80*time.Second)+` level=INFO msg="Bring up the first control-plane machine" event=step-started step=control-plane`,
			stamp(40*time.Second)+` level=WARN msg="slow disk" path=/var/lib/etcd`,
			stamp(30*time.Second)+` level=INFO msg="" event=machine machine=demo-cp-x7k2p stage=joining address=192.0.2.11`,
			stamp(5*time.Second)+` level=INFO msg="waiting" event=waiting for="control plane initialised" object="Machine eksa-system/demo-cp-x7k2p" lastWord="kubeadm init runs"`,
		)
		b := &backendtest.Backend{}
		b.KnownClusters = []backend.Cluster{elsewhere(path)}
		d := tuitest.Body(t, Watch(tuitest.Env(), b, b.KnownClusters[0]), width, height)
		d.Wait("kubeadm init runs")
		golden(d, "watched")
		d.Press("tab")
		d.Wait("slow disk")
		golden(d, "watched-log")
		d.Press("tab")
		d.Wait("done     Check the site (4.0s)")

		b.Change(func(a *backendtest.Answers) {
			done := elsewhere(path)
			done.Running = nil
			done.Steps[1].Last, done.Steps[1].Seconds = workflow.Finished, 75
			a.KnownClusters = []backend.Cluster{done}
		})
		d.Wait("Cluster demo is ready", "/state/demo/kubeconfig")
		b.Change(func(a *backendtest.Answers) { a.KnownClusters = nil })
		d.Wait("has no state on this machine any more")
	})
}

func TestWatchWhatWasLeft(t *testing.T) {
	failed := elsewhere("")
	failed.Running, failed.Interrupted = nil, true
	failed.Steps[1].Last, failed.Steps[1].Error = workflow.Failed, "no address"
	killed := elsewhere("")
	killed.Running, killed.Interrupted = nil, true
	for _, c := range []struct {
		name    string
		cluster backend.Cluster
		want    []string
	}{
		{"failed", failed, []string{"The create of demo failed", "no address", "start page resumes"}},
		{"killed", killed, []string{"The create of demo was stopped", "start page resumes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &backendtest.Backend{}
			b.KnownClusters = []backend.Cluster{c.cluster}
			screen := Watch(tuitest.Env(), b, c.cluster)
			d := tuitest.Body(t, screen, 80, 24)
			d.Wait(c.want...)
			if screen.(ui.Leaver).Leave(true) != nil {
				t.Error("to stop watching was asked about")
			}
			d.Press("r")
			if len(b.Requests()) != 0 {
				t.Error("watching created a cluster")
			}
		})
	}
}

func TestWatchThatCannotLook(t *testing.T) {
	b := &backendtest.Backend{}
	b.ClustersFunc = func(context.Context) ([]backend.Cluster, error) { return nil, errors.New("permission denied") }
	d := tuitest.Body(t, Watch(tuitest.Env(), b, elsewhere("")), 80, 24)
	d.Wait("not seen since: permission denied", "demo-cp-x7k2p")
}

func TestTheLogOfACreateIsFound(t *testing.T) {
	onEverySize(t, func(t *testing.T, width, height int, golden func(*tuitest.Driver, string)) {
		var lines []string
		for i := range 60 {
			lines = append(lines, fmt.Sprintf(`%s level=INFO msg="reconciled a machine" machine=demo-%d controller=vspherevm`, stamp(time.Minute), i))
		}
		lines = append(lines, stamp(0)+` level=ERROR msg="the clone failed" error="`+strings.Repeat("no space left on the datastore ", 5)+`"`)
		p := newPlay(tuitest.Env())
		p.KnownClusters = []backend.Cluster{{LogFile: logOf(t, lines...), Cluster: &status.Cluster{Name: "demo"}}}
		d := p.started(t, width, height, false)
		d.Press("tab")
		d.Wait("the clone failed")
		golden(d, "log")
		d.Press("w")
		golden(d, "log-wrapped")
		d.Press("w", "k", "k")
		d.Wait("not following")
		golden(d, "log-scrolled")
		d.Press("/")
		d.Type("demo-1")
		d.Wait("11 of 61")
		golden(d, "log-filtered")
		d.Press("enter", "s")
		d.Wait("Save the log to: demo-log-20260302-103000.txt")
		for range len("demo-log-20260302-103000.txt") {
			d.Press("backspace")
		}
		there := filepath.Join(t.TempDir(), "there")
		if err := os.WriteFile(there, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		d.Paste(there)
		d.Press("enter")
		d.Wait("is there already")
		d.Paste("2")
		d.Press("enter")
		d.WaitGone("Save the log to")
		data, err := os.ReadFile(there + "2")
		if err != nil || strings.Count(string(data), "\n") != 11 || !strings.Contains(string(data), "machine=demo-19") {
			t.Errorf("saved %q, %v", data, err)
		}
		if sent := tuitest.Sent[ui.Toast](d); len(sent) != 1 || !strings.HasPrefix(sent[0].Text, "11 lines saved") {
			t.Errorf("said %v", sent)
		}
		d.Press("esc")
		d.Wait("61 lines")
	})
}
