package kubeadm

import (
	"maps"
	"slices"

	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
)

// arguments are a component's flags. A flag may stand more than once.
type arguments map[string][]string

func newArgs() arguments { return arguments{} }

// set replaces the flag's value; an empty value leaves it as it is.
func (a arguments) set(name, value string) {
	if value != "" {
		a[name] = []string{value}
	}
}

// add repeats the flag with one more value.
func (a arguments) add(name, value string) {
	if value != "" && !slices.Contains(a[name], value) {
		a[name] = append(a[name], value)
	}
}

// list is the flags by name, so that the same configuration always gives the
// same object.
func (a arguments) list() []bootstrapv1.Arg {
	var list []bootstrapv1.Arg
	for _, name := range slices.Sorted(maps.Keys(a)) {
		for _, value := range a[name] {
			list = append(list, bootstrapv1.Arg{Name: name, Value: &value})
		}
	}
	return list
}
