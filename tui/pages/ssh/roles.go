package ssh

import (
	"context"
	"fmt"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/pages/hardwarefile"
)

// roles is the page that says which hosts become what.
func (s *site) roles() form.Page {
	return form.Page{
		ID: "ssh-roles", Title: "Roles",
		Intro: "Each host is chosen for its role by its labels. A host that has all labels of a role can be used for it.",
		Fields: func() []form.Field {
			var fields []form.Field
			for _, m := range s.draft.Machines() {
				fields = append(fields, s.selector(m))
			}
			return fields
		},
		Notes: s.roleNotes,
	}
}

func (s *site) selector(m draft.Machine) form.Field {
	var labels []map[string]string
	for _, h := range s.hosts() {
		labels = append(labels, h.Labels)
	}
	options := hardwarefile.Labels(labels, "host")
	return form.Field{
		ID: "selector-" + m.Name, Kind: form.Text, Title: hardwarefile.Groups(m), Placeholder: "type=worker",
		Help: "The labels that a host needs to become one of these machines, such as type=cp. With several, it needs all of them.",
		Get:  func() string { return hardwarefile.FormatLabels(m.SSH.Spec.HardwareSelector) },
		Set: func(text string) error {
			labels, err := hardwarefile.ParseLabels(text)
			if err == nil {
				m.SSH.Spec.HardwareSelector = labels
				s.draft.Changed()
			}
			return err
		},
		Options:    func(context.Context) ([]form.Option, error) { return options, nil },
		OptionsFor: func() string { return fmt.Sprint(options) },
		FreeText:   true,
		Object:     m.Object(), Path: "spec.hardwareSelector",
	}
}

// demand is how many hosts one machine configuration needs and has.
type demand struct {
	name       string
	machine    *v1alpha1.SSHMachineConfig
	need, have int
}

func (s *site) demands() []demand {
	hosts := s.hosts()
	var all []demand
	for _, m := range s.draft.Machines() {
		d := demand{name: hardwarefile.Groups(m), machine: m.SSH, need: hardwarefile.Needed(s.draft, m)}
		for i := range hosts {
			if m.SSH.Spec.HardwareSelector.Matches(hosts[i].Labels) {
				d.have++
			}
		}
		all = append(all, d)
	}
	return all
}

// roleNotes count the hosts of each role.
func (s *site) roleNotes() []form.Note {
	var notes []form.Note
	for _, d := range s.demands() {
		note := form.Note{Level: form.Info, Text: fmt.Sprintf("%s: %s, %d needed.", d.name, hardwarefile.Matches(d.have, "host"), d.need)}
		if d.have < d.need {
			note.Level = form.Error
		}
		notes = append(notes, note)
	}
	return notes
}
