package start_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/status"
	"groundwork.dev/bootstrap/internal/workflow"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/start"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// made is the screen that a constructor made.
type made string

func (made) Init() tea.Cmd                         { return nil }
func (m made) Update(tea.Msg) (ui.Screen, tea.Cmd) { return m, nil }
func (m made) View(int, int) string                { return "made: " + string(m) }
func (made) Title() string                         { return "Next" }
func (made) Keys() []key.Binding                   { return nil }

func screen(format string, arguments ...any) (ui.Screen, error) {
	return made(fmt.Sprintf(format, arguments...)), nil
}

func everything() start.Options {
	return start.Options{
		New:      func(provider string) (ui.Screen, error) { return screen("new %s", provider) },
		Open:     func(path string) (ui.Screen, error) { return screen("open %s", filepath.Base(path)) },
		Rehearse: func(path string) (ui.Screen, error) { return screen("rehearse %q", filepath.Base(path)) },
		Drafts: func() ([]start.Draft, error) {
			return []start.Draft{{Path: "/state/_drafts/1.yaml", Cluster: "edge", Provider: v1alpha1.SSHDatacenterKind, Modified: tuitest.Now.Add(-5 * time.Minute)}}, nil
		},
		Continue: func(d start.Draft) (ui.Screen, error) { return screen("continue %s", d.Cluster) },
		Discard:  func(start.Draft) error { return nil },
		Resume:   func(_ context.Context, c backend.Cluster) (ui.Screen, error) { return screen("resume %s", c.Name) },
		Watch:    func(c backend.Cluster) ui.Screen { return made("watch " + c.Name) },
	}
}

func cluster(name string, last workflow.State) backend.Cluster {
	begun := tuitest.Now.Add(-3 * time.Hour)
	return backend.Cluster{Cluster: &status.Cluster{
		Name: name, Command: "create cluster",
		Steps: []workflow.Attempt{
			{Step: "control-plane", Title: "Start the control plane", Begun: begun, Seconds: 40, Tries: 1, Last: workflow.Finished},
			{Step: "cilium", Title: "Install Cilium", Begun: begun.Add(time.Minute), Seconds: 20, Tries: 1, Last: last},
		},
		Machines: make([]event.Machine, 5),
	}}
}

func clusters() []backend.Cluster {
	finished := cluster("prod", workflow.Finished)
	finished.Kubeconfig = "/state/prod/kubeconfig"
	running := cluster("lab", workflow.Started)
	running.Rehearsal = true
	running.Running = &state.Owner{PID: 4711, Host: "admin-1", Command: "create cluster", Since: tuitest.Now.Add(-12 * time.Minute)}
	interrupted := cluster("site-b", workflow.Failed)
	interrupted.Interrupted = true
	interrupted.Steps[1].Error = "wait for Cilium (DaemonSet kube-system/cilium): 2 of 5 ready.\nmore"
	deleting := cluster("old", workflow.Started)
	deleting.Interrupted, deleting.Command = true, "delete cluster"
	return []backend.Cluster{running, deleting, finished, interrupted}
}

func TestPage(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ width, height int }{{80, 24}, {120, 40}} {
		b := &backendtest.Backend{}
		options := everything()
		options.Drafts = nil
		d := tuitest.Open(t, tuitest.Env(), start.New(tuitest.Env(), b, options), size.width, size.height)
		d.Wait("none so far")
		d.Golden(fmt.Sprintf("empty-%d", size.width))

		b.KnownClusters = clusters()
		d = tuitest.Open(t, tuitest.Env(), start.New(tuitest.Env(), b, everything()), size.width, size.height)
		d.Wait("lab")
		d.Golden(fmt.Sprintf("start-%d", size.width))
		d.Press("end")
		d.Wait("prod")
		d.Golden(fmt.Sprintf("end-%d", size.width))
	}
	d := tuitest.Open(t, tuitest.ASCIIEnv(), start.New(tuitest.ASCIIEnv(), &backendtest.Backend{Answers: backendtest.Answers{KnownClusters: clusters()}}, everything()), 80, 24)
	d.Wait("site-b")
	d.Golden("ascii-80")
}

func TestWhatIsChosen(t *testing.T) {
	t.Parallel()
	down := func(n int, then ...string) []string {
		return append(strings.Fields(strings.Repeat("down ", n)), then...)
	}
	for _, c := range []struct {
		name  string
		press []string
		want  string
	}{
		{"new on vSphere", []string{"enter"}, "made: new VSphereDatacenterConfig"},
		{"new over SSH", []string{"j", "enter"}, "made: new SSHDatacenterConfig"},
		{"new netboot", []string{"tab", "down", "enter"}, "made: new TinkerbellDatacenterConfig"},
		{"an example", down(5, "enter"), `made: rehearse "."`},
		{"a draft", down(6, "enter"), "made: continue edge"},
		{"an interrupted create", down(7, "enter"), "made: resume site-b"},
		{"a look at it", down(7, "w"), "made: watch site-b"},
		{"a running one", down(8, "enter"), "made: watch lab"},
		{"a deletion is only looked at", down(9, "enter"), "made: watch old"},
		{"a finished one", []string{"G", "enter"}, "made: watch prod"},
		{"up stops at the first", []string{"down", "k", "up", "enter"}, "made: new VSphereDatacenterConfig"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := &backendtest.Backend{}
			b.KnownClusters = clusters()
			d := tuitest.Open(t, tuitest.Env(), start.New(tuitest.Env(), b, everything()), 120, 40)
			d.Wait("site-b")
			d.Press(c.press...)
			d.Wait(c.want, "Start › Next")
		})
	}
}

