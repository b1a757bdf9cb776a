// Package progress watches a cluster come up or go away: it keeps a table of
// the machines and how far each has got, waits for conditions, and says what
// it waits for, on what, and when something will clearly never come.
package progress

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers"
)

// API is what of the bootstrap cluster's client is needed.
type API interface {
	client.Reader
	Scheme() *runtime.Scheme
}

// Provider is what of a providers.Provider is needed.
type Provider interface {
	Progress(ctx context.Context, c client.Reader, machine *clusterv1.Machine) (providers.Progress, error)
}

// ClusterWatcher is a Provider that can tell what holds all machines up at
// once: a site that does not answer, or refuses the login. While it tells of
// something, no machine's deadline comes nearer: nothing is certain about
// machines that nobody can see.
type ClusterWatcher interface {
	// ClusterProgress has a LastWord while the site is away, and Failed when
	// it will clearly never be there.
	ClusterProgress(ctx context.Context, c client.Reader) (providers.Progress, error)
}

// Store keeps a file; a *state.Dir is one.
type Store interface {
	ReadFile(name string) ([]byte, error)
	WriteFile(name string, data []byte) error
}

// Options are what a Tracker works with.
type Options struct {
	Client   API
	Provider Provider
	Cluster  client.ObjectKey
	Sink     event.Sink
	// Deadlines bound single stages of a machine.
	Deadlines Deadlines
	// Network is what the machines' network is called at the site, for the
	// remedy of a machine that gets no address; it may be empty.
	Network string
	// Deployments are the names of the MachineDeployments that a created
	// cluster has; WorkersReady waits until they are there.
	Deployments []string
	// Store keeps the machine table for ReadSnapshot and for the next run;
	// nil keeps nothing.
	Store Store
}

// Tracker polls the bootstrap cluster's API. It is safe for concurrent use;
// only one Wait goes on at a time.
type Tracker struct {
	o     Options
	waits sync.Mutex // held by the one Wait or Met

	mu    sync.Mutex // guards table and known
	table *table
	known bool // the Cluster was there once

	lastView   View
	site       providers.Progress
	overview   pace
	machines   pace
	saved      time.Time
	saveWarned bool
}

// New returns a Tracker that knows what an earlier run kept in the Store.
func New(o Options) *Tracker {
	if o.Sink == nil {
		o.Sink = event.Discard
	}
	o.Deadlines = o.Deadlines.withDefaults()
	t := &Tracker{o: o, table: newTable()}
	if o.Store != nil {
		// A table that cannot be read costs only the memory of how long a
		// machine has been where it is.
		if kept, err := ReadSnapshot(o.Store); err == nil {
			t.table.restore(kept, o.Deadlines)
		}
	}
	return t
}

// Machines is the table as it was last seen: control plane first, by name.
func (t *Tracker) Machines() []event.Machine {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.table.machines()
}

// Met reports whether c is true now.
func (t *Tracker) Met(ctx context.Context, c Condition) (bool, error) {
	t.waits.Lock()
	defer t.waits.Unlock()
	if err := t.refresh(ctx); err != nil {
		return false, err
	}
	v, err := t.look(ctx)
	if err != nil {
		return false, err
	}
	finding := c.Check(v)
	return finding.Met, finding.Failed
}

// Wait returns when c is true. It tells the sink what it waits for and how
// the machines move. Its errors are a *failure.Error as soon as it is certain
// that c never comes true, one with code TimedOut that holds an *UnmetError
// when ctx's deadline passes, and ctx's error when ctx is cancelled. An API
// that does not answer is no reason to give up.
func (t *Tracker) Wait(ctx context.Context, c Condition) error {
	t.waits.Lock()
	defer t.waits.Unlock()
	w := &wait{Tracker: t, condition: c, since: time.Now()}
	defer w.end()
	for {
		met, err := w.poll(ctx)
		if met || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return w.cutShort(ctx)
		case <-time.After(time.Until(earlier(t.overview.next, t.machines.next))):
		}
	}
}

