package node

import (
	"context"
	"strings"
)

// resetScript is the whole reset, as it lies on the host.
func resetScript() string {
	return script("folders", "installed", "status", "pods", "etcd", "network", "reset")
}

// Reset starts, detached, taking everything away that was put there: the
// cluster (kubeadm reset), the node files, our own folder at last. Repeated
// while it runs, nothing is done; repeated after it failed or was interrupted,
// it starts again. A host that knows nothing of us is left alone. It is a
// *failure.Error when the host belongs to another owner.
//
// A member of etcd is taken out of its cluster where that answers within
// seconds.
func Reset(ctx context.Context, r Remote, o Owner) error {
	if err := o.validate(); err != nil {
		return err
	}
	rep, err := run(ctx, r, "starting the reset", script("status", "startreset"), strings.NewReader(resetScript()), o.args()...)
	if err != nil {
		return err
	}
	if rep.get("answer") == "taken" {
		return taken(rep, o)
	}
	return nil
}
