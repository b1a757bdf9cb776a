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
