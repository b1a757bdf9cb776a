package v1alpha1

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// YAML is the effective configuration: every object with its defaults, in an
// order that never changes, secrets redacted.
func (c *Config) YAML() ([]byte, error) {
	var out bytes.Buffer
	for _, object := range c.objects() {
		data, err := yaml.Marshal(object)
		if err != nil {
			return nil, fmt.Errorf("write %s as YAML: %w", describe(object), err)
		}
		if out.Len() > 0 {
			out.WriteString("---\n")
		}
		out.Write(data)
	}
	return out.Bytes(), nil
}

// objects are all objects, with apiVersion and kind filled in where a program
// made them.
func (c *Config) objects() []any {
	var all []any
	add := func(object any, meta *metav1.TypeMeta, kind string) {
		setIfEmpty(&meta.Kind, kind)
		setIfEmpty(&meta.APIVersion, kinds[kind].apiVersion)
		all = append(all, object)
	}
	if c.Cluster != nil {
		add(c.Cluster, &c.Cluster.TypeMeta, ClusterKind)
	}
	if c.VSphereDatacenter != nil {
		add(c.VSphereDatacenter, &c.VSphereDatacenter.TypeMeta, VSphereDatacenterKind)
	}
	for _, o := range byName(c.VSphereMachines) {
		add(o, &o.TypeMeta, VSphereMachineConfigKind)
	}
	for _, o := range c.AddressPools {
		add(o, &o.TypeMeta, VSphereAddressPoolKind)
	}
	if c.TinkerbellDatacenter != nil {
		add(c.TinkerbellDatacenter, &c.TinkerbellDatacenter.TypeMeta, TinkerbellDatacenterKind)
	}
	for _, o := range byName(c.TinkerbellMachines) {
		add(o, &o.TypeMeta, TinkerbellMachineConfigKind)
	}
	for _, o := range byName(c.TinkerbellTemplates) {
		add(o, &o.TypeMeta, TinkerbellTemplateConfigKind)
	}
	if c.SSHDatacenter != nil {
		add(c.SSHDatacenter, &c.SSHDatacenter.TypeMeta, SSHDatacenterKind)
	}
	for _, o := range byName(c.SSHMachines) {
		add(o, &o.TypeMeta, SSHMachineConfigKind)
	}
	for _, o := range byName(c.OIDC) {
		add(o, &o.TypeMeta, OIDCConfigKind)
	}
	for _, o := range byName(c.AWSIam) {
		add(o, &o.TypeMeta, AWSIamConfigKind)
	}
	for _, o := range byName(c.Flux) {
		add(o, &o.TypeMeta, FluxConfigKind)
	}
	if o := c.AWSRegistration; o != nil {
		add(o, &o.TypeMeta, AWSRegistrationKind)
	}
	return all
}

// byName are the objects of a map in the order of their names.
func byName[T any](objects map[string]*T) []*T {
	all := make([]*T, 0, len(objects))
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		all = append(all, objects[name])
	}
	return all
}
