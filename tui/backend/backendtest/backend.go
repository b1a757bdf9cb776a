// Package backendtest is a backend.Backend for the tests of screens: what it
// answers is set, and what it was asked is kept.
package backendtest

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/backend"
)

// Answers are what a Backend says. Fields that end in Func answer instead of
// the field of that name, and may block until their context ends.
type Answers struct {
	KnownClusters []backend.Cluster
	ClustersFunc  func(context.Context) ([]backend.Cluster, error)
	// Configurations are by the cluster's name, with Rehearsal before that of
	// a rehearsal.
	Configurations map[string]string
	KnownVersions  []string // nil is DefaultVersions

	// Checks are emitted one after the other and returned, with the error of
	// a preflight that failed where one has.
	Checks        []event.Check
	PreflightFunc func(context.Context, *v1alpha1.Config, bool, event.Sink) ([]event.Check, error)

	// Events are emitted by Create before it returns Created and CreateError.
	Events      []event.Event
	Created     backend.Result
	CreateError error
	CreateFunc  func(context.Context, backend.Request, event.Sink) (backend.Result, error)

	Expected backend.Estimate

	Certificates    map[string]backend.Certificate // by server
	CertificateFunc func(context.Context, string) (backend.Certificate, error)

	// Inventories are by datacenter, "" for that of the whole vCenter, which
	// also answers for those that are not here.
	Inventories   map[string]backend.Inventory
	InventoryFunc func(ctx context.Context, server, thumbprint string, insecure bool, datacenter string) (backend.Inventory, error)

	Hosts    map[string]backend.Host // by address
	HostFunc func(context.Context, *v1alpha1.SSHDatacenterConfig, v1alpha1.SSHHost) (backend.Host, error)
}

// Backend answers with what its Answers say. The zero value knows no cluster,
// makes no check, creates at once, and finds servers and hosts unreachable.
// While it is in use, Answers are changed by Change alone.
type Backend struct {
	Answers
	Env Environment

	mu       sync.Mutex
	calls    []string
	requests []backend.Request
}

// Rehearsal begins the key of a rehearsal's configuration.
const Rehearsal = "rehearsal/"

// DefaultVersions are answered where no others are set.
var DefaultVersions = []string{"1.34", "1.33", "1.32"}

var _ backend.Backend = (*Backend)(nil)

// Change changes answers while the backend is in use.
func (b *Backend) Change(change func(*Answers)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.Answers)
}

// Calls are what was asked so far, in order: "Preflight demo", "Inventory
// vcenter.example dc1".
func (b *Backend) Calls() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.calls)
}

// Requests are the creates that were asked for, in order.
func (b *Backend) Requests() []backend.Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.requests)
}

// asked keeps a call, and is the answers as they are at this moment.
func (b *Backend) asked(call string, arguments ...string) Answers {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, strings.TrimSpace(call+" "+strings.Join(arguments, " ")))
	return b.Answers
}

// Environment implements backend.Backend.
func (b *Backend) Environment() backend.Environment { return &b.Env }

// Clusters implements backend.Backend.
func (b *Backend) Clusters(ctx context.Context) ([]backend.Cluster, error) {
	now := b.asked("Clusters")
	if now.ClustersFunc != nil {
		return now.ClustersFunc(ctx)
	}
	return slices.Clone(now.KnownClusters), ctx.Err()
}

// Configuration implements backend.Backend.
func (b *Backend) Configuration(ctx context.Context, name string, rehearsal bool) ([]byte, error) {
	key := name
	if rehearsal {
		key = Rehearsal + name
	}
	text, ok := b.asked("Configuration", key).Configurations[key]
	if !ok {
		return nil, &failure.Error{
			Code: failure.Usage, Summary: "nothing is known here of this cluster", Object: "Cluster " + name, Err: fs.ErrNotExist,
			Remedy: "check the name and --state-dir; for a rehearsal, add --rehearse",
		}
	}
	return []byte(text), ctx.Err()
}

// Versions implements backend.Backend.
func (b *Backend) Versions() []string {
	if now := b.asked("Versions"); now.KnownVersions != nil {
		return now.KnownVersions
	}
	return slices.Clone(DefaultVersions)
}

