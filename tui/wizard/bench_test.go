package wizard

import (
	"fmt"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/tuitest"
)

// BenchmarkKey is a key to a drawn frame, with the list of pages and the YAML
// beside the questions, of a configuration with 500 hosts that all have
// problems.
func BenchmarkKey(b *testing.B) {
	d := draft.New(v1alpha1.SSHDatacenterKind, "racks")
	for i := range 500 {
		d.Config.SSHDatacenter.Spec.Hosts = append(d.Config.SSHDatacenter.Spec.Hosts, v1alpha1.SSHHost{Name: fmt.Sprintf("node-%d", i)})
	}
	d.Changed()
	w := New(tuitest.Env(), &backendtest.Backend{}, d, Options{StateRoot: b.TempDir()})
	w.Init()
	for i := range w.pages {
		w.seen[w.pages[i].ID] = true
	}
	keys := []tea.Msg{tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("a")}, tea.KeyMsg{Type: tea.KeyBackspace}}
	for i := 0; b.Loop(); i++ {
		w.Update(keys[i%2])
		w.View(120, 36)
	}
}
