package live

import (
	"context"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/probe"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
	"groundwork.dev/bootstrap/tui/backend"
)

// Certificate implements backend.Backend.
func (b *Backend) Certificate(ctx context.Context, server string) (backend.Certificate, error) {
	shown, err := vcenter.Present(ctx, vcenter.Site{Server: server, Proxy: b.options.Proxy})
	return backend.Certificate(shown), err
}

// Inventory implements backend.Backend.
func (b *Backend) Inventory(ctx context.Context, server, thumbprint string, insecure bool, datacenter string) (backend.Inventory, error) {
	login, err := vcenter.CredentialsFromEnv(b.environment.Getenv)
	if err != nil {
		return backend.Inventory{}, err
	}
	found, err := vcenter.Browse(ctx, vcenter.Site{
		Server: server, Thumbprint: thumbprint, Insecure: insecure, Credentials: login, Proxy: b.options.Proxy,
	}, datacenter)
	if err != nil {
		return backend.Inventory{}, err
	}
	return backend.Inventory{
		Datacenters: items(found.Datacenters), ComputeClusters: items(found.ComputeClusters),
		ResourcePools: items(found.ResourcePools), Datastores: items(found.Datastores), Folders: items(found.Folders),
		Networks: items(found.Networks), Templates: items(found.Templates),
		StoragePolicies: items(found.StoragePolicies), Tags: items(found.Tags),
	}, nil
}

func items(entries []vcenter.Entry) []backend.Item {
	list := make([]backend.Item, len(entries))
	for i, e := range entries {
		list[i] = backend.Item(e)
	}
	return list
}

// Host implements backend.Backend. Relative paths are below the working
// directory.
func (b *Backend) Host(ctx context.Context, site *v1alpha1.SSHDatacenterConfig, host v1alpha1.SSHHost) (backend.Host, error) {
	said, err := probe.Host(ctx, site, host, probe.Options{Getenv: b.environment.Getenv})
	return backend.Host(said), err
}
