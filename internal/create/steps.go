package create

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/bootstrapcluster"
	"groundwork.dev/bootstrap/internal/cilium"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/preflight"
	"groundwork.dev/bootstrap/internal/progress"
	"groundwork.dev/bootstrap/internal/session"
	"groundwork.dev/bootstrap/internal/workflow"
	"groundwork.dev/bootstrap/providers"
)

// installation is one run of the workflow; its steps share it.
type installation struct {
	Options
	session *session.Session

	cluster *bootstrapcluster.Cluster
	tracker *progress.Tracker
	objects []string
	// networkPlugin is what the rendered chart holds, connectivity what was
	// checked in the cluster.
	networkPlugin []cilium.Object
	connectivity  []event.Check
}

func (i *installation) steps() []workflow.Step {
	steps := []workflow.Step{
		&checkSite{i},
		&startBootstrapCluster{i},
		&keepConfiguration{i},
		&prepareSite{i},
		&applyObjects{installation: i, name: "objects", title: "Create the Cluster API objects", choose: controlPlaneObjects},
	}
	firstMachine := []workflow.Step{
		&await{i, "control-plane", "Bring up the first control-plane machine", progress.ControlPlaneInitialized},
		&writeKubeconfig{i},
		&installNetworkPlugin{i},
	}
	workers := &applyObjects{installation: i, name: "worker-objects", title: "Create the workers' objects", choose: workerObjects}
	if p, ok := i.session.Plan.Provider.(providers.HeadStarter); ok && p.HeadStart() {
		steps = append(append(steps, workers), firstMachine...)
	} else {
		steps = append(append(steps, firstMachine...), workers)
	}
	steps = append(steps,
		&await{i, "control-plane-machines", "Bring up the control plane", progress.ControlPlaneReady},
		&await{i, "workers", "Bring up the workers", progress.WorkersReady},
		&await{i, "available", "Wait until the cluster is available", progress.ClusterAvailable},
	)
	if !i.Rehearsal {
		steps = append(steps, &settle{i})
		if i.CheckConnectivity {
			steps = append(steps, &checkConnectivity{i})
		}
	}
	return append(steps, &applyObjects{installation: i, name: LastStep, title: "Watch over the machines' health", choose: healthChecks})
}

// checkSite is the preflight. It is not made again on a resumed run: by then
// the cluster's own machines hold its name and its address.
type checkSite struct{ *installation }

func (*checkSite) Name() string  { return "preflight" }
func (*checkSite) Title() string { return "Check the site" }

func (s *checkSite) Run(ctx context.Context) error {
	_, err := preflight.Run(ctx, s.session.Plan.Provider.Checks(), s.Sink)
	return err
}

// startBootstrapCluster waits for the bootstrap cluster that the session has
// begun to start.
type startBootstrapCluster struct{ *installation }

func (*startBootstrapCluster) Name() string  { return "bootstrap-cluster" }
func (*startBootstrapCluster) Title() string { return "Start the bootstrap cluster" }

// Done is false at the beginning of every run: the process ended with the
// last one, its data did not.
func (s *startBootstrapCluster) Done(context.Context) (bool, error) { return s.cluster != nil, nil }

func (s *startBootstrapCluster) Run(ctx context.Context) error {
	cluster, err := s.session.Cluster(ctx)
	if err != nil {
		return err
	}
	deployments, err := workerObjects(s.session.Plan)
	if err != nil {
		return err
	}
	names := make([]string, len(deployments))
	for n, d := range deployments {
		names[n] = d.GetName()
	}
	s.cluster = cluster
	s.tracker = progress.New(progress.Options{
		Client: cluster.Client(), Provider: s.session.Plan.Provider, Sink: s.Sink,
		Cluster:   client.ObjectKey{Namespace: providers.Namespace, Name: s.Config.Cluster.Name},
		Deadlines: s.Deadlines, Store: s.State, Network: s.network(), Deployments: names,
	})
	return nil
}

// network is what the machines' network is called at the site.
func (i *installation) network() string {
	if site := i.Config.VSphereDatacenter; site != nil {
		return site.Spec.Network
	}
	return ""
}

// await waits for a condition of the cluster.
type await struct {
	*installation
	name, title string
	condition   progress.Condition
}

func (s *await) Name() string                           { return s.name }
func (s *await) Title() string                          { return s.title }
func (s *await) Run(ctx context.Context) error          { return s.tracker.Wait(ctx, s.condition) }
func (s *await) Done(ctx context.Context) (bool, error) { return s.tracker.Met(ctx, s.condition) }