func TestListRefreshesItself(t *testing.T) {
	t.Parallel()
	b := &backendtest.Backend{}
	d := tuitest.Open(t, tuitest.Env(), start.New(tuitest.Env(), b, everything()), 80, 24)
	d.Wait("none so far")
	d.Press("down")
	b.Change(func(a *backendtest.Answers) { a.KnownClusters = clusters() })
	d.Wait("site-b", "❯ Servers over SSH") // the choice stays where it was
	d.Press("enter")
	d.Wait("made: new SSH")
	b.Change(func(a *backendtest.Answers) { a.KnownClusters = nil })
	d.Press("esc")
	d.WaitGone("site-b")
}

func TestListThatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := &backendtest.Backend{}
	b.ClustersFunc = func(context.Context) ([]backend.Cluster, error) {
		return clusters()[:1], &failure.Error{Summary: "read the state of site-b", Err: os.ErrPermission, Remedy: "run it as the user who made the cluster"}
	}
	d := tuitest.Open(t, tuitest.Env(), start.New(tuitest.Env(), b, everything()), 80, 24)
	d.Wait("lab", "✗ read the state of site-b: permission denied", "run it as the user who made the cluster")
}

func TestDiscard(t *testing.T) {
	t.Parallel()
	discarded := ""
	options := everything()
	options.Discard = func(d start.Draft) error { discarded = d.Path; return nil }
	drafts := options.Drafts
	options.Drafts = func() ([]start.Draft, error) {
		if discarded != "" {
			return nil, nil
		}
		return drafts()
	}
	d := tuitest.Open(t, tuitest.Env(), start.New(tuitest.Env(), &backendtest.Backend{}, options), 80, 24)
	d.Wait("edge")
	d.Press("end", "d")
	d.Wait("Discard the answers?")
	d.Press("esc")
	d.WaitGone("Discard the answers?")
	if discarded != "" {
		t.Fatal("discarded without a yes")
	}
	d.Press("d", "d")
	d.WaitGone("edge")
	if discarded != "/state/_drafts/1.yaml" {
		t.Errorf("discarded %q", discarded)
	}
}

func TestOpeningIsGivenUp(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	options := everything()
	options.Resume = func(ctx context.Context, _ backend.Cluster) (ui.Screen, error) {
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	}
	b := &backendtest.Backend{}
	b.KnownClusters = clusters()
	d := tuitest.Open(t, tuitest.Env(), start.New(tuitest.Env(), b, options), 120, 40)
	d.Wait("site-b")
	d.Press("down", "down", "down", "down", "down", "down", "down", "enter")
	d.Wait("opening site-b", "esc give up")
	d.Press("esc")
	d.WaitGone("opening site-b")
	<-ended
	d.Press("up", "enter")
	d.Wait("made: continue edge")
}

func TestOpeningFails(t *testing.T) {
	t.Parallel()
	options := everything()
	options.New = func(string) (ui.Screen, error) {
		return nil, &failure.Error{Summary: "begin a configuration", Err: errors.New("no home"), Remedy: "set HOME"}
	}
	d := tuitest.Open(t, tuitest.Env(), start.New(tuitest.Env(), &backendtest.Backend{}, options), 80, 24)
	d.Press("enter")
	d.Wait("begin a configuration", "Remedy set HOME")
}

func TestConfigurationFile(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	for _, name := range []string{"demo.yaml", "wrong.yaml"} {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	options := everything()
	open := options.Open
	options.Open = func(path string) (ui.Screen, error) {
		if filepath.Base(path) == "wrong.yaml" {
			return nil, v1alpha1.Problems{{File: "wrong.yaml", Line: 3, Column: 1, Message: "this is no YAML", Remedy: "indent it"}}
		}
		return open(path)
	}
	ask := func(t *testing.T, width, height int) *tuitest.Driver {
		d := tuitest.Open(t, tuitest.Env(), start.New(tuitest.Env(), &backendtest.Backend{}, options), width, height)
		d.Wait("Open")
		d.Press("down", "down", "down", "enter")
		d.Wait("Which configuration file?", "demo.yaml")
		return d
	}
	t.Run("opened", func(t *testing.T) {
		d := ask(t, 80, 24)
		d.Type("de")
		d.Press("tab", "enter")
		d.Wait("made: open demo.yaml", "Start › Next") // instead of the question
	})
	t.Run("not there", func(t *testing.T) {
		d := ask(t, 80, 24)
		d.Press("enter")
		d.Wait("✗ no file is named", "type its path")
		d.Type("/none.yaml")
		d.Press("enter")
		d.Wait("✗ there is no such file to open", "tab completes it")
		d.Golden("no-file-80")
		d.Type("x")
		d.WaitGone("✗")
	})
	t.Run("wrong", func(t *testing.T) {
		d := ask(t, 120, 40)
		d.Type("wrong.yaml")
		d.Press("enter")
		d.Wait("The configuration has a problem.", "wrong.yaml:3:1", "indent it")
		d.Press("enter", "esc")
		d.Wait("New cluster")
	})
	t.Run("rehearsed", func(t *testing.T) {
		d := tuitest.Open(t, tuitest.Env(), start.New(tuitest.Env(), &backendtest.Backend{}, options), 80, 24)
		d.Press("down", "down", "down", "down", "enter")
		d.Wait("nothing at its site is touched", "demo.yaml")
		d.Press("down", "enter")
		d.Wait(`made: rehearse "demo.yaml"`)
	})
}
