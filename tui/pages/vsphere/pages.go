// Package vsphere is the questions of a cluster on vSphere: the vCenter, the
// place in it, the virtual machines, failure domains and address pools. Its
// choices come from the vCenter itself.
package vsphere

import (
	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/ui"
)

// Pages are the pages of a vSphere cluster, in their order. They come after
// those that say which groups of machines there are.
func Pages(d *draft.Draft, b backend.Backend, env *ui.Env) []form.Page {
	s := &site{
		draft: d, backend: b,
		certificates: newLookups[backend.Certificate](env.Now, func(q query) string { return q.server }),
		inventories:  newLookups[backend.Inventory](env.Now, func(q query) string { return q.String() }),
	}
	return []form.Page{s.loginPage(), s.placePage(), s.machinesPage(), s.domainsPage(), s.poolsPage()}
}

// site is what the pages share. Its fields and the draft belong to the
// interface's goroutine; what asks for options gets a query of its own.
type site struct {
	draft   *draft.Draft
	backend backend.Backend
	// logins counts the changes of the login, which is no part of a query.
	logins       int
	certificates *lookups[backend.Certificate]
	inventories  *lookups[backend.Inventory]
}

func (s *site) datacenter() *v1alpha1.VSphereDatacenterConfigSpec {
	return &s.draft.Config.VSphereDatacenter.Spec
}

// changed makes a setter that cannot fail one that tells the draft.
func (s *site) changed(set func(string)) func(string) error {
	return func(typed string) error {
		set(typed)
		s.draft.Changed()
		return nil
	}
}
