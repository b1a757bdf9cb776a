// Package destroy is the workflow that deletes a cluster and everything that
// was made for it.
package destroy

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"

	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/apply"
	"groundwork.dev/bootstrap/internal/bootstrapcluster"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/progress"
	"groundwork.dev/bootstrap/internal/session"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/workflow"
	"groundwork.dev/bootstrap/providers"
)

// Options are what a deletion needs to know.
type Options struct {
	State     *state.Dir
	Rehearsal bool
	// Catalogue is the path of the release catalogue that create was given,
	// or "".
	Catalogue string
	Getenv    func(string) string
	Sink      event.Sink
	Log       *slog.Logger
}

// Cluster deletes the cluster whose state o.State is, its machines first, then
// the state itself. Interrupted, it can be run again. Its errors are
// *failure.Error.
func Cluster(ctx context.Context, o Options) error {
	text, err := o.State.Configuration()
	if errors.Is(err, fs.ErrNotExist) { // create never got as far as making anything
		return o.State.RemoveAll()
	}
	if err != nil {
		return err
	}
	cfg, err := v1alpha1.Parse(o.State.Path(state.ConfigurationFile), text)
	if err != nil {
		return err
	}
	if err := run(ctx, o, cfg); err != nil {
		return err
	}
	return o.State.RemoveAll()
}

func run(ctx context.Context, o Options, cfg *v1alpha1.Config) (err error) {
	journal, err := workflow.OpenJournal(o.State.Path(state.DeleteJournalFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	s, err := session.Open(ctx, session.Options{
		Config: cfg, Catalogue: o.Catalogue, State: o.State, Rehearsal: o.Rehearsal,
		Getenv: o.Getenv, Sink: o.Sink, Log: o.Log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	d := &deletion{
		Options: o, session: s,
		key: client.ObjectKey{Namespace: providers.Namespace, Name: cfg.Cluster.Name},
	}
	return workflow.Run(ctx, workflow.Options{
		Command: "delete cluster", Journal: journal, Sink: o.Sink,
		Steps: []workflow.Step{&startBootstrapCluster{d}, &deleteMachines{d}, &nothingLeft{d}},
	})
}

// deletion is one run of the workflow; its steps share it.
type deletion struct {
	Options
	session *session.Session
	key     client.ObjectKey
	cluster *bootstrapcluster.Cluster
}

type startBootstrapCluster struct{ *deletion }

func (*startBootstrapCluster) Name() string  { return "bootstrap-cluster" }
func (*startBootstrapCluster) Title() string { return "Start the bootstrap cluster over its data" }

func (s *startBootstrapCluster) Done(context.Context) (bool, error) { return s.cluster != nil, nil }

func (s *startBootstrapCluster) Run(ctx context.Context) (err error) {
	s.cluster, err = s.session.Cluster(ctx)
	return err
}

type deleteMachines struct{ *deletion }

func (*deleteMachines) Name() string  { return "delete-machines" }
func (*deleteMachines) Title() string { return "Delete the machines" }

func (s *deleteMachines) Done(ctx context.Context) (bool, error) {
	err := s.cluster.Client().Get(ctx, s.key, &clusterv1.Cluster{})
	return client.IgnoreNotFound(err) == nil && err != nil, client.IgnoreNotFound(err)
}

func (s *deleteMachines) Run(ctx context.Context) error {
	// The login may have changed since create.
	credentials, err := s.session.Plan.Provider.Credentials()
	if err != nil {
		return err
	}
	if _, err := apply.Objects(ctx, s.cluster.Client(), credentials); err != nil {
		return err
	}
	cluster := &clusterv1.Cluster{}
	cluster.Namespace, cluster.Name = s.key.Namespace, s.key.Name
	if err := s.cluster.Client().Delete(ctx, cluster); client.IgnoreNotFound(err) != nil {
		return err
	}
	tracker := progress.New(progress.Options{
		Client: s.cluster.Client(), Provider: s.session.Plan.Provider, Sink: s.Sink,
		Cluster: s.key, Store: s.State,
	})
	return tracker.Wait(ctx, progress.ClusterDeleted)
}

// nothingLeft looks whether the site is as it was.
type nothingLeft struct{ *deletion }

func (*nothingLeft) Name() string  { return "nothing-left" }
func (*nothingLeft) Title() string { return "See that nothing is left over" }

func (s *nothingLeft) Run(ctx context.Context) error {
	if residual, ok := s.session.Plan.Provider.(providers.Residual); ok {
		left, err := residual.Residue(ctx, s.cluster.Client(), s.key)
		if err != nil {
			return err
		}
		for _, r := range left {
			s.Sink.Emit(event.Event{Kind: event.Warning, Step: s.Name(), Message: r.Object + ": " + r.Message, Remedy: r.Remedy})
		}
	}
	return s.noSimulatedMachine()
}

// noSimulatedMachine looks at a simulated site, where it can be known for
// certain.
func (s *nothingLeft) noSimulatedMachine() error {
	if s.session.Site == nil {
		return nil
	}
	if left := s.session.Site.Machines(); len(left) > 0 {
		return &failure.Error{
			Code: failure.Infrastructure, Object: "VM " + left[0].Name,
			Summary: "the cluster is deleted, but its virtual machine is still there",
			Remedy:  "delete it in the vCenter",
		}
	}
	return nil
}
