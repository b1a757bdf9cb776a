package progress

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"groundwork.dev/bootstrap/internal/event"
)

// stageGone is the stage in which a machine leaves the table (package
// internal/progress).
const stageGone event.Stage = "gone"

// machine is a machine and how it got where it is.
type machine struct {
	event.Machine
	// past are the stages that it has left, oldest first, as far as they were
	// seen here.
	past    []passage
	trouble trouble
}

// passage is a stage that was left.
type passage struct {
	stage event.Stage
	begun time.Time
	took  time.Duration
}

// pastLimit is how many stages of a machine are kept: it has about ten, and
// one that is made anew is another machine.
const pastLimit = 24

// machines are all there are: control plane first, then by group and name.
type machines struct {
	rows  []*machine
	names map[string]*machine
	ready int
	// troubled is how many need a look, as of the last judge.
	troubled int
	// took are how long machines have taken for each stage.
	took map[event.Stage]*durations
	// changed counts the changes, for what is derived from the rows.
	changed int
}

func newMachines() *machines {
	return &machines{names: map[string]*machine{}, took: map[event.Stage]*durations{}}
}

func order(a, b event.Machine) int {
	return cmp.Or(strings.Compare(a.Role, b.Role), strings.Compare(a.Group, b.Group), strings.Compare(a.Name, b.Name))
}

// find is the machine of that name, or nil.
func (t *machines) find(name string) *machine { return t.names[name] }

// put takes in where a machine is. It reports whether it has moved: got into
// another stage or an address.
func (t *machines) put(now event.Machine) (moved bool) {
	t.changed++
	m := t.names[now.Name]
	switch {
	case now.Stage == stageGone:
		t.remove(m)
		return true
	case m == nil:
		t.insert(&machine{Machine: now})
		return true
	case order(m.Machine, now) != 0:
		// Its labels have changed, and with them its place.
		t.remove(m)
		m.Role, m.Group = now.Role, now.Group
		t.insert(m)
	}
	moved = m.Stage != now.Stage || m.Address != now.Address
	if m.Stage != now.Stage {
		took := max(0, now.Since.Sub(m.Since))
		m.past = append(m.past, passage{m.Stage, m.Since, took})
		m.past = m.past[max(0, len(m.past)-pastLimit):]
		t.learn(m.Stage, took)
		t.count(m.Stage, -1)
		t.count(now.Stage, 1)
	}
	m.Machine = now
	return moved
}

func (t *machines) place(m event.Machine) (int, bool) {
	return slices.BinarySearchFunc(t.rows, m, func(row *machine, with event.Machine) int { return order(row.Machine, with) })
}

func (t *machines) insert(m *machine) {
	i, _ := t.place(m.Machine)
	t.rows = slices.Insert(t.rows, i, m)
	t.names[m.Name] = m
	t.count(m.Stage, 1)
}

func (t *machines) remove(m *machine) {
	if m == nil {
		return
	}
	if i, there := t.place(m.Machine); there {
		t.rows = slices.Delete(t.rows, i, i+1)
	}
	delete(t.names, m.Name)
	t.count(m.Stage, -1)
}

func (t *machines) count(stage event.Stage, n int) {
	if stage == event.StageReady {
		t.ready += n
	}
}

func (t *machines) learn(stage event.Stage, took time.Duration) {
	d := t.took[stage]
	if d == nil {
		d = &durations{}
		t.took[stage] = d
	}
	d.add(took)
}

// replace takes in a whole table.
func (t *machines) replace(all []event.Machine) {
	there := make(map[string]bool, len(all))
	for _, m := range all {
		there[m.Name] = true
		if old := t.find(m.Name); old == nil || old.Machine != m {
			t.put(m)
		}
	}
	for _, m := range slices.Clone(t.rows) {
		if !there[m.Name] {
			left := m.Machine
			left.Stage = stageGone
			t.put(left)
		}
	}
}

// durationsLimit is how many durations a median is taken from.
const durationsLimit = 64

// durations are the last ones of many, sorted as they are asked.
type durations struct {
	last []time.Duration
	next int
}

func (d *durations) add(took time.Duration) {
	if len(d.last) < durationsLimit {
		d.last = append(d.last, took)
		return
	}
	d.last[d.next] = took
	d.next = (d.next + 1) % durationsLimit
}

// median is false where there are too few to call anything usual.
func (d *durations) median() (time.Duration, bool) {
	const few = 3
	if d == nil || len(d.last) < few {
		return 0, false
	}
	sorted := slices.Clone(d.last)
	slices.Sort(sorted)
	return sorted[len(sorted)/2], true
}
