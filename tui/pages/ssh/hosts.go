package ssh

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/pages/hardwarefile"
)

// hostsPage is the page of the hosts: those of a hardware file, and those that
// are written one by one.
func (s *site) hostsPage() form.Page {
	return form.Page{
		ID: "ssh-hosts", Title: "Hosts",
		Intro:  "The hosts that become nodes: from a hardware file, one by one, or both.",
		Fields: s.hostFields, Notes: s.hostNotes, Actions: s.hostActions,
	}
}

func (s *site) hostFields() []form.Field {
	spec := s.spec
	fields := []form.Field{
		s.path(form.Field{
			ID: "hardware", Title: "Hardware file", Placeholder: "none",
			Help: "A CSV of hosts: hostname, ip_address, labels; where wanted ssh_user, ssh_port, ssh_key_file, ssh_host_key. ctrl+o writes hosts here instead.",
		}, func() *string { return &spec().HardwareFile }, "spec.hardwareFile"),
		s.choice(),
	}
	if h := s.current(); h != nil && h.own >= 0 {
		fields = append(fields, s.ownFields(h.own)...)
	}
	return fields
}

// choice is the field that says whose answers follow. What is wrong with the
// hosts in general is its problem.
func (s *site) choice() form.Field {
	options := s.hostOptions()
	digest := fmt.Sprint(options)
	return form.Field{
		ID: "host", Kind: form.Choice, Title: "Host", Placeholder: "none yet: ctrl+o adds one",
		Help: "The host whose answers follow. Open the list to see all hosts, and every problem of the hardware file.",
		Get: func() string {
			if h := s.current(); h != nil {
				return h.called
			}
			return ""
		},
		Set: func(called string) error {
			s.chosen = called // a problem
			for _, h := range s.hosts() {
				if h.called == called {
					s.chosen = h.place
				}
			}
			return nil
		},
		Options:    func(context.Context) ([]form.Option, error) { return options, nil },
		OptionsFor: func() string { return digest },
		Object:     s.draft.DatacenterObject(), Path: "spec.hosts",
	}
}

// hostOptions are the hosts, and the rows that could not be read.
func (s *site) hostOptions() []form.Option {
	wrong := s.wrong()
	var options []form.Option
	for _, h := range s.hosts() {
		detail := s.saidOf(&h)
		if p, found := wrong[h.own]; found && h.own >= 0 {
			detail = p.Message
		}
		options = append(options, form.Option{Value: h.called, Detail: detail})
	}
	contents := s.contents()
	for i := range contents.Problems {
		options = append(options, form.Option{Value: fmt.Sprintf("problem %d", i), Label: filepath.Base(contents.Path), Detail: hardwarefile.Problem(&contents.Problems[i])})
	}
	return options
}

// wrong is the first problem of each host of the configuration, by its index.
func (s *site) wrong() map[int]v1alpha1.Problem {
	found, object := map[int]v1alpha1.Problem{}, s.draft.DatacenterObject()
	for _, p := range s.draft.Problems() {
		rest, ok := strings.CutPrefix(p.Field, "spec.hosts[")
		if !ok || p.Object != object {
			continue
		}
		index, _, _ := strings.Cut(rest, "]")
		i, err := strconv.Atoi(index)
		if _, known := found[i]; err == nil && !known {
			found[i] = p
		}
	}
	return found
}

// ownFields are the answers of a host of the configuration.
func (s *site) ownFields(i int) []form.Field {
	one := func() *v1alpha1.SSHHost { return &s.spec().Hosts[i] }
	// Another host's answers are other questions.
	id := func(field string) string { return fmt.Sprintf("%s-%d", field, i) }
	at := func(field string) string { return fmt.Sprintf("spec.hosts[%d].%s", i, field) }
	labels := s.text(form.Field{
		ID: id("labels"), Title: "Labels", Placeholder: "type=cp",
		Help: "What tells the host apart from others, such as type=cp or type=worker, with commas between labels. The next page chooses hosts by them.",
	}, func() *string { return new(string) }, at("labels"))
	labels.Get = func() string { return hardwarefile.FormatLabels(one().Labels) }
	labels.Set = func(text string) error {
		parsed, err := hardwarefile.ParseLabels(text)
		if err == nil {
			one().Labels = parsed
			s.draft.Changed()
		}
		return err
	}
	return []form.Field{
		s.text(form.Field{
			ID: id("name"), Title: "Name", Placeholder: "node-1", Help: "The node will have this name.",
		}, func() *string { return &one().Name }, at("name")),
		s.text(form.Field{
			ID: id("address"), Title: "Address", Placeholder: "10.0.0.21",
			Help: "The host's IPv4 address. The node will have it, and the login goes there. ctrl+t tries it.",
		}, func() *string { return &one().Address }, at("address")),
		labels,
		s.hostKey(i, id("fingerprint"), at("hostKeyFingerprint")),
		s.text(form.Field{
			ID: id("user"), Title: "User", Advanced: true, Placeholder: s.spec().User, Help: "Where it is another than the other hosts'.",
		}, func() *string { return &one().User }, at("user")),
		s.port(form.Field{
			ID: id("port"), Title: "Port", Advanced: true, Placeholder: fmt.Sprint(s.spec().Port), Help: "Where it is another than the other hosts'.",
		}, func() *int { return &one().Port }, at("port"), 0),
		s.path(form.Field{
			ID: id("key"), Title: "Private key", Advanced: true, Placeholder: s.spec().KeyFile, Help: "Where it is another than the other hosts'.",
		}, func() *string { return &one().KeyFile }, at("keyFile")),
	}
}

// hostNotes say what is known of the host that is shown, and of the file.
func (s *site) hostNotes() []form.Note {
	contents := s.contents()
	notes := contents.Notes("host")
	h := s.current()
	if h == nil {
		return notes
	}
	for i := range contents.Problems {
		if s.chosen == fmt.Sprintf("problem %d", i) {
			return []form.Note{{Level: form.Error, Text: hardwarefile.Problem(&contents.Problems[i])}}
		}
	}
	wrong, hosts := s.wrong(), s.spec().Hosts
	for _, i := range slices.Sorted(maps.Keys(wrong)) {
		if i != h.own && i < len(hosts) {
			notes = append(notes, form.Note{Level: form.Warning, Text: hosts[i].Name + ": " + wrong[i].Message})
		}
	}
	return append(s.trialNotes(h), notes...)
}
