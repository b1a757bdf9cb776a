package netboot

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// decode reads one value of the configuration from YAML; empty text is none.
func decode[T any](text string) (*T, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	value := new(T)
	if err := yaml.UnmarshalStrict([]byte(text), value); err != nil {
		return nil, &failure.Error{Code: failure.Usage, Summary: "this is not the YAML that belongs here", Err: err, Remedy: "correct it, or empty the field"}
	}
	return value, nil
}

// block is a field for a part of the configuration as YAML. value is nil where
// there is none.
func (s *site) block(f form.Field, value func() any, set func(string) error, object, path string) form.Field {
	f.Kind = form.Lines
	f.Get = func() string {
		own := value()
		if own == nil {
			return ""
		}
		text, err := yaml.Marshal(own)
		if err != nil {
			return ""
		}
		return string(text)
	}
	f.Set = func(text string) error {
		err := set(text)
		if err == nil {
			s.draft.Changed()
		}
		return err
	}
	f.Object, f.Path = object, path
	return f
}

// templates is the page of the actions that install servers.
func (s *site) templates() form.Page {
	return form.Page{
		ID: "netboot-templates", Title: "Install actions",
		Intro:   "What installs a server is a list of actions. The default ones write the image and configure the network; a template replaces them.",
		Fields:  s.templateFields,
		Actions: s.templateActions,
		Notes: func() []form.Note {
			if len(s.draft.Config.TinkerbellTemplates) > 0 {
				return nil
			}
			return []form.Note{{Level: form.Info, Text: "There is no template: all servers are installed by the default actions."}}
		},
	}
}

// current is the template that is shown, nil without any.
func (s *site) current() *v1alpha1.TinkerbellTemplateConfig {
	all := s.draft.Config.TinkerbellTemplates
	if t := all[s.template]; t != nil {
		return t
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		return all[name]
	}
	return nil
}

func (s *site) templateFields() []form.Field {
	t := s.current()
	if t == nil {
		return nil
	}
	names := slices.Sorted(maps.Keys(s.draft.Config.TinkerbellTemplates))
	object := draft.Object(v1alpha1.TinkerbellTemplateConfigKind, t.Name)
	return []form.Field{
		{
			ID: "template", Kind: form.Choice, Title: "Template", Help: "The template that is shown below.",
			Hidden: func() bool { return len(names) < 2 },
			Get:    func() string { return t.Name },
			Set:    func(name string) error { s.template = name; return nil },
			Options: func(context.Context) ([]form.Option, error) {
				var options []form.Option
				for _, name := range names {
					options = append(options, form.Option{Value: name})
				}
				return options, nil
			},
			OptionsFor: func() string { return strings.Join(names, "\n") },
		},
		{
			ID: "name-" + t.Name, Title: "Name", Help: "Machines refer to the template by it.",
			Get:    func() string { return t.Name },
			Set:    func(name string) error { return s.rename(t, strings.TrimSpace(name)) },
			Object: object, Path: "metadata.name",
		},
		s.block(form.Field{
			ID: "workflow-" + t.Name, Title: "Actions",
			Help: "The template as YAML: version, name, global_timeout, and tasks with their actions.",
		}, func() any { return &t.Spec.Template }, func(text string) error {
			workflow, err := decode[v1alpha1.TinkerbellWorkflow](text)
			if err == nil && workflow != nil {
				t.Spec.Template = *workflow
			}
			return err
		}, object, "spec.template"),
	}
}

// rename gives a template another name wherever it is named.
func (s *site) rename(t *v1alpha1.TinkerbellTemplateConfig, name string) error {
	all := s.draft.Config.TinkerbellTemplates
	if name == t.Name {
		return nil
	}
	if name == "" || all[name] != nil {
		return &failure.Error{Code: failure.Usage, Summary: fmt.Sprintf("%q cannot be the template's name", name), Remedy: "write a name that no other template has"}
	}
	former := t.Name
	delete(all, former)
	t.Name, all[name] = name, t
	s.template = name
	for _, m := range s.draft.Config.TinkerbellMachines {
		if m.Spec.TemplateRef.Name == former {
			m.Spec.TemplateRef.Name = name
		}
	}
	s.draft.Changed()
	return nil
}

func (s *site) templateActions() []form.Action {
	here := func(key, label string, do func() form.Note) form.Action {
		return form.Action{Key: key, Label: label, Run: func(context.Context) (func() form.Note, error) { return do, nil }}
	}
	all := []form.Action{here("ctrl+o", "add a template", s.add)}
	if t := s.current(); t != nil {
		all = append(all, here("ctrl+x", "remove "+t.Name, func() form.Note { return s.remove(t.Name) }))
	}
	return all
}

// templateTimeout is EKS Anywhere's for a whole installation, in seconds.
const templateTimeout = 6000

// add adds a template without actions and lets the machines without one use
// it where it is the first.
func (s *site) add() form.Note {
	all := s.draft.Config.TinkerbellTemplates
	if all == nil {
		all = map[string]*v1alpha1.TinkerbellTemplateConfig{}
		s.draft.Config.TinkerbellTemplates = all
	}
	base := s.draft.Name()
	if base == "" {
		base = "cluster"
	}
	name := base
	for n := 2; all[name] != nil; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	t := &v1alpha1.TinkerbellTemplateConfig{}
	t.Name = name
	t.Spec.Template = v1alpha1.TinkerbellWorkflow{Version: "0.1", Name: name, GlobalTimeout: templateTimeout,
		Tasks: []v1alpha1.TinkerbellTask{{Name: name, WorkerAddr: "{{.device_1}}", Volumes: []string{"/dev:/dev", "/dev/console:/dev/console", "/lib/firmware:/lib/firmware:ro"}}}}
	first := len(all) == 0
	all[name], s.template = t, name
	text := "The machines choose it under their advanced settings on the page before."
	if first {
		for _, m := range s.draft.Config.TinkerbellMachines {
			if m.Spec.TemplateRef.Name == "" {
				m.Spec.TemplateRef = v1alpha1.Ref{Kind: v1alpha1.TinkerbellTemplateConfigKind, Name: name}
			}
		}
		text = "All machines are installed by it now."
	}
	s.draft.Changed()
	return form.Note{Level: form.Info, Text: "Added the template " + name + ". " + text}
}

// remove removes a template; its machines get the default actions.
func (s *site) remove(name string) form.Note {
	delete(s.draft.Config.TinkerbellTemplates, name)
	for _, m := range s.draft.Config.TinkerbellMachines {
		if m.Spec.TemplateRef.Name == name {
			m.Spec.TemplateRef = v1alpha1.Ref{}
		}
	}
	s.draft.Changed()
	return form.Note{Level: form.Info, Text: "Removed the template " + name + "; its machines are installed by the default actions."}
}