// Preflight implements backend.Backend.
func (b *Backend) Preflight(ctx context.Context, config *v1alpha1.Config, rehearsal bool, sink event.Sink) ([]event.Check, error) {
	now := b.asked("Preflight", config.Cluster.Name, rehearsed(rehearsal))
	if now.PreflightFunc != nil {
		return now.PreflightFunc(ctx, config, rehearsal, sink)
	}
	failed := 0
	for _, check := range now.Checks {
		sink.Emit(event.Event{Kind: event.Checked, Elapsed: check.Seconds, Remedy: check.Remedy, Check: &check})
		if check.Result == event.Failed {
			failed++
		}
	}
	if failed > 0 {
		return now.Checks, &failure.Error{
			Code:    failure.Preflight,
			Summary: fmt.Sprintf("%d of %d preflight checks failed", failed, len(now.Checks)),
			Remedy:  "Do what each failed check asks for, then run the same command again.",
		}
	}
	return now.Checks, ctx.Err()
}

// Create implements backend.Backend.
func (b *Backend) Create(ctx context.Context, request backend.Request, sink event.Sink) (backend.Result, error) {
	now := b.asked("Create", request.Config.Cluster.Name, rehearsed(request.Rehearsal))
	b.mu.Lock()
	b.requests = append(b.requests, request)
	b.mu.Unlock()
	if now.CreateFunc != nil {
		return now.CreateFunc(ctx, request, sink)
	}
	for _, e := range now.Events {
		sink.Emit(e)
	}
	if err := ctx.Err(); err != nil {
		return backend.Result{}, err
	}
	return now.Created, now.CreateError
}

// Estimate implements backend.Backend.
func (b *Backend) Estimate(config *v1alpha1.Config, rehearsal bool) backend.Estimate {
	return b.asked("Estimate", config.Cluster.Name, rehearsed(rehearsal)).Expected
}

// Certificate implements backend.Backend.
func (b *Backend) Certificate(ctx context.Context, server string) (backend.Certificate, error) {
	now := b.asked("Certificate", server)
	if now.CertificateFunc != nil {
		return now.CertificateFunc(ctx, server)
	}
	certificate, ok := now.Certificates[server]
	if !ok {
		return certificate, unreachable(server)
	}
	return certificate, ctx.Err()
}

// Inventory implements backend.Backend.
func (b *Backend) Inventory(ctx context.Context, server, thumbprint string, insecure bool, datacenter string) (backend.Inventory, error) {
	now := b.asked("Inventory", server, datacenter)
	if now.InventoryFunc != nil {
		return now.InventoryFunc(ctx, server, thumbprint, insecure, datacenter)
	}
	inventory, ok := now.Inventories[datacenter]
	if !ok {
		inventory, ok = now.Inventories[""]
	}
	if !ok {
		return inventory, unreachable(server)
	}
	return inventory, ctx.Err()
}

// Host implements backend.Backend.
func (b *Backend) Host(ctx context.Context, site *v1alpha1.SSHDatacenterConfig, host v1alpha1.SSHHost) (backend.Host, error) {
	now := b.asked("Host", host.Address)
	if now.HostFunc != nil {
		return now.HostFunc(ctx, site, host)
	}
	found, ok := now.Hosts[host.Address]
	if !ok {
		return found, unreachable(host.Address)
	}
	return found, ctx.Err()
}

func rehearsed(rehearsal bool) string {
	if rehearsal {
		return "rehearsal"
	}
	return ""
}

// unreachable is what is said of a server that the test has not set up.
func unreachable(server string) error {
	return &failure.Error{
		Code: failure.Infrastructure, Summary: server + " does not answer", Err: context.DeadlineExceeded,
		Remedy: "check the address and that a firewall lets it through",
	}
}

// Passed is a check that passed, for Checks.
func Passed(name, found string) event.Check {
	return event.Check{Name: name, Result: event.Passed, Want: name, Found: found, Seconds: (200 * time.Millisecond).Seconds()}
}
