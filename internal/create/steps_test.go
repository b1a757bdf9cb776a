package create

import (
	"slices"
	"testing"

	"groundwork.dev/bootstrap/internal/plan"
	"groundwork.dev/bootstrap/internal/session"
	"groundwork.dev/bootstrap/providers"
)

// provider is one whose workers may begin early.
type provider struct {
	providers.Provider
	early bool
}

func (p provider) HeadStart() bool { return p.early }

// stepNames are the steps of an install with the provider, in order.
func stepNames(p providers.Provider) []string {
	i := &installation{session: &session.Session{Plan: &plan.Plan{Provider: p}}}
	var names []string
	for _, step := range i.steps() {
		names = append(names, step.Name())
	}
	return names
}

func TestWorkersBeginWhenTheProviderSaysSo(t *testing.T) {
	for _, early := range []bool{true, false} {
		names := stepNames(provider{early: early})
		workers, answers := slices.Index(names, "worker-objects"), slices.Index(names, "control-plane")
		if workers < 0 || answers < 0 || (workers < answers) != early {
			t.Errorf("with a head start %t the steps are %q", early, names)
		}
	}
}
