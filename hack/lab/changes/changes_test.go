package changes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// host is a host's trees, with a root and a /var as overlayfs and a disk have
// them.
type host struct {
	t     *testing.T
	trees Trees
}

func newHost(t *testing.T) host {
	dir := t.TempDir()
	h := host{t, Trees{Lower: filepath.Join(dir, "lower"), Upper: filepath.Join(dir, "upper"), Var: filepath.Join(dir, "var")}}
	for _, path := range []string{"etc/hosts", "etc/issue", "var/lib/dpkg/status", "var/lib/dpkg/info/a"} {
		h.write(filepath.Join(h.trees.Lower, path), "as shipped")
	}
	for _, path := range []string{"lib/dpkg/status", "lib/dpkg/info/a"} {
		h.write(filepath.Join(h.trees.Var, path), "as shipped")
	}
	h.ok(os.MkdirAll(filepath.Join(h.trees.Upper, "etc"), 0o755))
	return h
}

func (h host) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// write writes a file as of one fixed moment.
func (h host) write(path, text string) {
	h.t.Helper()
	h.ok(os.MkdirAll(filepath.Dir(path), 0o755))
	h.ok(os.WriteFile(path, []byte(text), 0o644))
	h.ok(os.Chtimes(path, time.Time{}, time.Unix(1000, 0)))
}

func (h host) upper(path string) string { return filepath.Join(h.trees.Upper, path) }
func (h host) inVar(path string) string { return filepath.Join(h.trees.Var, path) }

// later writes a file at another moment.
func (h host) later(path, text string) {
	h.t.Helper()
	h.write(path, text)
	h.ok(os.Chtimes(path, time.Time{}, time.Unix(2000, 0)))
}

func TestBetween(t *testing.T) {
	for name, c := range map[string]struct {
		before, after func(h host)
		want          string
	}{
		"nothing": {after: func(host) {}},
		"added": {after: func(h host) {
			h.write(h.upper("etc/kubernetes/admin.conf"), "x")
			h.write(h.inVar("lib/groundwork/owner"), "x")
		}, want: "A /etc/kubernetes\nA /etc/kubernetes/admin.conf\nA /var/lib/groundwork\nA /var/lib/groundwork/owner"},
		"changed": {after: func(h host) {
			h.later(h.upper("etc/hosts"), "something else")
			h.ok(os.Chmod(h.inVar("lib/dpkg/status"), 0o600))
		}, want: "C /etc/hosts\nC /var/lib/dpkg/status"},
		"removed": {after: func(h host) {
			h.ok(unix.Mknod(h.upper("etc/issue"), unix.S_IFCHR, 0))
			h.ok(os.RemoveAll(h.inVar("lib/dpkg/info")))
		}, want: "D /etc/issue\nD /var/lib/dpkg/info"},
		"written and put back": {after: func(h host) {
			h.later(h.upper("etc/hosts"), "as shipped")
			h.later(h.inVar("lib/dpkg/status"), "as shipped")
		}},
		"written and put back to how it was at first": {
			before: func(h host) { h.write(h.upper("etc/hosts"), "its own") },
			after:  func(h host) { h.later(h.upper("etc/hosts"), "its own") },
		},
		"changed once more": {
			before: func(h host) { h.write(h.upper("etc/hosts"), "its own") },
			after:  func(h host) { h.later(h.upper("etc/hosts"), "its OWN") },
			want:   "C /etc/hosts",
		},
		"an added file is gone again": {
			before: func(h host) { h.write(h.upper("etc/machine"), "its own") },
			after:  func(h host) { h.ok(os.Remove(h.upper("etc/machine"))) },
			want:   "D /etc/machine",
		},
		"a removed file is back": {
			before: func(h host) { h.ok(unix.Mknod(h.upper("etc/issue"), unix.S_IFCHR, 0)) },
			after:  func(h host) { h.ok(os.Remove(h.upper("etc/issue"))) },
			want:   "A /etc/issue",
		},
		"an added file that was added and removed": {
			after: func(h host) { h.ok(unix.Mknod(h.upper("etc/passing"), unix.S_IFCHR, 0)) },
		},
		"containerd's database, which nobody has read": {
			before: func(h host) { h.write(h.inVar("lib/containerd/meta.db"), "before") },
			after:  func(h host) { h.later(h.inVar("lib/containerd/meta.db"), "after.") },
			want:   "C /var/lib/containerd/meta.db",
		},
		"logging in": {after: func(h host) { h.write(h.inVar("log/wtmp"), "x") }, want: "A /var/log"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			if c.before != nil {
				c.before(h)
			}
			before, err := Take(h.trees)
			h.ok(err)
			h.ok(before.KeepContent())
			c.after(h)
			after, err := Take(h.trees)
			h.ok(err)
			found, err := Between(before, after)
			h.ok(err)
			if got := strings.Join(found, "\n"); got != c.want {
				t.Errorf("found\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
