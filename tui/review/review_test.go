package review

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/status"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

func config(t *testing.T, path string) *v1alpha1.Config {
	t.Helper()
	config, err := v1alpha1.Load("../../examples/" + path)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// running stands for the screen that runs a create.
type running struct {
	ui.Screen
	request backend.Request
}

func review(t *testing.T, b *backendtest.Backend, o Options, width, height int) *tuitest.Driver {
	t.Helper()
	if o.Config == nil {
		o.Config = config(t, "vsphere.yaml")
	}
	o.Start = func(r backend.Request) ui.Screen { return running{request: r} }
	if o.Save == nil {
		o.Save = func() ui.Screen { return running{} }
	}
	b.Expected = backend.Estimate{Total: 9 * time.Second, Basis: "the last 3 rehearsals here"}
	d := tuitest.Body(t, New(tuitest.Env(), b, o), width, height)
	d.Wait("about 9 s")
	return d
}

// started are the requests of the creates that were begun.
func started(d *tuitest.Driver) []backend.Request {
	var all []backend.Request
	for _, open := range tuitest.Sent[ui.Open](d) {
		all = append(all, open.Screen.(running).request)
	}
	return all
}

// earlier is the state that an earlier run of demo has left.
func earlier(t *testing.T, rehearsal bool, change func(string) string) *backendtest.Backend {
	t.Helper()
	text, err := config(t, "vsphere.yaml").YAML()
	if err != nil {
		t.Fatal(err)
	}
	key := "demo"
	if rehearsal {
		key = backendtest.Rehearsal + key
	}
	return &backendtest.Backend{Answers: backendtest.Answers{
		KnownClusters:  []backend.Cluster{{Cluster: &status.Cluster{Name: "demo"}, Rehearsal: rehearsal}},
		Configurations: map[string]string{key: change(string(text))},
	}}
}

func same(text string) string { return text }

func changed(text string) string {
	return strings.Replace(text, "kubernetesVersion: \"1.35\"", "kubernetesVersion: \"1.34\"", 1)
}

func TestScreens(t *testing.T) {
	objects := func(context.Context, *v1alpha1.Config) (int, error) { return 17, nil }
	for name, o := range map[string]Options{
		"vsphere": {Objects: objects}, "ssh": {Config: config(t, "ssh.yaml")}, "rehearsal-only": {RehearsalOnly: true},
	} {
		for size, wh := range map[string][2]int{"80x24": {80, 24}, "120x40": {120, 40}} {
			t.Run(name+"-"+size, func(t *testing.T) {
				d := review(t, &backendtest.Backend{}, o, wh[0], wh[1])
				if o.Objects != nil {
					d.Wait("17 objects")
				}
				d.Golden(name + "-" + size)
			})
		}
	}
	d := review(t, earlier(t, false, changed), Options{}, 80, 24)
	d.Wait("was begun before")
	d.Golden("earlier-80x24")
	d.Press("ctrl+y")
	d.Golden("configuration-80x24")
}

func TestManyGroupsScroll(t *testing.T) {
	c := config(t, "vsphere.yaml")
	groups := &c.Cluster.Spec.WorkerNodeGroupConfigurations
	for i := range 20 {
		group := (*groups)[0]
		group.Name = fmt.Sprintf("group-%02d", i)
		*groups = append(*groups, group)
	}
	d := review(t, &backendtest.Backend{}, Options{Config: c}, 80, 24)
	d.Wait("lines 1 to 17 of 31")
	d.Press("G")
	d.Wait("group-19", "together", "lines 15 to 31 of 31")
	d.Press("g", "j")
	d.Wait("lines 2 to 18")
}

func TestTheWholeConfigurationCanBeRead(t *testing.T) {
	d := review(t, &backendtest.Backend{}, Options{}, 80, 24)
	text, err := config(t, "vsphere.yaml").YAML()
	if err != nil {
		t.Fatal(err)
	}
	d.Press("ctrl+y")
	seen := d.Screen()
	for range 20 {
		d.Press("pgdn")
		seen += d.Screen()
	}
	seen = strings.ReplaceAll(seen, "\n", "") // long lines are wrapped
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(seen, strings.TrimSpace(line)) {
			t.Errorf("never shown: %q", line)
		}
	}
}

func TestSearch(t *testing.T) {
	d := review(t, &backendtest.Backend{}, Options{}, 80, 24)
	d.Press("/")
	d.Type("NUMcpus")
	d.Wait("1 of 2", "numCPUs: 2")
	d.Press("enter", "n")
	d.Wait("2 of 2", "numCPUs: 4")
	d.Press("n")
	d.Wait("1 of 2")
	d.Press("esc")
	d.WaitGone("1 of 2")
	d.Press("/")
	d.Type("nothing like it")
	d.Wait("not found")
	d.Press("esc", "N")
	d.Wait("/ searches")
}

