package live

import (
	"context"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/plan"
)

// Objects counts the Cluster API objects that a create makes. It works
// offline.
func (b *Backend) Objects(_ context.Context, config *v1alpha1.Config) (int, error) {
	p, err := plan.New(config, b.options.Catalogue, plan.Access{})
	if err != nil {
		return 0, err
	}
	manifests, err := p.Provider.Manifests()
	return len(manifests.Cluster) + len(manifests.HealthChecks), err
}
