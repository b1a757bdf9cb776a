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
	// Config is as v1alpha1.Decode gives it: the files that it refers to are
	// not read into it. Its Cluster is never nil, and there is exactly one
	// datacenter.
	Config *v1alpha1.Config
	// Path is the file that it was opened from or saved to, "" for none.
	Path string

	// text, problems and saved are what was derived from Config last.
	text     string
	problems v1alpha1.Problems
	saved    string
}

// Changed has to be called after every change to Config.
func (d *Draft) Changed() {
	d.text, d.problems = "", nil
}

// Provider is the kind of its datacenter.
func (d *Draft) Provider() string { return d.Config.Cluster.Spec.DatacenterRef.Kind }

// ControlPlane is where the control plane is configured.
func (d *Draft) ControlPlane() *v1alpha1.ControlPlaneConfiguration {
	return &d.Config.Cluster.Spec.ControlPlaneConfiguration
}

// ClusterField is the object and path of a field of the Cluster's spec, as
// problems name it.
func (d *Draft) ClusterField(path string) (object, field string) {
	return strings.TrimSuffix(v1alpha1.ClusterKind+"/"+d.Config.Cluster.Name, "/"), "spec." + path
}
