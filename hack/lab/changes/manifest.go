// Package changes tells which files of a host are not as they were: what was
// added, changed or removed, whoever did it and however often.
package changes

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// Trees are the folders that make up a host's files.
type Trees struct {
	// Lower is what every host begins with; it never changes.
	Lower string
	// Upper holds what differs from Lower, as overlayfs keeps it.
	Upper string
	// Var is the host's /var, which began as Lower's.
	Var string
	// Store is the host's /var/lib/containerd, where that is a tree of its
	// own; empty otherwise.
	Store string
}

// Manifest is what of a host's files differs from Lower, by path.
type Manifest map[string]entry

type kind byte

const (
	added   kind = 'A'
	changed kind = 'C'
	removed kind = 'D'
)

type entry struct {
	kind     kind
	mode     uint32 // with the file's type
	uid, gid uint32
	size     int64
	modified int64 // seconds since the epoch
	target   string
	opaque   bool
	file     string // where it lies
	sum      []byte // of content; nil until asked for
}

// Take looks at all files.
func Take(t Trees) (Manifest, error) {
	m := Manifest{}
	if err := m.takeUpper(t); err != nil {
		return nil, err
	}
	if err := m.takeWhole(t.Var, filepath.Join(t.Lower, "var"), "/var"); err != nil {
		return nil, err
	}
	if t.Store != "" {
		const at = "/var/lib/containerd"
		if err := m.takeWhole(t.Store, filepath.Join(t.Lower, at), at); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// takeUpper reads overlayfs's own form; see the kernel's
// Documentation/filesystems/overlayfs.rst for whiteouts and opaque folders.
func (m Manifest) takeUpper(t Trees) error {
	return walk(t.Upper, func(below string, e entry) error {
		l, err := look(filepath.Join(t.Lower, below))
		isNew := errors.Is(err, fs.ErrNotExist)
		if err != nil && !isNew {
			return err
		}
		path := filepath.Join("/", below)
		switch {
		case e.whiteout() && isNew:
		case e.whiteout():
			m[path] = entry{kind: removed}
		case isNew:
			e.kind = added
			m[path] = e
		default:
			return m.compare(path, l, e)
		}
		return nil
	})
}

// takeWhole compares a tree with the one it began as.
func (m Manifest) takeWhole(tree, lower, at string) error {
	seen := map[string]bool{}
	err := walk(tree, func(below string, e entry) error {
		seen[below] = true
		path := filepath.Join(at, below)
		l, err := look(filepath.Join(lower, below))
		if errors.Is(err, fs.ErrNotExist) {
			e.kind = added
			m[path] = e
			return nil
		}
		if err != nil {
			return err
		}
		return m.compare(path, l, e)
	})
	if err != nil {
		return err
	}
	err = walk(lower, func(below string, _ entry) error {
		if !seen[below] {
			m[filepath.Join(at, below)] = entry{kind: removed}
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// compare enters e, unless it is the same as l below it.
func (m Manifest) compare(path string, l, e entry) error {
	same, err := l.same(e)
	if err == nil && !same {
		e.kind = changed
		m[path] = e
	}
	return err
}

func (e entry) whiteout() bool { return e.mode == unix.S_IFCHR && e.size == 0 }

func (e entry) regular() bool { return e.mode&unix.S_IFMT == unix.S_IFREG }

// same compares two files; content only where their times differ.
func (e entry) same(f entry) (bool, error) {
	if e.mode != f.mode || e.uid != f.uid || e.gid != f.gid || e.size != f.size || e.target != f.target || e.opaque != f.opaque {
		return false, nil
	}
	if !e.regular() || e.modified == f.modified {
		return true, nil
	}
	a, err := e.content()
	if err != nil {
		return false, err
	}
	b, err := f.content()
	return bytes.Equal(a, b), err
}

func look(path string) (entry, error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return entry{}, &fs.PathError{Op: "lstat", Path: path, Err: err}
	}
	e := entry{mode: st.Mode, uid: st.Uid, gid: st.Gid, modified: st.Mtim.Sec, file: path}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		e.size = st.Size
	case unix.S_IFCHR, unix.S_IFBLK:
		e.size = int64(st.Rdev)
	case unix.S_IFLNK:
		target, err := os.Readlink(path)
		if err != nil {
			return entry{}, err
		}
		e.target = target
	case unix.S_IFDIR:
		value := make([]byte, 1)
		n, err := unix.Lgetxattr(path, "trusted.overlay.opaque", value)
		e.opaque = err == nil && n == 1 && value[0] == 'y'
	}
	return e, nil
}

// walk visits everything below dir. What vanishes meanwhile is passed over.
func walk(dir string, visit func(below string, e entry) error) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		gone := errors.Is(err, fs.ErrNotExist) && path != dir
		if gone || path == dir {
			if gone {
				return nil
			}
			return err
		}
		if err != nil {
			return err
		}
		e, err := look(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		below, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		err = visit(below, e)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESTALE) {
			return nil
		}
		return err
	})
}

func readAll(path string, into io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(into, f)
	return err
}
