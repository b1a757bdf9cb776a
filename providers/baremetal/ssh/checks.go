package ssh

import (
	"context"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/providers"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/preflight"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// Checks implements providers.Provider.
func (p *Provider) Checks() []providers.Check {
	return preflight.Checks(preflight.Options{
		Config: p.options.Config, Release: p.options.Release, Target: p.target,
		Bundle: func(ctx context.Context) (*bundle.Bundle, error) {
			return bundle.Open(ctx, p.site.NodeFiles.Location, p.site.NodeFiles.Digest)
		},
	})
}

// target says how the host is reached.
func (p *Provider) target(host v1alpha1.SSHHost) (remote.Target, error) {
	key, problem := p.privateKey(host.KeyFile)
	if problem != nil {
		return remote.Target{}, problem
	}
	return remote.Target{
		Name: host.Name, Address: host.Address, Port: host.Port, User: host.User,
		Key: key, HostKeyFingerprint: host.HostKeyFingerprint, SudoPassword: p.options.SudoPassword,
	}, nil
}
