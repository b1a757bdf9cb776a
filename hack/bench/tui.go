package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"groundwork.dev/bootstrap/internal/create"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/progress"
	"groundwork.dev/bootstrap/internal/workflow"
)

const (
	keyEnter, keyTab, keyDown = "\r", "\t", "\x1b[B"
	// tableMachines are in the table that keys are pressed on.
	tableMachines = 500
	// tableKeys is how many are.
	tableKeys = 200
	// idleTime is how long nothing is done.
	idleTime = 10 * time.Second
	// serialLine is what a serial line of 9600 baud carries, in bytes a second:
	// 8 bits, a start bit and a stop bit.
	serialLine = 960.0
	// exampleRow is where the start page has the rehearsal of the example, and
	// clusterRow the first cluster, in keys from the top.
	exampleRow, clusterRow = 5, 6
)

// benchTUI measures the interface of the built binary on a pseudo-terminal.
func benchTUI(ctx context.Context, s *suite) error {
	if err := s.benchKeys(ctx); err != nil {
		return err
	}
	return s.benchSerial(ctx)
}

// benchKeys presses keys on a table of many machines.
func (s *suite) benchKeys(ctx context.Context) (err error) {
	state := filepath.Join(s.dir, "table")
	if err := keepTable(state); err != nil {
		return err
	}
	begun := time.Now()
	t, err := s.openTerminal(ctx, "xterm-256color", 120, 40, state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.shows(ctx, 0, "New cluster"); err != nil {
		return err
	}
	first := time.Since(begun)
	if err := t.down(ctx, clusterRow); err != nil {
		return err
	}
	if err := t.press(ctx, keyEnter, "large is ready"); err != nil {
		return err
	}
	if err := t.press(ctx, keyTab, "LAST WORD"); err != nil {
		return err
	}
	var took []float64
	for range tableKeys {
		d, err := t.latency(ctx, keyDown)
		if err != nil {
			return err
		}
		took = append(took, d.Seconds()*1000)
	}
	table("The interface: a key on a table of 500 machines, 120x40", []string{"start to first screen ms", "key to frame ms, median", "most", "keys"}, [][]string{{
		fmt.Sprintf("%.0f", first.Seconds()*1000), fmt.Sprintf("%.1f", median(took)), fmt.Sprintf("%.1f", slices.Max(took)), fmt.Sprint(len(took)),
	}})
	return nil
}

// benchSerial counts what is written to a terminal on a serial line.
func (s *suite) benchSerial(ctx context.Context) (err error) {
	t, err := s.openTerminal(ctx, "vt100", 80, 24, filepath.Join(s.dir, "serial"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.shows(ctx, 0, "New cluster"); err != nil {
		return err
	}
	var rows [][]string
	count := func(what string, work func() error) error {
		since, begun := t.bytes(), time.Now()
		if err := work(); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		seconds := time.Since(begun).Seconds()
		rate := float64(t.bytes()-since) / seconds
		rows = append(rows, []string{what, fmt.Sprintf("%.1f", seconds), fmt.Sprint(t.bytes() - since), fmt.Sprintf("%.0f", rate), fmt.Sprintf("%.0f %%", 100*rate/serialLine)})
		return nil
	}
	idle := func() error {
		select {
		case <-time.After(idleTime):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := count("start page, idle", idle); err != nil {
		return err
	}
	if err := t.down(ctx, exampleRow); err != nil {
		return err
	}
	if err := t.press(ctx, keyEnter, "The site is ready"); err != nil {
		return err
	}
	if err := t.press(ctx, keyEnter, "[ Rehearse ]"); err != nil {
		return err
	}
	if err := count("rehearsal of 3+2 machines", func() error { return t.press(ctx, keyEnter, "is ready on a simulated site") }); err != nil {
		return err
	}
	if err := count("end page, idle", idle); err != nil {
		return err
	}
	table("The interface: bytes written to a serial line, TERM=vt100, 80x24", []string{"while", "seconds", "bytes", "bytes/s", "of 9600 baud"}, rows)
	return nil
}

// down moves the cursor of the start page.
func (t *terminal) down(ctx context.Context, rows int) error {
	for range rows {
		if _, err := t.latency(ctx, keyDown); err != nil {
			return err
		}
	}
	return nil
}

// keepTable writes the state of a cluster that was made.
func keepTable(root string) error {
	dir := filepath.Join(root, "large")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	now := time.Now()
	snapshot := progress.Snapshot{Time: now}
	for i := range tableMachines {
		snapshot.Machines = append(snapshot.Machines, event.Machine{
			Name: fmt.Sprintf("large-md-0-x2k9p-%05d", i), Role: "worker", Group: "md-0", Stage: event.StageCloning, Since: now,
			LastWord: "waiting for the clone task to end",
		})
	}
	machines, err := json.Marshal(snapshot)
	if err != nil {
		return err
	}
	var journal bytes.Buffer
	encoder := json.NewEncoder(&journal)
	for _, state := range []workflow.State{workflow.Started, workflow.Finished} {
		if err := encoder.Encode(workflow.Entry{Time: now, Run: "1", Command: create.Command, Step: create.LastStep, Title: "The last", State: state}); err != nil {
			return err
		}
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "machines.json"), machines, 0o600),
		// Without it nothing was made.
		os.WriteFile(filepath.Join(dir, "configuration.yaml"), nil, 0o600),
		os.WriteFile(filepath.Join(dir, "journal.jsonl"), journal.Bytes(), 0o600),
	)
}
