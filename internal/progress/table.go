package progress

import (
	"cmp"
	"slices"
	"strings"
	"time"

	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers"
)

// sighting is what one look at a machine found.
type sighting struct {
	machine        *clusterv1.Machine
	infrastructure providers.Progress
	// unsure is set when the infrastructure could not be looked at, by us or
	// by its controllers.
	unsure bool
}

// row is one machine of the table.
type row struct {
	event.Machine
	// watched is how long the machine was seen in its stage by somebody who
	// could see it move. Time in which this program did not run, the API did
	// not answer or the site was away does not count.
	watched time.Duration
	seen    time.Time // zero after sight was lost
	unsure  bool
	told    bool // the sink knows the row as it is
	failed  error
}

// longestLook is the longest time between two looks that counts as watched:
// after a longer one, this machine slept.
const longestLook = 30 * time.Second

// table is how far each machine has got.
type table struct{ rows map[string]*row }

func newTable() *table { return &table{rows: map[string]*row{}} }

// update takes in what was seen at now, and returns the machines that have
// moved, those that are gone included.
func (t *table) update(seen []sighting, now time.Time) []event.Machine {
	gone := t.rows
	t.rows = make(map[string]*row, len(seen))
	var moved []event.Machine
	for _, s := range seen {
		r := newRow(s, gone[s.machine.Name], now)
		delete(gone, r.Name)
		t.rows[r.Name] = r
		if !r.told {
			r.told = true
			moved = append(moved, r.Machine)
		}
	}
	for _, r := range gone {
		moved = append(moved, event.Machine{
			Name: r.Name, Role: r.Role, Group: r.Group, Stage: StageGone, Address: r.Address, Since: now,
		})
	}
	slices.SortFunc(moved, byRole)
	return moved
}

// newRow is the row of a machine that was old before, or nil.
func newRow(s sighting, old *row, now time.Time) *row {
	m := s.machine
	r := &row{seen: now, unsure: s.unsure, failed: s.infrastructure.Failed}
	stage := stageOf(m, s.infrastructure)
	if s.unsure && old != nil && behind(stage, old.Stage) < 0 {
		// Not to see the infrastructure is not to see it go backwards.
		stage = old.Stage
	}
	r.Machine = event.Machine{
		Name: m.Name, Role: roleOf(m), Group: m.Labels[clusterv1.MachineDeploymentNameLabel],
		Stage: stage, Address: addressOf(m, s.infrastructure), LastWord: lastWord(m, stage, s.infrastructure), Since: now,
	}
	if old == nil {
		return r
	}
	if r.Address == "" {
		r.Address = old.Address
	}
	if old.Stage == r.Stage {
		r.Since, r.watched = old.Since, old.watched
		if !r.unsure && !old.seen.IsZero() {
			r.watched += min(now.Sub(old.seen), longestLook)
		}
	}
	r.told = old.told && old.Machine == r.Machine
	return r
}

// loseSight has the time until the next look count for nothing.
func (t *table) loseSight() {
	for _, r := range t.rows {
		r.seen = time.Time{}
	}
}

// machines are the rows, control plane first, by name.
func (t *table) machines() []event.Machine {
	machines := make([]event.Machine, 0, len(t.rows))
	for _, r := range t.rows {
		machines = append(machines, r.Machine)
	}
	slices.SortFunc(machines, byRole)
	return machines
}

// byRole orders control-plane, worker; then by group and name.
func byRole(a, b event.Machine) int {
	return cmp.Or(strings.Compare(a.Role, b.Role), strings.Compare(a.Group, b.Group), strings.Compare(a.Name, b.Name))
}

// furthestBehind is, among the machines that hold c up and about which there
// is something to say, the one that has got least far; of equals, the one
// that has been there longest.
func (t *table) furthestBehind(c Condition) (event.Machine, bool) {
	var last *row
	for _, r := range t.rows {
		if r.Stage == event.StageReady || r.LastWord == "" || !c.Concerns(r.Role) {
			continue
		}
		if last == nil || cmp.Or(behind(r.Stage, last.Stage), r.Since.Compare(last.Since), strings.Compare(r.Name, last.Name)) < 0 {
			last = r
		}
	}
	if last == nil {
		return event.Machine{}, false
	}
	return last.Machine, true
}

// unfinished reports whether a machine that holds c up was not Ready yet.
func (t *table) unfinished(c Condition) bool {
	for _, r := range t.rows {
		if r.Stage != event.StageReady && c.Concerns(r.Role) {
			return true
		}
	}
	return false
}

// count is how many machines c takes, and how many of them are ready.
func (t *table) count(c Condition) (ready, machines int) {
	for _, r := range t.rows {
		if !c.Concerns(r.Role) {
			continue
		}
		machines++
		if r.Stage == event.StageReady {
			ready++
		}
	}
	return ready, machines
}
