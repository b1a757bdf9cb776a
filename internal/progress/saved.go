package progress

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"groundwork.dev/bootstrap/internal/event"
)

// tableFile is the file in the Store.
const tableFile = "machines.json"

// saveEvery is how often a table that keeps changing is kept.
const saveEvery = 5 * time.Second

// Snapshot is the machine table as a run last kept it.
type Snapshot struct {
	Time     time.Time       `json:"time"`
	Machines []event.Machine `json:"machines"`
	// Waiting is what the run waited for; nil when it waited for nothing.
	Waiting *event.Wait `json:"waiting,omitempty"`
	// Watched is how long each machine was watched in its stage, in seconds.
	Watched map[string]float64 `json:"watchedSeconds,omitempty"`
}

// ReadSnapshot returns the table that the last run kept, or is keeping, in s;
// an empty one where none was kept.
func ReadSnapshot(s Store) (Snapshot, error) {
	data, err := s.ReadFile(tableFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Snapshot{}, nil
	}
	if err != nil {
		return Snapshot{}, fmt.Errorf("read the machine table: %w", err)
	}
	var kept Snapshot
	if err := json.Unmarshal(data, &kept); err != nil {
		return Snapshot{}, fmt.Errorf("read the machine table: %w", err)
	}
	return kept, nil
}

// save keeps the table, now and then or because the wait ends.
func (w *wait) save(ends bool) {
	now := time.Now()
	if w.o.Store == nil || (!ends && now.Sub(w.saved) < saveEvery) {
		return
	}
	w.saved = now
	w.mu.Lock()
	kept := Snapshot{Time: now, Machines: w.table.machines(), Watched: map[string]float64{}}
	for name, r := range w.table.rows {
		if w.o.Deadlines.of(r.Stage) > 0 {
			kept.Watched[name] = r.watched.Seconds()
		}
	}
	w.mu.Unlock()
	if w.current.For != "" {
		kept.Waiting = &w.current
	}
	data, err := json.Marshal(kept)
	if err == nil {
		err = w.o.Store.WriteFile(tableFile, append(data, '\n'))
	}
	if err != nil && !w.saveWarned {
		w.saveWarned = true
		w.o.Sink.Emit(event.Event{
			Time: now, Kind: event.Warning, Message: "the machine table cannot be kept for `bootstrap status`: " + err.Error(),
		})
	}
}

// restore takes up the table that an earlier run kept.
func (t *table) restore(kept Snapshot, deadlines Deadlines) {
	for _, m := range kept.Machines {
		r := &row{Machine: m, watched: time.Duration(kept.Watched[m.Name] * float64(time.Second))}
		if deadline := deadlines.of(m.Stage); deadline > 0 {
			r.watched = max(0, min(r.watched, deadline-resumeGrace))
		}
		t.rows[m.Name] = r
	}
}
