// Package cache is a folder of finished things. Each is made once, under a
// temporary name, and appears whole or not at all: a run that was killed
// leaves nothing that a later one could take for finished.
package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	lockFile = "lock"
	// unfinished begins the names of entries that are being made.
	unfinished = ".making-"
	// lockInterval is how often a run that waits for another looks again.
	lockInterval = 200 * time.Millisecond
)

// Cache is an open cache; it is one process's at a time.
type Cache struct {
	root string
	lock *os.File
	log  func(string)
}

// Open takes the cache in the folder root, which it makes if need be, and
// removes what a killed run left unfinished. While another process has it
// open, Open waits. The folder is for its owner only: trees of whole
// machines lie in it, set-user-ID programs among them.
func Open(ctx context.Context, root string, log func(string)) (*Cache, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make the cache: %w", err)
	}
	lock, err := lockOf(ctx, filepath.Join(root, lockFile), log)
	if err != nil {
		return nil, fmt.Errorf("take the cache %s: %w", root, err)
	}
	c := &Cache{root: root, lock: lock, log: log}
	if err := c.sweep(); err != nil {
		lock.Close()
		return nil, fmt.Errorf("clean the cache %s: %w", root, err)
	}
	return c, nil
}

// lockOf is the lock file, locked. The kernel unlocks it when the process
// ends, however it ends.
func lockOf(ctx context.Context, path string, log func(string)) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	ticker := time.NewTicker(lockInterval)
	defer ticker.Stop()
	for waiting := false; ; waiting = true {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			file.Close()
			return nil, err
		}
		if !waiting {
			log("waiting for another run that uses the same cache")
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, ctx.Err()
		case <-ticker.C:
		}
	}
}

// sweep removes unfinished entries. Nobody can be making them: the lock is ours.
func (c *Cache) sweep() error {
	entries, err := os.ReadDir(c.root)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), unfinished) {
			if err := os.RemoveAll(filepath.Join(c.root, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close gives the cache to others.
func (c *Cache) Close() error { return c.lock.Close() }

// Entry is the folder that the function of the same name and key once filled.
// Where there is none yet it is called with an empty folder, and what it made
// becomes the entry if it returns nil. Entries of different names can be asked
// for at the same time.
func (c *Cache) Entry(ctx context.Context, name string, key Key, fill func(ctx context.Context, dir string) error) (string, error) {
	path := filepath.Join(c.root, name+"-"+key.String())
	now := time.Now()
	// The time tells Prune that it is in use.
	if err := os.Chtimes(path, now, now); err == nil {
		return path, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(c.root, unfinished+name+"-")
	if err != nil {
		return "", err
	}
	// After the rename there is nothing to remove.
	defer os.RemoveAll(dir)
	c.log("making " + name)
	if err := fill(ctx, dir); err != nil {
		return "", fmt.Errorf("make %s: %w", name, err)
	}
	if err := os.Rename(dir, path); err != nil {
		return "", err
	}
	c.log(fmt.Sprintf("made %s in %s", name, time.Since(now).Round(100*time.Millisecond)))
	return path, nil
}

// Folder is a folder of the cache that keeps what is put in it; its users
// check what they find there.
func (c *Cache) Folder(name string) (string, error) {
	path := filepath.Join(c.root, name)
	return path, os.MkdirAll(path, 0o700)
}

// Prune removes the entries that nobody asked for in the given time: those of
// versions that are no longer built.
func (c *Cache) Prune(unused time.Duration) error {
	entries, err := os.ReadDir(c.root)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return err
		}
		if !e.IsDir() || !isEntry(e.Name()) || time.Since(info.ModTime()) < unused {
			continue
		}
		// Under an unfinished name an interrupted removal is ended by the next
		// Open.
		gone := filepath.Join(c.root, unfinished+e.Name())
		if err := os.Rename(filepath.Join(c.root, e.Name()), gone); err != nil {
			return err
		}
		if err := os.RemoveAll(gone); err != nil {
			return err
		}
		c.log("removed " + e.Name() + ", which nothing uses any more")
	}
	return nil
}
