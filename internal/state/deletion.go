package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// DeleteJournalFile is the journal of the cluster's deletion.
const DeleteJournalFile = "delete-journal.jsonl"

// DeletionBegun reports whether a deletion of the cluster has begun its first
// step and has not been finished.
func (d *Dir) DeletionBegun() (bool, error) {
	info, err := os.Stat(d.Path(DeleteJournalFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for an unfinished deletion: %w", err)
	}
	return info.Size() > 0, nil
}

// Clear removes everything in the directory but the lock and the names in
// keep. The caller holds the lock.
func (d *Dir) Clear(keep ...string) error {
	entries, err := os.ReadDir(d.Path())
	if err != nil {
		return fmt.Errorf("clear the state: %w", err)
	}
	var errs []error
	for _, e := range entries {
		if e.Name() != lockFile && !slices.Contains(keep, e.Name()) {
			errs = append(errs, os.RemoveAll(d.Path(e.Name())))
		}
	}
	return errors.Join(append(errs, syncDir(d.Path()))...)
}
