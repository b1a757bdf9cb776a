package cluster

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// everyMachine stands for all machine configurations.
const everyMachine = "all machines"

// scope is which machine configurations a page is about: all of them at once,
// or one.
type scope struct {
	draft *draft.Draft
	// path is what the page asks for, of each machine configuration's spec;
	// value is that, to be compared.
	path  string
	value func(draft.Machine) any
	// selected is the name of one; "" until somebody has chosen.
	selected string
}

// same reports whether all machine configurations say the same.
func (s *scope) same() bool {
	all := s.draft.Machines()
	return !slices.ContainsFunc(all, func(m draft.Machine) bool { return !reflect.DeepEqual(s.value(m), s.value(all[0])) })
}

// machines are those that an answer changes. The first is shown.
func (s *scope) machines() []draft.Machine {
	all := s.draft.Machines()
	if len(all) == 0 || s.current() == everyMachine {
		return all
	}
	i := slices.IndexFunc(all, func(m draft.Machine) bool { return m.Name == s.current() })
	return all[i : i+1]
}

// current is the name of a machine configuration, or everyMachine.
func (s *scope) current() string {
	all := s.draft.Machines()
	if slices.ContainsFunc(all, func(m draft.Machine) bool { return m.Name == s.selected }) {
		return s.selected
	}
	if s.selected == everyMachine || len(all) == 0 || s.same() {
		return everyMachine
	}
	return all[0].Name
}

// field asks for the scope. It speaks for the problems of the machines that
// are not shown.
func (s *scope) field() form.Field {
	all := s.draft.Machines()
	field := form.Field{
		ID: "machines", Kind: form.Choice, Title: "For", Help: "Which machines the answers below are for.",
		Hidden: func() bool { return len(all) < 2 },
		Get:    s.current,
		Set:    func(chosen string) error { s.selected = chosen; return nil },
		OptionsFor: func() string {
			var names []string
			for _, m := range all {
				names = append(names, m.Name+strings.Join(m.Groups, ","))
			}
			return strings.Join(names, "\n")
		},
		Options: func(context.Context) ([]form.Option, error) {
			options := []form.Option{{Value: everyMachine}}
			for _, m := range all {
				options = append(options, form.Option{Value: m.Name, Detail: strings.Join(m.Groups, ", ")})
			}
			return options, nil
		},
	}
	shown := s.machines()
	for _, p := range s.draft.Problems() {
		for _, m := range all {
			if p.Object == m.Object() && within(p.Field, "spec."+s.path) && m.Name != shown[0].Name {
				field.Object, field.Path = p.Object, p.Field
				return field
			}
		}
	}
	return field
}

// notes warn where an answer replaces what differs.
func (s *scope) notes() []form.Note {
	if s.current() == everyMachine && !s.same() {
		return []form.Note{{Level: form.Warning, Text: "The machines differ here. An answer for all machines replaces what each has."}}
	}
	return nil
}
