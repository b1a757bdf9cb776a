package backendtest

import (
	"context"
	"slices"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/tui/backend"
)

func TestBackend(t *testing.T) {
	b := &Backend{Answers: Answers{
		Checks:      []event.Check{Passed("login", "as admin"), {Name: "network", Result: event.Failed}},
		Events:      []event.Event{{Kind: event.Notice, Message: "hello"}},
		Created:     backend.Result{Kubeconfig: "/kubeconfig"},
		Inventories: map[string]backend.Inventory{"": {Datacenters: []backend.Item{{Path: "/dc1"}}}},
	}}
	cfg := &v1alpha1.Config{Cluster: &v1alpha1.Cluster{}}
	cfg.Cluster.Name = "demo"
	var seen []event.Kind
	sink := event.SinkFunc(func(e event.Event) { seen = append(seen, e.Kind) })
	ctx := t.Context()

	if checks, err := b.Preflight(ctx, cfg, true, sink); len(checks) != 2 || failure.ExitCode(err) != failure.Preflight {
		t.Errorf("Preflight = %v, %v", checks, err)
	}
	if result, err := b.Create(ctx, backend.Request{Config: cfg}, sink); err != nil || result.Kubeconfig != "/kubeconfig" {
		t.Errorf("Create = %v, %v", result, err)
	}
	if inventory, err := b.Inventory(ctx, "vc", "", false, "/dc1"); err != nil || len(inventory.Datacenters) != 1 {
		t.Errorf("Inventory = %v, %v", inventory, err)
	}
	if _, err := b.Host(ctx, nil, v1alpha1.SSHHost{Address: "10.0.0.1"}); failure.Remedy(err) == "" {
		t.Errorf("Host = %v; want a remedy", err)
	}
	b.Change(func(a *Answers) { a.KnownClusters = []backend.Cluster{{Rehearsal: true}} })
	if clusters, err := b.Clusters(ctx); err != nil || len(clusters) != 1 {
		t.Errorf("Clusters = %v, %v", clusters, err)
	}
	b.Env.Set("NAME", secret.New("value"))
	if got := b.Environment().Getenv("NAME"); got != "value" {
		t.Errorf("Getenv = %q", got)
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if _, err := b.Create(stopped, backend.Request{Config: cfg, Rehearsal: true}, sink); err == nil {
		t.Error("a cancelled create succeeded")
	}

	wantCalls := []string{"Preflight demo rehearsal", "Create demo", "Inventory vc /dc1", "Host 10.0.0.1", "Clusters", "Create demo rehearsal"}
	if got := b.Calls(); !slices.Equal(got, wantCalls) {
		t.Errorf("Calls = %q; want %q", got, wantCalls)
	}
	if wantSeen := []event.Kind{event.Checked, event.Checked, event.Notice, event.Notice}; !slices.Equal(seen, wantSeen) {
		t.Errorf("events %v; want %v", seen, wantSeen)
	}
	if got := b.Requests(); len(got) != 2 || !got[1].Rehearsal {
		t.Errorf("Requests = %v", got)
	}
}
