package draft

import (
	"path"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// Rename gives the cluster another name, and with it the objects whose names
// follow from the cluster's.
func (d *Draft) Rename(name string) {
	c := d.Config
	former, formerName := d.baseName(), c.Cluster.Name
	c.Cluster.Name = name
	next := d.baseName()
	if former == next {
		d.Changed()
		return
	}
	spec := &c.Cluster.Spec
	if spec.ManagementCluster.Name != "" && spec.ManagementCluster.Name == formerName {
		spec.ManagementCluster.Name = name
	}
	for _, ref := range d.refs() {
		if r := *ref.ref; r != nil && r.Kind == d.MachineKind() && r.Name == machineName(former, ref.suffix) {
			d.renameMachine(r.Name, machineName(next, ref.suffix))
		}
	}
	d.renameDatacenter(former, next)
	d.renameIdentity(former, next)
	for _, pool := range c.AddressPools {
		if pool.Name == former {
			pool.Name = next
		}
	}
	for _, flux := range c.Flux {
		if flux.Spec.ClusterConfigPath == path.Join("clusters", former) {
			flux.Spec.ClusterConfigPath = path.Join("clusters", next)
		}
	}
	d.Changed()
}

func (d *Draft) renameDatacenter(former, next string) {
	ref := &d.Config.Cluster.Spec.DatacenterRef
	if ref.Name != former {
		return
	}
	switch c := d.Config; ref.Kind {
	case v1alpha1.VSphereDatacenterKind:
		c.VSphereDatacenter.Name = next
	case v1alpha1.TinkerbellDatacenterKind:
		c.TinkerbellDatacenter.Name = next
	case v1alpha1.SSHDatacenterKind:
		c.SSHDatacenter.Name = next
	}
	ref.Name = next
}

// renameIdentity renames identity providers, the registration with AWS and the
// Git repository.
func (d *Draft) renameIdentity(former, next string) {
	c, spec := d.Config, &d.Config.Cluster.Spec
	if c.OIDC[former] != nil && c.OIDC[next] == nil {
		move(c.OIDC, former, next).Name = next
		renameRefs(spec.IdentityProviderRefs, v1alpha1.OIDCConfigKind, former, next)
	}
	if c.AWSIam[former] != nil && c.AWSIam[next] == nil {
		move(c.AWSIam, former, next).Name = next
		renameRefs(spec.IdentityProviderRefs, v1alpha1.AWSIamConfigKind, former, next)
	}
	if c.AWSRegistration != nil && c.AWSRegistration.Name == former {
		c.AWSRegistration.Name = next
	}
	if c.Flux[former] != nil && c.Flux[next] == nil {
		move(c.Flux, former, next).Name = next
		if spec.GitOpsRef != nil && spec.GitOpsRef.Name == former {
			spec.GitOpsRef.Name = next
		}
	}
}

func renameRefs(refs []v1alpha1.Ref, kind, former, next string) {
	for i := range refs {
		if refs[i].Kind == kind && refs[i].Name == former {
			refs[i].Name = next
		}
	}
}
