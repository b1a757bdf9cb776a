package wizard

import (
	"slices"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/pages/cluster"
	"groundwork.dev/bootstrap/tui/pages/netboot"
	"groundwork.dev/bootstrap/tui/pages/ssh"
	"groundwork.dev/bootstrap/tui/pages/vsphere"
	"groundwork.dev/bootstrap/tui/ui"
)

// Pages are all questions for a draft's provider, in their order.
func Pages(d *draft.Draft, b backend.Backend, env *ui.Env) []form.Page {
	provider := ssh.Pages
	switch d.Provider() {
	case v1alpha1.VSphereDatacenterKind:
		provider = vsphere.Pages
	case v1alpha1.TinkerbellDatacenterKind:
		provider = netboot.Pages
	}
	return slices.Concat(cluster.First(d, b, env), provider(d, b, env), cluster.Last(d, b, env))
}
