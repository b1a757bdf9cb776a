// Package draft is a configuration on its way: the typed objects of a
// configuration file, changed answer by answer.
package draft

import (
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// Draft is a configuration that is being made or changed. It is used by one
// goroutine at a time.
type Draft struct {
	// Config is as v1alpha1.Decode gives it, but for what is inherited: a host
	// over SSH that has the datacenter's user, port or key file has none of
	// its own here, and a health check that has the cluster's timeouts neither,
	// so that a change above reaches those below. The files that it refers to
	// are not read into it. Its Cluster and the provider's datacenter are
	// never nil, and every group's machine configuration is there.
	Config *v1alpha1.Config
	// Path is the file that it was opened from or saved to, "" for none.
	Path string

	// derived is what was derived from Config last; nil after a change.
	derived *derived
	// saved is the text that Path holds, "" for none.
	saved string
	// changes counts the calls of Changed.
	changes int
}

// Changed has to be called after every change to Config.
func (d *Draft) Changed() {
	d.derived = nil
	d.changes++
}

// Changes grows with every change: what was computed at the same number still
// holds.
func (d *Draft) Changes() int { return d.changes }

// Provider is the kind of its datacenter.
func (d *Draft) Provider() string { return d.Config.Cluster.Spec.DatacenterRef.Kind }

// Name is the cluster's name; it may be empty yet.
func (d *Draft) Name() string { return d.Config.Cluster.Name }

// ControlPlane is where the control plane is configured.
func (d *Draft) ControlPlane() *v1alpha1.ControlPlaneConfiguration {
	return &d.Config.Cluster.Spec.ControlPlaneConfiguration
}

// ClusterField is the object and path of a field of the Cluster's spec, as
// problems name it.
func (d *Draft) ClusterField(path string) (object, field string) {
	return Object(v1alpha1.ClusterKind, d.Config.Cluster.Name), "spec." + path
}

// DatacenterObject is the provider's datacenter as problems name it.
func (d *Draft) DatacenterObject() string {
	return Object(d.Provider(), d.Config.Cluster.Spec.DatacenterRef.Name)
}

// Object is an object as problems name it: "Kind/name".
func Object(kind, name string) string { return strings.TrimSuffix(kind+"/"+name, "/") }
