// Package store keeps small records in one append-only file, so that a
// simulated site survives the death of its process at any moment.
//
// Each line is a record; a later one replaces an earlier one of the same kind
// and name. A line that the process died in the middle of is dropped when the
// file is opened again.
package store

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// The file is rewritten without what has been replaced once it is larger than
// compactAbove bytes and than compactRatio times what is still alive.
const (
	compactAbove = 4 << 20
	compactRatio = 3
)

// ErrClosed is what every call after Close returns.
var ErrClosed = errors.New("the store is closed")

type key struct{ kind, name string }

// span is where a record stands in the file.
type span struct{ offset, length int64 }

type record struct {
	Kind  string          `json:"kind"`
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value,omitempty"` // absent: deleted
}

// Store is safe for concurrent use.
type Store struct {
	path string

	mu   sync.Mutex // guards file, index, size and live
	file *os.File
	// index holds no values: they would double the memory of a large site.
	index map[key]span
	size  int64
	live  int64
	// appended counts bytes since Open; unlike size it never shrinks.
	appended int64

	syncing sync.Mutex // one fsync at a time; guards synced
	synced  int64      // of appended
}

// Open opens the file at path, which need not exist, for this process alone.
// Its folder must exist.
func Open(path string) (*Store, error) {
	leftovers, err := filepath.Glob(path + ".*") // of a compaction that was killed
	if err != nil {
		return nil, fmt.Errorf("opening the site's state: %w", err)
	}
	for _, name := range leftovers {
		if err := os.Remove(name); err != nil {
			return nil, fmt.Errorf("opening the site's state: %w", err)
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the site's state: %w", err)
	}
	s := &Store{path: path, file: file, index: map[key]span{}}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

// load builds the index and cuts off a torn last line.
func (s *Store) load() error {
	reader := bufio.NewReaderSize(s.file, 1<<16)
	for {
		line, err := reader.ReadBytes('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", s.path, err)
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("reading %s at byte %d: %w", s.path, s.size, err)
		}
		s.remember(r, int64(len(line)))
	}
	if err := s.file.Truncate(s.size); err != nil {
		return fmt.Errorf("cutting the torn end of %s: %w", s.path, err)
	}
	return nil
}

// remember notes that r is the next length bytes of the file.
func (s *Store) remember(r record, length int64) {
	k := key{r.Kind, r.Name}
	s.live -= s.index[k].length
	delete(s.index, k)
	if r.Value != nil {
		s.index[k] = span{s.size, length}
		s.live += length
	}
	s.size += length
}

// Each calls f with every record of kind, in no particular order.
func (s *Store) Each(kind string, f func(name string, value json.RawMessage) error) error {
	s.mu.Lock()
	var found []record
	for k, at := range s.index {
		if k.kind != kind {
			continue
		}
		r, err := s.read(at)
		if err != nil {
			s.mu.Unlock()
			return err
		}
		found = append(found, r)
	}
	s.mu.Unlock()
	for _, r := range found {
		if err := f(r.Name, r.Value); err != nil {
			return fmt.Errorf("restoring %s %s: %w", kind, r.Name, err)
		}
	}
	return nil
}

func (s *Store) read(at span) (record, error) {
	var r record
	if s.file == nil {
		return r, ErrClosed
	}
	line := make([]byte, at.length)
	if _, err := s.file.ReadAt(line, at.offset); err != nil {
		return r, fmt.Errorf("reading %s: %w", s.path, err)
	}
	return r, json.Unmarshal(line, &r)
}

// Put writes a record; it survives the process. With Sync it survives the
// machine too.
func (s *Store) Put(kind, name string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing %s %s: %w", kind, name, err)
	}
	return s.append(record{kind, name, data})
}

// Delete removes a record; it need not exist.
func (s *Store) Delete(kind, name string) error {
	s.mu.Lock()
	_, exists := s.index[key{kind, name}]
	s.mu.Unlock()
	if !exists {
		return nil
	}
	return s.append(record{Kind: kind, Name: name})
}

func (s *Store) append(r record) error {
	var line bytes.Buffer
	if err := json.NewEncoder(&line).Encode(r); err != nil {
		return fmt.Errorf("writing %s %s: %w", r.Kind, r.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return ErrClosed
	}
	if _, err := s.file.WriteAt(line.Bytes(), s.size); err != nil {
		return fmt.Errorf("writing %s %s to %s: %w", r.Kind, r.Name, s.path, err)
	}
	s.remember(r, int64(line.Len()))
	s.appended += int64(line.Len())
	if s.size > compactAbove && s.size > compactRatio*s.live {
		return s.compact()
	}
	return nil
}

// Sync returns once everything written before the call is on the disk. Calls
// that come together share one fsync.
func (s *Store) Sync() error {
	s.mu.Lock()
	want := s.appended
	s.mu.Unlock()
	s.syncing.Lock()
	defer s.syncing.Unlock()
	if s.synced >= want {
		return nil
	}
	s.mu.Lock()
	file, upTo := s.file, s.appended
	s.mu.Unlock()
	if file == nil {
		return ErrClosed
	}
	if err := file.Sync(); err != nil && !errors.Is(err, os.ErrClosed) { // closed: compacted, and synced, meanwhile
		return fmt.Errorf("syncing %s: %w", s.path, err)
	}
	s.synced = upTo
	return nil
}

// compact rewrites the file with only what is alive. The caller holds mu.
func (s *Store) compact() (err error) {
	fresh, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+".*")
	if err != nil {
		return fmt.Errorf("compacting %s: %w", s.path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("compacting %s: %w", s.path, err), fresh.Close(), os.Remove(fresh.Name()))
		}
	}()
	index, size := make(map[key]span, len(s.index)), int64(0)
	out := bufio.NewWriterSize(fresh, 1<<16)
	for k, at := range s.index {
		if _, err = io.Copy(out, io.NewSectionReader(s.file, at.offset, at.length)); err != nil {
			return err
		}
		index[k] = span{size, at.length}
		size += at.length
	}
	if err = out.Flush(); err != nil {
		return err
	}
	if err = fresh.Sync(); err != nil {
		return err
	}
	if err = os.Rename(fresh.Name(), s.path); err != nil {
		return err
	}
	old := s.file
	s.file, s.index, s.size, s.live = fresh, index, size, size
	return old.Close()
}

// Close closes the file. Records that come later are refused.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return file.Close()
}
