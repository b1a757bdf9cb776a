package wizard

import (
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/ui"
)

// Pages are all questions for a draft's provider, in their order.
func Pages(d *draft.Draft, b backend.Backend, env *ui.Env) []form.Page {
	return nil
}
