// Package cluster is the questions that every provider's clusters have in
// common: those of EKS Anywhere's Cluster, of its identity providers, and of
// the machines' users and surroundings.
package cluster

import (
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/ui"
)

// First are the pages that come before those of the provider: what the
// cluster is, and which machines it has.
func First(d *draft.Draft, b backend.Backend, _ *ui.Env) []form.Page {
	return []form.Page{basics(d, b), workers(d, b)}
}

// Last are the pages that come after those of the provider.
func Last(d *draft.Draft, b backend.Backend, _ *ui.Env) []form.Page {
	return []form.Page{network(d), access(d), identity(d), surroundings(d, b), hostOS(d), registration(d), more(d)}
}
