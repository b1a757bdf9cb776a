package ssh

import "groundwork.dev/bootstrap/providers"

// Checks implements providers.Provider.
func (p *Provider) Checks() []providers.Check { return nil }
