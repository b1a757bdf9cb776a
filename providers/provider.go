// Package providers holds the contract that every way of making machines
// meets. A provider turns the configuration into Cluster API objects, checks
// the site before anything is made, and tells how far a machine has got.
package providers

import (
	"context"

	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/event"
)

// Namespace is where every Cluster API object of a cluster lives; the same
// as EKS Anywhere's, so that its users find things where they were.
const Namespace = "eksa-system"

// Provider makes the machines of one kind of site for one cluster.
type Provider interface {
	// Name is the provider's name in messages and flags: "vsphere".
	Name() string
	// Manifests makes every object of the cluster but the credentials. It
	// works offline and gives the same objects every time.
	Manifests() (Manifests, error)
	// Credentials makes the objects that carry secrets. They are applied,
	// never printed.
	Credentials() ([]client.Object, error)
	// Checks are the preflight checks of the site.
	Checks() []Check
	// Progress says how far the infrastructure of machine has got, from the
	// provider's own objects. It returns a *failure.Error in Failed when the
	// machine will clearly never come up.
	Progress(ctx context.Context, c client.Reader, machine *clusterv1.Machine) (Progress, error)
}

// Preparer is a provider whose site needs work before the first object is
// made, or decides what a configuration leaves open.
type Preparer interface {
	// Prepare does that work; doing it again is safe. record is what the last
	// Prepare returned, nil before the first: what it decided must stay, or
	// machines would be replaced for no reason. From then on Manifests goes
	// by it. Without Prepare it goes by the configuration alone, offline.
	Prepare(ctx context.Context, record []byte) (Prepared, error)
}

// HeadStarter is a provider whose machines have much to do before the control
// plane answers.
type HeadStarter interface {
	// HeadStart reports whether the workers' objects are to be made together
	// with the control plane's, rather than once its first machine answers:
	// objects that could only wait would hold the control plane up.
	HeadStart() bool
}

// Residual is a provider whose site may keep something of a deleted cluster.
type Residual interface {
	// Residue says, once the Cluster is gone, what is left at the site and
	// what to do about it; nothing where all is as it was.
	Residue(ctx context.Context, c client.Reader, cluster client.ObjectKey) ([]Residue, error)
}

// Residue is one thing that is left of a deleted cluster.
type Residue struct {
	// Object is where it is left: "Host host-3 (10.0.0.13)".
	Object string
	// Message says what and why, Remedy what to do.
	Message, Remedy string
}

// Prepared is what Prepare did.
type Prepared struct {
	// Record is for the next Prepare of the same cluster; it has no secrets.
	Record []byte
	// Made says what was made at the site, a line each.
	Made []string
}

// Manifests are the objects of a cluster, in the order they are applied.
type Manifests struct {
	// Cluster makes the machines.
	Cluster []client.Object
	// HealthChecks replace unhealthy machines. They are applied once the
	// nodes are Ready: before, they would take a slow start for an illness.
	HealthChecks []client.Object
}

// Progress is what a provider knows about one machine.
type Progress struct {
	// Stage is one of those between StageBootstrap and StageJoining;
	// StagePending while there is nothing.
	Stage   event.Stage
	Address string
	// LastWord is the infrastructure controllers' last message, word for word.
	LastWord string
	// Failed is set when the machine will clearly never come up.
	Failed error
}

// Check is one preflight check. Checks whose Needs passed run in parallel.
type Check struct {
	Name string
	// Needs are the names of checks that must have passed first; where one
	// did not, this one is skipped.
	Needs []string
	// Run looks at the site. It fills Result, Want, Found and Remedy; an
	// error means that the check itself could not be made.
	Run func(ctx context.Context) (event.Check, error)
}
