// Package artifacts makes what the lab's hosts and clusters consist of: the
// root file system of a plain Linux host, the programs of a Kubernetes node,
// and the container images of a release, from pinned Go modules and Debian
// packages.
package artifacts

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"groundwork.dev/bootstrap/hack/lab/artifacts/cache"
	"groundwork.dev/bootstrap/hack/lab/artifacts/debian"
	"groundwork.dev/bootstrap/internal/failure"
)

// keepUnused is how long an artifact that is no longer built stays in the
// cache: someone may go back and forth between versions.
const keepUnused = 7 * 24 * time.Hour

// Options are where and how artifacts are made.
type Options struct {
	// Cache is the folder that they lie in; groundwork/lab in the user's cache
	// folder if empty. It must be on a file system that has hard links.
	Cache string
	// Log takes lines that say what is being made; it may be nil. It is called
	// from several goroutines.
	Log func(string)
}

// Artifacts are the finished files. All of them stay as they are: what is made
// of them must not write to them, and may be made of links to them.
type Artifacts struct {
	// RootFS is the root file system of a host: the read-only lower layer of
	// an overlay.
	RootFS string
	// Binaries is a folder with what a node runs: containerd,
	// containerd-shim-runc-v2, ctr, runc, kubelet, kubeadm, kubectl, crictl and
	// the CNI plugins in cni.
	Binaries string
	// Tools is a folder with helm and etcdctl.
	Tools string
	// Archives is a folder with a docker-archive of each image of the release,
	// named by its reference with "_" for "/" and ":".
	Archives string
	// Catalogue is a release catalogue whose Kubernetes 1.35 consists of these
	// images.
	Catalogue string
}

// Build makes the artifacts, and finds those that were made before. It has to
// run as root, in the repository, on a Debian or Ubuntu machine that can reach
// a Go module proxy and a Debian mirror; the first time takes minutes. What
// the user can mend is a *failure.Error.
func Build(ctx context.Context, o Options) (a Artifacts, err error) {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != architecture {
		return Artifacts{}, &failure.Error{Code: failure.Preflight, Summary: fmt.Sprintf("the lab runs on linux/%s, and this is %s/%s", architecture, runtime.GOOS, runtime.GOARCH),
			Remedy: "use a machine with an x86-64 processor"}
	}
	if err := debian.RequireRoot(); err != nil {
		return Artifacts{}, err
	}
	if o.Cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return Artifacts{}, &failure.Error{Code: failure.Usage, Summary: "there is no place for the lab's cache", Err: err,
				Remedy: "set HOME or XDG_CACHE_HOME"}
		}
		o.Cache = filepath.Join(user, "groundwork", "lab")
	}
	if o.Cache, err = filepath.Abs(o.Cache); err != nil {
		return Artifacts{}, err
	}
	c, err := cache.Open(ctx, o.Cache, o.Log)
	if err != nil {
		return Artifacts{}, err
	}
	defer c.Close()
	b, err := newBuild(ctx, c, o.Cache, o.Log)
	if err != nil {
		return Artifacts{}, err
	}
	if a, err = b.all(ctx); err != nil {
		return Artifacts{}, err
	}
	return a, c.Prune(keepUnused)
}
