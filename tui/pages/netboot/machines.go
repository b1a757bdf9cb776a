package netboot

import (
	"context"
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/pages/hardwarefile"
)

// machines is the page of what kinds of machines there are.
func (s *site) machines() form.Page {
	return form.Page{
		ID: "netboot-machines", Title: "Machines",
		Intro: "Which servers become what, by a label of the hardware file, and what they run.",
		Fields: func() []form.Field {
			var fields []form.Field
			for _, m := range s.draft.Machines() {
				fields = append(fields, s.machineFields(m)...)
			}
			return fields
		},
		Notes: s.machineNotes,
	}
}

func (s *site) machineFields(m draft.Machine) []form.Field {
	spec, object := &m.Tinkerbell.Spec, m.Object()
	called := hardwarefile.Groups(m)
	id := func(field string) string { return field + "-" + m.Name }
	own := fmt.Sprintf("The image of %s alone, where Provisioning has none for all.", called)
	return []form.Field{
		s.selector(m, called, id("selector")),
		{
			ID: id("family"), Kind: form.Choice, Title: called + ": system",
			Help: "What the image is. All machines need one family.",
			Get:  func() string { return string(spec.OSFamily) },
			Set: func(family string) error {
				spec.OSFamily = v1alpha1.OSFamily(family)
				s.draft.Changed()
				return nil
			},
			Options: func(context.Context) ([]form.Option, error) {
				return []form.Option{{Value: string(v1alpha1.Ubuntu), Label: "Ubuntu"}, {Value: string(v1alpha1.RedHat), Label: "Red Hat"}, {Value: string(v1alpha1.Bottlerocket), Label: "Bottlerocket"}}, nil
			},
			Object: object, Path: "spec.osFamily",
		},
		s.text(form.Field{
			ID: id("image"), Title: called + ": image", Placeholder: "http://files.example.com/ubuntu-2204-kube-1-35.gz", Help: own,
			Hidden: func() bool { return s.spec().OSImageURL != "" && spec.OSImageURL == "" },
		}, func() *string { return &spec.OSImageURL }, object, "spec.osImageURL"),
		s.block(form.Field{
			ID: id("affinity"), Title: called + ": affinity", Advanced: true,
			Help: "Instead of one label: required and preferred terms with a labelSelector, as YAML.",
		}, func() any {
			if spec.HardwareAffinity == nil {
				return nil
			}
			return spec.HardwareAffinity
		}, func(text string) error {
			affinity, err := decode[v1alpha1.HardwareAffinity](text)
			if err == nil {
				spec.HardwareAffinity = affinity
			}
			return err
		}, object, "spec.hardwareAffinity"),
		s.templateRef(m, called, id("template")),
	}
}

func (s *site) selector(m draft.Machine, called, id string) form.Field {
	spec := &m.Tinkerbell.Spec
	var all []map[string]string
	for _, server := range s.contents().Machines {
		all = append(all, server.Labels)
	}
	options := hardwarefile.Labels(all, "server")
	return form.Field{
		ID: id, Kind: form.Text, Title: called + ": servers", Placeholder: "type=worker", FreeText: true,
		Help:   "The label of the servers to use, such as type=cp: exactly one.",
		Hidden: func() bool { return spec.HardwareAffinity != nil && len(spec.HardwareSelector) == 0 },
		Get:    func() string { return hardwarefile.FormatLabels(spec.HardwareSelector) },
		Set: func(text string) error {
			selector, err := hardwarefile.ParseLabels(text)
			if err == nil {
				spec.HardwareSelector = selector
				s.draft.Changed()
			}
			return err
		},
		Options:    func(context.Context) ([]form.Option, error) { return options, nil },
		OptionsFor: func() string { return fmt.Sprint(options) },
		Object:     m.Object(), Path: "spec.hardwareSelector",
	}
}

// templateRef is the field for the actions that install the machines.
func (s *site) templateRef(m draft.Machine, called, id string) form.Field {
	spec := &m.Tinkerbell.Spec
	options := []form.Option{{Label: "the default actions"}}
	for _, name := range slices.Sorted(maps.Keys(s.draft.Config.TinkerbellTemplates)) {
		options = append(options, form.Option{Value: name})
	}
	return form.Field{
		ID: id, Kind: form.Choice, Title: called + ": actions", Advanced: true, Placeholder: "the default actions",
		Help: "The actions that install these machines; the next page has templates of them.",
		Get:  func() string { return spec.TemplateRef.Name },
		Set: func(name string) error {
			spec.TemplateRef = v1alpha1.Ref{}
			if name != "" {
				spec.TemplateRef = v1alpha1.Ref{Kind: v1alpha1.TinkerbellTemplateConfigKind, Name: name}
			}
			s.draft.Changed()
			return nil
		},
		Options:    func(context.Context) ([]form.Option, error) { return options, nil },
		OptionsFor: func() string { return fmt.Sprint(options) },
		Object:     m.Object(), Path: "spec.templateRef",
	}
}

// machineNotes count the servers of each kind, once there is a hardware file.
func (s *site) machineNotes() []form.Note {
	servers := s.contents().Machines
	if len(servers) == 0 {
		return nil
	}
	var notes []form.Note
	for _, m := range s.draft.Machines() {
		have, need := 0, hardwarefile.Needed(s.draft, m)
		for i := range servers {
			if selects(&m.Tinkerbell.Spec, servers[i].Labels) {
				have++
			}
		}
		note := form.Note{Level: form.Info, Text: fmt.Sprintf("%s: %s, %d needed.", hardwarefile.Groups(m), hardwarefile.Matches(have, "server"), need)}
		if have < need {
			note.Level = form.Error
		}
		notes = append(notes, note)
	}
	return notes
}

// selects reports whether a server with these labels can be used. Of several
// required terms one is enough.
func selects(spec *v1alpha1.TinkerbellMachineConfigSpec, own map[string]string) bool {
	if spec.HardwareAffinity == nil {
		return spec.HardwareSelector.Matches(own)
	}
	for i := range spec.HardwareAffinity.Required {
		selector, err := metav1.LabelSelectorAsSelector(&spec.HardwareAffinity.Required[i].LabelSelector)
		if err == nil && selector.Matches(labels.Set(own)) {
			return true
		}
	}
	return false
}