func TestRehearsalStartsAtOnce(t *testing.T) {
	d := review(t, &backendtest.Backend{}, Options{}, 80, 24)
	d.Press("enter")
	got := started(d)
	if len(got) != 1 || !got[0].Rehearsal || got[0].AcceptChanges || got[0].Config.Cluster.Name != "demo" {
		t.Errorf("started %+v", got)
	}
	if asked := tuitest.Sent[ui.Ask](d); len(asked) != 0 {
		t.Errorf("asked %q", asked[0].Dialog.Text)
	}
}

func TestCreateAsksFirst(t *testing.T) {
	d := review(t, &backendtest.Backend{}, Options{}, 80, 24)
	d.Press("shift+tab", "enter")
	asked := tuitest.Sent[ui.Ask](d)
	if len(started(d)) != 0 || len(asked) != 1 || asked[0].Dialog.Word != "" {
		t.Fatalf("started %v, asked %v", started(d), asked)
	}
	d.Send(asked[0].Dialog.Answers[0].Do())
	if got := started(d); len(got) != 1 || got[0].Rehearsal {
		t.Errorf("started %+v", got)
	}
}

func TestWhatWasBegunBeforeAsksForTheName(t *testing.T) {
	for name, test := range map[string]struct {
		rehearsal bool
		before    func(string) string
		says      []string
		accepts   bool
	}{
		"the same":         {false, same, []string{"the same configuration"}, false},
		"changed":          {false, changed, []string{"are replaced", `-  kubernetesVersion: "1.34"`, `+  kubernetesVersion: "1.35"`}, true},
		"rehearsed before": {true, same, []string{"This rehearsal was begun before"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := review(t, earlier(t, test.rehearsal, test.before), Options{}, 80, 24)
			d.Wait("before")
			if !test.rehearsal {
				d.Press("shift+tab")
			}
			d.Press("enter")
			asked := tuitest.Sent[ui.Ask](d)
			if len(asked) != 1 || asked[0].Dialog.Word != "demo" || len(started(d)) != 0 {
				t.Fatalf("asked %+v, started %v", asked, started(d))
			}
			for _, want := range test.says {
				if !strings.Contains(asked[0].Dialog.Text, want) {
					t.Errorf("%q is not in\n%s", want, asked[0].Dialog.Text)
				}
			}
			if answers := asked[0].Dialog.Answers; answers[len(answers)-1].Do != nil {
				t.Error("esc does something")
			}
			d.Send(asked[0].Dialog.Answers[0].Do())
			if got := started(d); len(got) != 1 || got[0].AcceptChanges != test.accepts || got[0].Rehearsal != test.rehearsal {
				t.Errorf("started %+v", got)
			}
		})
	}
}

func TestAnEarlierRehearsalDoesNotHinderTheCluster(t *testing.T) {
	d := review(t, earlier(t, true, changed), Options{}, 80, 24)
	d.Wait("rehearsed before")
	d.Press("shift+tab", "enter")
	if asked := tuitest.Sent[ui.Ask](d); len(asked) != 1 || asked[0].Dialog.Word != "" {
		t.Errorf("asked %+v", asked)
	}
}

func TestAClusterThatIsWorkedOnIsLeftAlone(t *testing.T) {
	b := earlier(t, true, same)
	b.KnownClusters[0].Running = &state.Owner{PID: 42, Command: "create cluster"}
	d := review(t, b, Options{}, 80, 24)
	d.Wait("works on it now")
	d.Press("enter")
	if failed := tuitest.Sent[ui.Failed](d); len(failed) != 1 || !strings.Contains(failed[0].Err.Error(), "process 42") || len(started(d)) != 0 {
		t.Errorf("failed %v, started %v", failed, started(d))
	}
}

func TestUnknownStateStopsUntilItIsKnown(t *testing.T) {
	b := &backendtest.Backend{}
	b.ClustersFunc = func(context.Context) ([]backend.Cluster, error) { return nil, errors.New("no permission") }
	d := review(t, b, Options{}, 80, 24)
	d.Wait("is not known: no permission")
	d.Press("enter")
	if len(started(d)) != 0 || len(tuitest.Sent[ui.Failed](d)) != 1 {
		t.Fatal("started though the state is unknown")
	}
	b.Change(func(a *backendtest.Answers) { a.ClustersFunc = nil })
	d.Press("enter")
	d.WaitGone("is not known")
	d.Press("enter")
	if len(started(d)) != 1 {
		t.Error("not started")
	}
}

func TestStateIsLookedAtAgainOnComingBack(t *testing.T) {
	b := &backendtest.Backend{}
	d := review(t, b, Options{}, 80, 24)
	after := earlier(t, true, same)
	b.Change(func(a *backendtest.Answers) {
		a.KnownClusters, a.Configurations = after.KnownClusters, after.Configurations
	})
	d.Send(ui.Resumed{})
	d.Wait("rehearsed before")
}

func TestRehearsalOnlyOffersNoCreate(t *testing.T) {
	d := review(t, &backendtest.Backend{}, Options{RehearsalOnly: true}, 80, 24)
	if s := d.Screen(); strings.Contains(s, "Create") || !strings.Contains(s, "only a rehearsal") {
		t.Error(s)
	}
	d.Press("enter")
	if got := started(d); len(got) != 1 || !got[0].Rehearsal {
		t.Errorf("started %+v", got)
	}
}
