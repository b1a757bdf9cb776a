// Package autosave keeps configurations that are not finished, so that the
// interface can be left at any moment, or be killed, and be gone on with.
package autosave

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/draft"
)

const (
	// folder is below the root of all state. No cluster can be called that:
	// an underscore is not allowed in a name.
	folder    = "_drafts"
	extension = ".yaml"
	// unfinished begins the name of a file that is being written.
	unfinished = ".unfinished-"

	header     = "# What was answered so far. It is kept to be resumed, and is not a finished configuration."
	fileMark   = "# file: "
	pageMark   = "# page: "
	visitsMark = "# seen: "
)

// Entry is a configuration that is kept.
type Entry struct {
	// Path is where it is kept, File the configuration file that it was opened
	// from or saved to, "" for none.
	Path, File string
	// Page is the page that was open, Seen those that were.
	Page string
	Seen []string
	// Cluster is the cluster's name so far, Provider the kind of its
	// datacenter.
	Cluster, Provider string
	Modified          time.Time
}

// List are all that are kept below the root of all state, the latest first. A
// file that cannot be read is left out.
func List(root string) ([]Entry, error) {
	files, err := os.ReadDir(filepath.Join(root, folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the kept drafts: %w", err)
	}
	var all []Entry
	for _, file := range files {
		if !file.Type().IsRegular() || strings.HasPrefix(file.Name(), unfinished) || filepath.Ext(file.Name()) != extension {
			continue
		}
		if entry, _, err := Read(filepath.Join(root, folder, file.Name())); err == nil {
			all = append(all, entry)
		}
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return b.Modified.Compare(a.Modified) })
	return all, nil
}

// Read returns what is kept at path, and the draft that it is.
func Read(path string) (Entry, *draft.Draft, error) {
	fail := func(err error) (Entry, *draft.Draft, error) {
		return Entry{}, nil, &failure.Error{Code: failure.Configuration, Summary: "the kept draft cannot be read", Object: path, Err: err,
			Remedy: "remove the file, and begin a new configuration"}
	}
	info, err := os.Stat(path)
	if err != nil {
		return fail(err)
	}
	if info.Size() > v1alpha1.MaxFileSize {
		return fail(errors.New("it is too large"))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return fail(err)
	}
	entry := Entry{Path: path, Modified: info.ModTime()}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() && strings.HasPrefix(lines.Text(), "#") {
		line := lines.Text()
		if file, found := strings.CutPrefix(line, fileMark); found {
			entry.File = file
		} else if page, found := strings.CutPrefix(line, pageMark); found {
			entry.Page = page
		} else if seen, found := strings.CutPrefix(line, visitsMark); found {
			entry.Seen = strings.Fields(seen)
		}
	}
	kept, err := draft.Read(path, data)
	if err != nil {
		return fail(err)
	}
	kept.Path = entry.File
	entry.Cluster, entry.Provider = kept.Name(), kept.Provider()
	return entry, kept, nil
}

// New is where a new configuration is kept below the root of all state.
// Nothing is written yet.
func New(root string, now time.Time) Entry {
	name := now.UTC().Format("20060102-150405-") + strings.ToLower(rand.Text()[:6]) + extension
	return Entry{Path: filepath.Join(root, folder, name)}
}

// Write keeps text, so that a kill finds either what was kept before or it,
// whole. Only its owner can read it.
func (e Entry) Write(text []byte) (err error) {
	defer func() {
		if err != nil {
			err = &failure.Error{Code: failure.Other, Summary: "the answers so far cannot be kept", Object: e.Path, Err: err,
				Remedy: "make room for them there, or save the configuration elsewhere with ctrl+s"}
		}
	}()
	into := filepath.Dir(e.Path)
	if err := os.MkdirAll(into, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(into, unfinished+"*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close(), os.Remove(file.Name()))
		}
	}()
	if _, err := file.Write(append([]byte(e.head()), text...)); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return errors.Join(os.Rename(file.Name(), e.Path), file.Close())
}

// head is what is kept beside the configuration, as comments.
func (e Entry) head() string {
	head := header + "\n"
	for _, line := range []struct{ mark, value string }{{fileMark, e.File}, {pageMark, e.Page}, {visitsMark, strings.Join(e.Seen, " ")}} {
		// A path may hold a line break, and what follows it is no comment.
		if line.value != "" && !strings.ContainsAny(line.value, "\n\r") {
			head += line.mark + line.value + "\n"
		}
	}
	return head
}

// Remove forgets what is kept; nothing kept is fine.
func (e Entry) Remove() error {
	if err := os.Remove(e.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &failure.Error{Code: failure.Other, Summary: "the kept draft cannot be removed", Object: e.Path, Err: err, Remedy: "remove the file"}
	}
	return nil
}
