package v1alpha1

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Validate returns everything that is wrong with the configuration as such,
// whether or not Groundwork supports what it asks for; see Unsupported.
func (c *Config) Validate() Problems {
	v := &validator{config: c}
	if c.Cluster == nil {
		v.problems = append(v.problems, Problem{File: c.Source, Message: "there is no Cluster in the file",
			Remedy: "add one; `bootstrap generate config` writes an example"})
		return v.problems
	}
	v.metadata()
	v.clusterSpec()
	for _, check := range []func(){
		v.datacenter, v.vsphere, v.addressPools, v.tinkerbell, v.ssh, v.identity, v.gitOps, v.registration,
	} {
		check()
	}
	return v.problems.inFileOrder(c.Source)
}

// validator collects problems.
type validator struct {
	config   *Config
	problems Problems
}

func (v *validator) add(object any, path, message, remedy string) {
	if len(v.problems) > maxProblems {
		return // never shown
	}
	v.problems = append(v.problems, v.config.problemAt(object, path, message, remedy))
}

// cluster adds a problem with a field of the Cluster.
func (v *validator) cluster(path, message, remedy string) {
	v.add(v.config.Cluster, path, message, remedy)
}

// required adds a problem where value is empty, and reports whether it is set.
func (v *validator) required(object any, path, value, remedy string) bool {
	if value == "" {
		v.add(object, path, "the field is missing or empty", remedy)
	}
	return value != ""
}

// clusterName is EKS Anywhere's rule for names, without the capitals that
// Kubernetes refuses in object names.
var clusterName = regexp.MustCompile(`^[a-z]([a-z0-9-]*[a-z0-9])$`)

// maxClusterName is EKS Anywhere's limit; names of machines and secrets add to it.
const maxClusterName = 35

func (v *validator) metadata() {
	name := v.config.Cluster.Name
	switch {
	case name == "":
		v.cluster("metadata.name", "the cluster has no name", "write a name, such as \"production\"")
	case !clusterName.MatchString(name):
		v.cluster("metadata.name", fmt.Sprintf("%s is not a valid cluster name", quote(name)),
			"use two or more lower-case letters, digits and dashes; begin with a letter and end with a letter or digit")
	}
	if len(name) > maxClusterName {
		v.cluster("metadata.name", fmt.Sprintf("the name has %d characters, and at most %d are allowed", len(name), maxClusterName), "use a shorter name")
	}
	v.namespace(v.config.Cluster, v.config.Cluster.ObjectMeta)
	for _, object := range v.config.objects() {
		if object == any(v.config.Cluster) {
			continue
		}
		meta := metaOf(object)
		v.objectName(object, meta.Name)
		// EKS Anywhere finds templates by name alone; its files rely on it.
		if _, template := object.(*TinkerbellTemplateConfig); !template {
			v.namespace(object, *meta)
		}
	}
}

// objectName validates the name of an object other than the Cluster.
func (v *validator) objectName(object any, name string) {
	if !v.required(object, "metadata.name", name, "write a name, and refer to the object by it") {
		return
	}
	if len(validation.IsDNS1123Subdomain(name)) > 0 {
		v.add(object, "metadata.name", fmt.Sprintf("%s is not a valid name", quote(name)),
			"use lower-case letters, digits, dashes and dots; begin and end with a letter or digit")
	}
}

// namespace validates that an object is in the Cluster's namespace.
func (v *validator) namespace(object any, meta metav1.ObjectMeta) {
	own, cluster := orDefault(meta.Namespace), orDefault(v.config.Cluster.Namespace)
	switch {
	case len(validation.IsDNS1123Label(own)) > 0:
		v.add(object, "metadata.namespace", fmt.Sprintf("%s is not a valid namespace", quote(own)), "use lower-case letters, digits and dashes")
	case own != cluster:
		v.add(object, "metadata.namespace",
			fmt.Sprintf("the namespace is %s, and the Cluster's is %s", quote(own), quote(cluster)),
			fmt.Sprintf("write namespace: %s in both, or leave both out", cluster))
	}
}

func orDefault(namespace string) string {
	if namespace == "" {
		return metav1.NamespaceDefault
	}
	return namespace
}

// ref validates that a reference has one of the kinds allowed and a name that
// exists; names are those in the file.
func (v *validator) ref(object any, path string, ref *Ref, allowed []string, names func(kind string) []string) {
	if ref == nil {
		v.add(object, path, "the reference is missing", fmt.Sprintf("write kind: %s and the name of one", allowed[0]))
		return
	}
	switch {
	case ref.Kind == "":
		v.add(object, path+".kind", "the kind is missing", "write "+strings.Join(allowed, " or "))
		return
	case !slices.Contains(allowed, ref.Kind):
		v.add(object, path+".kind", fmt.Sprintf("the reference cannot be to the kind %s", quote(ref.Kind)), "use "+strings.Join(allowed, " or "))
		return
	}
	if !v.required(object, path+".name", ref.Name, "write the name of the "+ref.Kind) {
		return
	}
	// A document that could not be read may be the one that is missing.
	known := names(ref.Kind)
	if slices.Contains(known, ref.Name) || v.config.broken {
		return
	}
	remedy := "add one to the file"
	if meant := nearest(ref.Name, known); meant != "" {
		remedy = "write " + meant + " if that is meant, or " + remedy
	} else if len(known) > 0 && len(known) <= maxListed {
		slices.Sort(known)
		remedy = "write one of " + strings.Join(known, ", ") + ", or " + remedy
	}
	v.add(object, path+".name", fmt.Sprintf("there is no %s named %s in the file", ref.Kind, quote(ref.Name)), remedy)
}

// datacenter validates the Cluster's reference to its datacenter.
func (v *validator) datacenter() {
	ref := v.config.Cluster.Spec.DatacenterRef
	v.ref(v.config.Cluster, "spec.datacenterRef", &ref, []string{VSphereDatacenterKind, TinkerbellDatacenterKind, SSHDatacenterKind}, func(kind string) []string {
		switch {
		case kind == VSphereDatacenterKind && v.config.VSphereDatacenter != nil:
			return []string{v.config.VSphereDatacenter.Name}
		case kind == TinkerbellDatacenterKind && v.config.TinkerbellDatacenter != nil:
			return []string{v.config.TinkerbellDatacenter.Name}
		case kind == SSHDatacenterKind && v.config.SSHDatacenter != nil:
			return []string{v.config.SSHDatacenter.Name}
		}
		return nil
	})
}

// machineGroup validates a reference from the Cluster to a machine
// configuration of the datacenter's provider.
func (v *validator) machineGroup(path string, ref *Ref) {
	allowed := []string{VSphereMachineConfigKind, TinkerbellMachineConfigKind, SSHMachineConfigKind}
	switch v.config.Cluster.Spec.DatacenterRef.Kind {
	case VSphereDatacenterKind:
		allowed = allowed[:1]
	case TinkerbellDatacenterKind:
		allowed = allowed[1:2]
	case SSHDatacenterKind:
		allowed = allowed[2:]
	}
	v.ref(v.config.Cluster, path, ref, allowed, func(kind string) []string {
		switch kind {
		case VSphereMachineConfigKind:
			return keys(v.config.VSphereMachines)
		case TinkerbellMachineConfigKind:
			return keys(v.config.TinkerbellMachines)
		}
		return keys(v.config.SSHMachines)
	})
}

func keys[T any](objects map[string]*T) []string {
	var names []string
	for name := range objects {
		names = append(names, name)
	}
	return names
}
