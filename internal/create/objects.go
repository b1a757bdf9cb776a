package create

import (
	"context"
	"slices"

	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
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

// controlPlaneObjects are those of the cluster but its MachineDeployments.
func controlPlaneObjects(p *plan.Plan) ([]client.Object, error) {
	objects, _, err := clusterObjects(p)
	if err != nil {
		return nil, err
	}
	credentials, err := p.Provider.Credentials()
	if err != nil {
		return nil, err
	}
	// The namespace comes first among the manifests. What refers to the
	// credentials would begin by missing them.
	return slices.Insert(objects, 1, credentials...), nil
}

// workerObjects are the MachineDeployments. See providers.HeadStarter for when
// they are made.
func workerObjects(p *plan.Plan) ([]client.Object, error) {
	_, deployments, err := clusterObjects(p)
	return deployments, err
}

func clusterObjects(p *plan.Plan) (others, deployments []client.Object, err error) {
	manifests, err := p.Provider.Manifests()
	if err != nil {
		return nil, nil, err
	}
	for _, o := range manifests.Cluster {
		if _, ok := o.(*clusterv1.MachineDeployment); ok {
			deployments = append(deployments, o)
		} else {
			others = append(others, o)
		}
	}
	return others, deployments, nil
}

func healthChecks(p *plan.Plan) ([]client.Object, error) {
	manifests, err := p.Provider.Manifests()
	return manifests.HealthChecks, err
}
