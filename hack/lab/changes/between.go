package changes

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
)

// noisy are files that merely logging in changes.
var noisy = []string{
	"/var/log/btmp", "/var/log/lastlog", "/var/log/wtmp", "/var/lib/sudo/lectured",
}

// storePath holds too much to be read whole; its files are never written twice.
const storePath = "/var/lib/containerd/"

// KeepContent remembers what is in the manifest's files now, so that one that
// is written to later, and put back, is seen to be the same.
func (m Manifest) KeepContent() error {
	for path, e := range m {
		if !e.regular() || strings.HasPrefix(path, storePath) {
			continue
		}
		sum, err := e.content()
		if err != nil {
			return err
		}
		e.sum = sum
		m[path] = e
	}
	return nil
}

func (e entry) content() ([]byte, error) {
	if e.sum != nil {
		return e.sum, nil
	}
	h := sha256.New()
	if err := readAll(e.file, h); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// Between returns what differs between two manifests of one host, sorted by
// path: "A /path" for what was added, "C /path" for what was changed, and "D
// /path" for what was removed, with all that was below it.
func Between(before, now Manifest) ([]string, error) {
	paths := map[string]bool{}
	for p := range before {
		paths[p] = true
	}
	for p := range now {
		paths[p] = true
	}
	found := []string{}
	gone := "" // the folder that was removed last
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if slices.Contains(noisy, path) || gone != "" && strings.HasPrefix(path, gone) {
			continue
		}
		b, wasThere := before[path]
		n, isThere := now[path]
		k, err := difference(b, wasThere, n, isThere)
		if err != nil {
			return nil, err
		}
		if k == removed {
			gone = path + "/"
		}
		if k != 0 {
			found = append(found, string(k)+" "+path)
		}
	}
	return found, nil
}

// difference compares two differences from the lower tree. Where a manifest
// has no entry, the file is as it is there.
func difference(b entry, wasThere bool, n entry, isThere bool) (kind, error) {
	// Whether the file itself existed, and exists.
	existed := wasThere && b.kind != removed || !wasThere && n.kind != added
	exists := isThere && n.kind != removed || !isThere && b.kind != added
	switch {
	case !existed && !exists:
		return 0, nil
	case !existed:
		return added, nil
	case !exists:
		return removed, nil
	case wasThere != isThere:
		return changed, nil
	}
	if b.regular() && b.sum == nil && b.modified != n.modified {
		return changed, nil // Nobody knows what was in it.
	}
	same, err := b.same(n)
	if err != nil || same {
		return 0, err
	}
	return changed, nil
}
