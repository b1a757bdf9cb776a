package start

import (
	"testing"

	"groundwork.dev/bootstrap/internal/status"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// TestNothingIsReadBehindAnotherScreen: what was due or under way when another
// screen was opened neither reads again nor changes the list.
func TestNothingIsReadBehindAnotherScreen(t *testing.T) {
	s := New(tuitest.Env(), &backendtest.Backend{}, Options{Watch: func(backend.Cluster) ui.Screen { return nil }})
	s.Init()
	before := s.round
	list := read{round: before, clusters: []backend.Cluster{{Cluster: &status.Cluster{Name: "demo"}}}}
	if _, cmd := s.Update(list); cmd == nil || len(s.clusters) != 1 {
		t.Fatal("the list was not taken")
	}
	s.rows()[0].do()
	if _, cmd := s.Update(due(before)); cmd != nil {
		t.Error("it is read again")
	}
	list.clusters = nil
	if _, cmd := s.Update(list); cmd != nil || len(s.clusters) != 1 {
		t.Error("an old list was taken")
	}
	if _, cmd := s.Update(ui.Resumed{}); cmd == nil {
		t.Error("it is not read once it is on top again")
	}
}
