package artifacts

import (
	"context"
	"os"
	"path/filepath"

	"groundwork.dev/bootstrap/hack/lab/artifacts/debian"
)

// nodePackages are what a node gets from Debian, because building it takes a
// C compiler or because nothing of it is newer elsewhere.
var nodePackages = []string{"runc", "containernetworking-plugins"}

// cniPlugins are those that nodes get: Cilium needs loopback, and the others
// are what kubeadm's users expect beside it.
var cniPlugins = []string{"bridge", "host-local", "loopback", "portmap"}

// extractNode puts runc, and the plugins in the folder cni, into dir.
func extractNode(ctx context.Context, deb *debian.Archive, packages map[string]string, dir string) error {
	tree, err := os.MkdirTemp(dir, ".tree-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tree)
	for _, p := range nodePackages {
		if err := deb.Extract(ctx, tree, packages[p]); err != nil {
			return err
		}
	}
	files := map[string]string{"runc": filepath.Join(tree, "usr/sbin/runc")}
	for _, plugin := range cniPlugins {
		files["cni/"+plugin] = filepath.Join(tree, "usr/lib/cni", plugin)
	}
	return gather(dir, files)
}
