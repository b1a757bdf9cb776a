package workflow

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"groundwork.dev/bootstrap/internal/failure"
)

// State is what a journal entry says of its step.
type State string

// The states of a step.
const (
	Started     State = "started"
	Finished    State = "finished"
	Failed      State = "failed"
	Skipped     State = "skipped" // it was done already
	Undone      State = "undone"
	Interrupted State = "interrupted"
)

// Entry is one line of the journal.
type Entry struct {
	Time    time.Time `json:"time"`
	Run     string    `json:"run"` // one value for each start of the program
	Command string    `json:"command"`
	Step    string    `json:"step"`
	Title   string    `json:"title,omitempty"`
	State   State     `json:"state"`
	Seconds float64   `json:"seconds,omitempty"` // how long the attempt took
	Error   string    `json:"error,omitempty"`
	// Configuration is the digest of the effective configuration.
	Configuration string `json:"configuration,omitempty"`
}

// Journal is the append-only record of what the runs on a cluster did. Each
// entry is on the disk before the work goes on.
type Journal struct {
	mu      sync.Mutex
	file    *os.File
	size    int64
	entries []Entry
}

// OpenJournal opens the journal at path with mode 0600, and makes it where it
// is missing. What a kill or a power cut left of a last line is cut off; a
// journal that is damaged elsewhere is a *failure.Error. The caller holds the
// lock of the state directory.
func OpenJournal(path string) (*Journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	j := &Journal{file: file}
	if err := j.load(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("open the journal: %w", errors.Join(err, file.Close()))
	}
	return j, nil
}

// ReadJournal returns the entries of the journal at path without touching it,
// so that it can be read beside a run. A missing one has none.
func ReadJournal(path string) ([]Entry, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	entries, _, err := parse(path, data)
	return entries, err
}

func (j *Journal) load() error {
	data, err := io.ReadAll(j.file)
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	if j.entries, j.size, err = parse(j.file.Name(), data); err != nil {
		return err
	}
	if j.size == int64(len(data)) {
		return nil
	}
	if err := errors.Join(j.file.Truncate(j.size), j.file.Sync()); err != nil {
		return fmt.Errorf("cut the torn end off the journal: %w", err)
	}
	return nil
}

// parse returns the entries in data and the length of the part that they
// fill. Anything after it was being written when the machine stopped, unless
// a whole entry follows.
func parse(path string, data []byte) (entries []Entry, whole int64, err error) {
	torn := 0
	for line := range bytes.Lines(data) {
		var e Entry
		good := bytes.HasSuffix(line, []byte("\n")) && json.Unmarshal(line, &e) == nil && e.Step != ""
		switch {
		case !good:
			torn++
		case torn > 0:
			return nil, 0, &failure.Error{
				Code: failure.Other, Summary: fmt.Sprintf("the journal is damaged after line %d", len(entries)), Object: path,
				Remedy: "move it away and run the command again: every step is run again, which is safe; and look at the disk",
			}
		default:
			entries = append(entries, e)
			whole += int64(len(line))
		}
	}
	return entries, whole, nil
}

// Entries are the entries so far, oldest first.
func (j *Journal) Entries() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries)
}

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }

// append writes e as one line and returns when it is on the disk.
func (j *Journal) append(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	line = append(line, '\n')
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err = j.file.Write(line); err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		// Half a line in the middle would damage the journal for good.
		return &failure.Error{
			Code: failure.Other, Summary: "the journal cannot be written", Object: j.file.Name(),
			Err: errors.Join(err, j.file.Truncate(j.size)), Remedy: "make room on the disk and run the same command again",
		}
	}
	j.size += int64(len(line))
	j.entries = append(j.entries, e)
	return nil
}

func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// runID is unique among the runs on a cluster, and sorts by time.
func runID() string {
	return time.Now().UTC().Format("20060102T150405Z") + "-" + rand.Text()[:6]
}
