package create

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/apply"
	"groundwork.dev/bootstrap/internal/plan"
)

// applyObjects applies some of the plan's objects.
type applyObjects struct {
	*installation
	name, title string
	choose      func(*plan.Plan) ([]client.Object, error)
}

func (s *applyObjects) Name() string  { return s.name }
func (s *applyObjects) Title() string { return s.title }

// Done is always false: applying again costs less than comparing, and repairs
// what an interrupted run left out.
func (s *applyObjects) Done(context.Context) (bool, error) { return false, nil }

func (s *applyObjects) Run(ctx context.Context) error {
	objects, err := s.choose(s.session.Plan)
	if err != nil {
		return err
	}
	applied, err := apply.Objects(ctx, s.cluster.Client(), objects)
	s.objects = append(s.objects, applied...)
	return err
}

func clusterObjects(p *plan.Plan) ([]client.Object, error) {
	manifests, err := p.Provider.Manifests()
	if err != nil {
		return nil, err
	}
	credentials, err := p.Provider.Credentials()
	if err != nil {
		return nil, err
	}
	// The namespace comes first among the manifests; the objects that refer
	// to the credentials wait for them without complaint.
	return append(manifests.Cluster, credentials...), nil
}

func healthChecks(p *plan.Plan) ([]client.Object, error) {
	manifests, err := p.Provider.Manifests()
	return manifests.HealthChecks, err
}