// look reads what the conditions look at.
func (t *Tracker) look(ctx context.Context) (View, error) {
	v, err := readView(ctx, t.o.Client, t.o.Cluster)
	if err != nil {
		return View{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known = t.known || v.Cluster != nil
	v.Known, v.Machines, v.Wanted = t.known, t.table.machines(), t.o.Deployments
	return v, nil
}

// refresh brings the machine table up to date and tells what has changed.
func (t *Tracker) refresh(ctx context.Context) error {
	snapshot := newSnapshotReader(t.o.Client, t.o.Cluster.Namespace)
	list := &clusterv1.MachineList{}
	err := snapshot.List(ctx, list, client.InNamespace(t.o.Cluster.Namespace),
		client.MatchingLabels{clusterv1.ClusterNameLabel: t.o.Cluster.Name})
	if err != nil {
		return fmt.Errorf("list the machines: %w", err)
	}
	site := providers.Progress{}
	if watcher, can := t.o.Provider.(ClusterWatcher); can {
		if site, err = watcher.ClusterProgress(ctx, snapshot); err != nil {
			site = providers.Progress{LastWord: err.Error()}
		}
	}
	seen := make([]sighting, 0, len(list.Items))
	for i := range list.Items {
		s := t.sight(ctx, snapshot, &list.Items[i])
		s.unsure = s.unsure || site.LastWord != ""
		seen = append(seen, s)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	t.site = site
	t.overview.machines, t.machines.machines = len(seen), len(seen)
	t.mu.Lock()
	moved := t.table.update(seen, time.Now())
	t.mu.Unlock()
	for _, m := range moved {
		t.o.Sink.Emit(event.Event{Time: time.Now(), Kind: event.MachineMoved, Machine: &m})
	}
	return nil
}

// sight looks at one machine.
func (t *Tracker) sight(ctx context.Context, c client.Reader, m *clusterv1.Machine) sighting {
	s := sighting{machine: m}
	if err := terminalFailure(m); err != nil {
		s.infrastructure.Failed = err
		return s
	}
	leaving := !m.DeletionTimestamp.IsZero()
	// What the infrastructure says of a machine that is Ready adds nothing to
	// what the Machine says.
	if isTrue(m, clusterv1.ReadyCondition) && !leaving {
		return s
	}
	infrastructure, err := t.o.Provider.Progress(ctx, c, m)
	if err != nil {
		s.unsure = true
		infrastructure = providers.Progress{LastWord: err.Error()}
	}
	if leaving { // where nothing is to come up, nothing can fail to
		infrastructure.Failed = nil
	}
	s.infrastructure = infrastructure
	return s
}

// pace bounds what polling costs: it leaves 20 times the last poll's own
// duration until the next, so that polling takes at most a twentieth of the
// time, of the bootstrap cluster as of this process.
type pace struct {
	next     time.Time
	machines int // how many there are
}

func (p *pace) most() time.Duration {
	return min(pollMostFew+time.Duration(p.machines)*pollMostMachine, pollMost)
}

const (
	pollLeast = 200 * time.Millisecond
	// pollMost keeps a machine's certain failure within 30 s of its telling,
	// which can take two looks.
	pollMost = 5 * time.Second
	// pollMostFew is the most for a cluster of few machines, whose polls are
	// cheap even where other work makes them slow; pollMostMachine is what
	// each machine adds to it.
	pollMostFew     = 400 * time.Millisecond
	pollMostMachine = 10 * time.Millisecond
	pollShare       = 20
	// pollTimeout bounds a poll of an API that accepts and never answers.
	pollTimeout = 30 * time.Second
	// pollAfterError is how soon an API that failed is asked again.
	pollAfterError = time.Second
)

func (p *pace) due() bool { return !time.Now().Before(p.next) }

// poll runs poll with a time limit and sets when the next is due.
func (p *pace) poll(ctx context.Context, poll func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	start := time.Now()
	err := poll(ctx)
	interval := min(max(pollShare*time.Since(start), pollLeast), p.most())
	if err != nil {
		interval = max(interval, pollAfterError)
	}
	p.next = time.Now().Add(interval)
	return err
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// objectName is how messages call an object: "Cluster eksa-system/demo".
func objectName(kind string, key client.ObjectKey) string { return kind + " " + key.String() }

// oneOf returns the first that is not empty.
func oneOf(texts ...string) string {
	i := slices.IndexFunc(texts, func(s string) bool { return strings.TrimSpace(s) != "" })
	if i < 0 {
		return ""
	}
	return texts[i]
}
