package v1alpha1

import (
	"fmt"
	"slices"
)

// Notes are what a person should know about a configuration that is fine:
// fields without effect, values that were raised, objects that nothing uses.
func (c *Config) Notes() []Problem {
	notes := Problems(slices.Clone(c.decodeNotes))
	if c.Cluster == nil {
		return notes.inFileOrder(c.Source)
	}
	v := &validator{config: c}
	v.noteReleases()
	v.noteControlPlane()
	v.noteMachines()
	v.noteHosts()
	v.noteUnused()
	return append(notes, v.problems...).inFileOrder(c.Source).capped(c.Source)
}

func (v *validator) noteReleases() {
	spec := &v.config.Cluster.Spec
	const ownRelease = "the field has no effect: Groundwork has its own catalogue of releases"
	if spec.BundlesRef != nil {
		v.cluster("spec.bundlesRef", ownRelease, "remove it, or keep it for EKS Anywhere")
	}
	if spec.EksaVersion != nil {
		v.cluster("spec.eksaVersion", ownRelease, "remove it, or keep it for EKS Anywhere")
	}
	if !spec.LicenseToken.Empty() {
		v.cluster("spec.licenseToken", "the field has no effect: Groundwork needs no licence", "remove it, since it is a secret")
	}
}

func (v *validator) noteControlPlane() {
	count := v.config.Cluster.Spec.ControlPlaneConfiguration.Count
	switch {
	case count == 1:
		v.cluster("spec.controlPlaneConfiguration.count", "with one control-plane machine the cluster does not survive its loss", "use 3 or 5 in production")
	case count > 5:
		v.cluster("spec.controlPlaneConfiguration.count", fmt.Sprintf("%d etcd members make every write slower and hardly anything safer", count), "use 3 or 5")
	}
}

func (v *validator) noteMachines() {
	if d := v.config.VSphereDatacenter; d != nil {
		switch {
		case d.Spec.Insecure:
			v.add(d, "spec.insecure", "the vCenter's certificate is not verified: anyone on the network can read the password", "write insecure: false and the certificate's thumbprint")
		case d.Spec.Thumbprint == "":
			v.add(d, "spec.thumbprint", "there is no thumbprint: the vCenter's certificate must be from an authority that this machine and the nodes trust", "write the thumbprint of a self-signed certificate")
		}
	}
	for _, ref := range v.config.machineRefs() {
		m := v.config.vsphereMachine(ref)
		if m == nil || slices.ContainsFunc(m.Spec.Users, func(u UserConfiguration) bool { return len(u.SshAuthorizedKeys) > 0 }) {
			continue
		}
		v.add(m, "spec.users", "there is no SSH key, so that nobody can log in to the machines; EKS Anywhere would make a key pair", "write a public key under sshAuthorizedKeys")
	}
}

// noteUnused names objects that nothing refers to.
func (v *validator) noteUnused() {
	c := v.config
	used := map[Ref]bool{}
	for _, ref := range c.machineRefs() {
		used[*ref] = true
	}
	for _, ref := range c.Cluster.Spec.IdentityProviderRefs {
		used[ref] = true
	}
	if ref := c.Cluster.Spec.GitOpsRef; ref != nil {
		used[Ref{Kind: FluxConfigKind, Name: ref.Name}] = true
	}
	used[c.Cluster.Spec.DatacenterRef] = true
	for _, m := range c.TinkerbellMachines {
		used[m.Spec.TemplateRef] = true
	}
	for _, object := range c.objects() {
		switch object.(type) {
		case *Cluster, *VSphereAddressPool, *AWSRegistrationConfig:
			continue
		}
		if ref := (Ref{Kind: kindOf(object), Name: metaOf(object).Name}); !used[ref] {
			v.add(object, "metadata.name", "nothing refers to this object, and it has no effect", "remove it, or refer to it")
		}
	}
}
