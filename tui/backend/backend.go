// Package backend is what the terminal interface asks of the rest of the
// program. The interface itself decides nothing: it fills a configuration, and
// everything else happens behind Backend, as it does for headless runs.
package backend

import (
	"context"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/internal/status"
)

// Environment answers for environment variables: what the user typed into the
// interface first, then the process's own. Logins are kept here alone.
type Environment interface {
	Getenv(name string) string
	Set(name string, value secret.String)
}

// Cluster is a cluster that has state on this machine.
type Cluster struct {
	*status.Cluster
	// Rehearsal says that it is of a simulated site.
	Rehearsal bool
	// Interrupted says that its last command did not finish and nobody is at
	// it: the same command goes on.
	Interrupted bool
	LogFile     string
}

// Request is a create.
type Request struct {
	Config    *v1alpha1.Config
	Rehearsal bool
	// AcceptChanges consents to a configuration that differs from the one the
	// interrupted run began with.
	AcceptChanges bool
}

// Result is a create that has finished.
type Result struct {
	Kubeconfig string
	// Summary is the report as the command prints it.
	Summary string
}

// Estimate is how long a create is expected to take, from measured runs.
type Estimate struct {
	Total time.Duration
	// Steps are the expected durations by the step's name.
	Steps map[string]time.Duration
	// Basis says what it was taken from: "the last 3 rehearsals here".
	Basis string
}

// Certificate is the one that a vCenter shows.
type Certificate struct {
	// Thumbprint is its SHA-1, in the configuration's form; SHA256 the other.
	Thumbprint, SHA256 string
	Subject, Issuer    string
	Names              []string
	NotAfter           time.Time
	// Trusted says that this machine's authorities vouch for it; Untrusted is
	// why they do not.
	Trusted   bool
	Untrusted string
}

// Item is one thing in a vCenter's inventory.
type Item struct {
	// Path is the inventory path: "/dc1/datastore/ssd".
	Path string
	// Detail says what helps to choose: "512 GiB free of 2 TiB".
	Detail string
	// Unfit is why it cannot be used, "" where it can.
	Unfit string
	// Kubernetes are the minors that a template is made for, OSFamily is its
	// operating system, as far as its tags say.
	Kubernetes []string
	OSFamily   string
}

// Inventory is what a vCenter's user sees of one datacenter.
type Inventory struct {
	Datacenters []Item // of the whole vCenter
	// The others are of the datacenter asked for; empty without one.
	ComputeClusters, ResourcePools, Datastores, Folders, Networks, Templates []Item
	// StoragePolicies and Tags are of the whole vCenter; a tag's Path is its
	// URN.
	StoragePolicies, Tags []Item
}

// Host is what a host over SSH says of itself.
type Host struct {
	// Fingerprint is of its key, as ssh-keygen -lf prints it. It is filled
	// also where the login failed.
	Fingerprint string
	// OS, CPUs, MemoryGiB and DiskGiB are of a host that let us in.
	OS                       string
	CPUs, MemoryGiB, DiskGiB int
	// Problems keep it from being a node, each with its remedy.
	Problems []string
}

// Backend is the rest of the program. Its errors are *failure.Error or
// v1alpha1.Problems where there is something to be said, and everything ends
// with its context. It is safe for concurrent use.
type Backend interface {
	Environment() Environment
	// Clusters are all that have state here, rehearsals included.
	Clusters(ctx context.Context) ([]Cluster, error)
	// Configuration is the effective configuration of a cluster's last run.
	Configuration(ctx context.Context, name string, rehearsal bool) ([]byte, error)
	// Versions are the Kubernetes minors that can be installed, newest first.
	Versions() []string

	// Preflight makes the checks of a site without changing anything.
	Preflight(ctx context.Context, config *v1alpha1.Config, rehearsal bool, sink event.Sink) ([]event.Check, error)
	// Create makes the cluster or goes on with it; events go to sink as they
	// happen. Cancelled, it keeps the state to go on later.
	Create(ctx context.Context, request Request, sink event.Sink) (Result, error)
	Estimate(config *v1alpha1.Config, rehearsal bool) Estimate

	// Certificate shakes hands with a vCenter and says what it showed.
	Certificate(ctx context.Context, server string) (Certificate, error)
	// Inventory logs in with the environment's credentials. datacenter may be
	// "".
	Inventory(ctx context.Context, server, thumbprint string, insecure bool, datacenter string) (Inventory, error)
	// Host tries one host of the configuration's SSH datacenter. Where no key
	// is pinned for it, it says the host's fingerprint and does not log in.
	Host(ctx context.Context, site *v1alpha1.SSHDatacenterConfig, host v1alpha1.SSHHost) (Host, error)
}
