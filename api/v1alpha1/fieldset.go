package v1alpha1

import (
	"reflect"
	"strings"
	"sync"
)

// fieldSet is the fields of a struct as the file names them.
type fieldSet struct {
	names  []string
	byName map[string]structField
	// byFold finds a field by its name in lower case.
	byFold map[string]structField
}

type structField struct {
	name  string
	index []int
}

var fieldSets sync.Map // reflect.Type to *fieldSet

func fieldsOf(t reflect.Type) *fieldSet {
	if known, ok := fieldSets.Load(t); ok {
		return known.(*fieldSet)
	}
	set := &fieldSet{byName: map[string]structField{}, byFold: map[string]structField{}}
	set.add(t, nil)
	fieldSets.Store(t, set)
	return set
}

func (s *fieldSet) add(t reflect.Type, index []int) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		here := append(append([]int(nil), index...), i)
		switch {
		case name == "-" || !field.IsExported():
		case field.Anonymous && name == "":
			s.add(field.Type, here)
		default:
			s.names = append(s.names, name)
			s.byName[name] = structField{name, here}
			s.byFold[strings.ToLower(name)] = structField{name, here}
		}
	}
}

// formerFields are fields that earlier releases of EKS Anywhere had, by kind
// and path, and why they have no effect. Files that still carry them run.
var formerFields = map[string]string{
	"VSphereDatacenterConfig spec.disableCSI": "the field has no effect: EKS Anywhere removed it, and no storage driver is installed",
}

// refusedFields are fields of other kinds of machines and datacenters, by
// kind and path: why hosts over SSH have none, and what to do.
var refusedFields = map[string]struct{ reason, remedy string }{
	"SSHMachineConfig spec.hardwareAffinity":              {"hosts over SSH are chosen by hardwareSelector alone", "write the labels that the hosts must have under hardwareSelector"},
	"SSHMachineConfig spec.templateRef":                   {alreadyInstalled, "remove it"},
	"SSHMachineConfig spec.osImageURL":                    {alreadyInstalled, "remove it"},
	"SSHDatacenterConfig spec.osImageURL":                 {alreadyInstalled, "remove it"},
	"SSHDatacenterConfig spec.tinkerbellIP":               {alreadyInstalled, "remove it"},
	"SSHDatacenterConfig spec.skipLoadBalancerDeployment": {"the field is the Cluster's", "write it under controlPlaneConfiguration"},
	"SSHDatacenterConfig spec.failureDomains":             {"failure domains are for vSphere only", "remove them; labels of hosts can stand for racks"},
	"SSHDatacenterConfig spec.password":                   {noCredentials, "remove it, and name a private key in keyFile; what sudo asks for is taken from GROUNDWORK_SSH_SUDO_PASSWORD"},
	"SSHDatacenterConfig spec.sudoPassword":               {noCredentials, "remove it, and set GROUNDWORK_SSH_SUDO_PASSWORD in the environment"},
	"SSHDatacenterConfig spec.privateKey":                 {noCredentials, "remove it, and write the path of the key in keyFile"},
}

const (
	alreadyInstalled = "hosts over SSH have their operating system already"
	noCredentials    = "the configuration file must not hold credentials"
)
