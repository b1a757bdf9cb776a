package draft

import "groundwork.dev/bootstrap/api/v1alpha1"

// SetNamespace puts all objects of the configuration into a namespace: they
// have to be in the same. "" is the default one.
func (d *Draft) SetNamespace(namespace string) {
	c := d.Config
	c.Cluster.Namespace = namespace
	if c.VSphereDatacenter != nil {
		c.VSphereDatacenter.Namespace = namespace
	}
	if c.TinkerbellDatacenter != nil {
		c.TinkerbellDatacenter.Namespace = namespace
	}
	if c.SSHDatacenter != nil {
		c.SSHDatacenter.Namespace = namespace
	}
	setAll(c.VSphereMachines, func(o *v1alpha1.VSphereMachineConfig) { o.Namespace = namespace })
	setAll(c.TinkerbellMachines, func(o *v1alpha1.TinkerbellMachineConfig) { o.Namespace = namespace })
	setAll(c.TinkerbellTemplates, func(o *v1alpha1.TinkerbellTemplateConfig) { o.Namespace = namespace })
	setAll(c.SSHMachines, func(o *v1alpha1.SSHMachineConfig) { o.Namespace = namespace })
	setAll(c.OIDC, func(o *v1alpha1.OIDCConfig) { o.Namespace = namespace })
	setAll(c.AWSIam, func(o *v1alpha1.AWSIamConfig) { o.Namespace = namespace })
	setAll(c.Flux, func(o *v1alpha1.FluxConfig) { o.Namespace = namespace })
	if c.AWSRegistration != nil {
		c.AWSRegistration.Namespace = namespace
	}
	for _, pool := range c.AddressPools {
		pool.Namespace = namespace
	}
	d.Changed()
}

func setAll[T any](objects map[string]*T, set func(*T)) {
	for _, object := range objects {
		set(object)
	}
}
