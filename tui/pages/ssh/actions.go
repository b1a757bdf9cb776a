package ssh

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/pages/hardwarefile"
)

// Keys of what can be done with hosts.
const (
	addKey    = "ctrl+o"
	removeKey = "ctrl+x"
	tryKey    = "ctrl+t"
	tryAllKey = "f5"
	adoptKey  = "ctrl+l"
)

// here is an action that takes no time.
func here(key, label string, do func() form.Note) form.Action {
	return form.Action{Key: key, Label: label, Run: func(context.Context) (func() form.Note, error) { return do, nil }}
}

func (s *site) hostActions() []form.Action {
	all := []form.Action{here(addKey, "add a host", s.add)}
	if h := s.current(); h != nil {
		called := h.Name
		if called == "" {
			called = "this host"
		}
		own := keyOf(&h.SSHHost)
		all = append(all, form.Action{Key: tryKey, Label: "try " + called, Run: s.try(func(other *v1alpha1.SSHHost) bool { return keyOf(other) == own })})
		if h.own >= 0 {
			all = append(all, here(removeKey, "remove "+called, func() form.Note { return s.remove(h.own) }))
		}
	}
	if len(s.hosts()) > 1 {
		all = append(all, form.Action{Key: tryAllKey, Label: "try all", Run: s.try(func(*v1alpha1.SSHHost) bool { return true })})
	}
	if contents := s.contents(); len(contents.Machines) > 0 {
		all = append(all, here(adoptKey, "take the file's hosts over", s.adopt))
	}
	return all
}

// add adds a host, named after the last one, with the labels of a role that
// lacks hosts.
func (s *site) add() form.Note {
	spec := s.spec()
	one := v1alpha1.SSHHost{Name: s.nextName(), Labels: s.lacking()}
	spec.Hosts = append(spec.Hosts, one)
	s.chosen = strconv.Itoa(len(spec.Hosts) - 1)
	s.draft.Changed()
	return form.Note{}
}

var numbered = regexp.MustCompile(`^(.*?)([0-9]+)$`)

// nextName counts on from the last host's name: node-3 after node-2.
func (s *site) nextName() string {
	taken := map[string]bool{}
	last := "node-0"
	for _, h := range s.hosts() {
		taken[h.Name] = true
		if h.Name != "" {
			last = h.Name
		}
	}
	parts := numbered.FindStringSubmatch(last)
	if parts == nil {
		return ""
	}
	n, err := strconv.Atoi(parts[2])
	if err != nil {
		return ""
	}
	for {
		n++
		if name := fmt.Sprintf("%s%0*d", parts[1], len(parts[2]), n); !taken[name] {
			return name
		}
	}
}

// lacking are the labels of the first role that has too few hosts.
func (s *site) lacking() map[string]string {
	for _, r := range s.demands() {
		if r.have < r.need && len(r.machine.Spec.HardwareSelector) > 0 {
			labels := map[string]string{}
			for key, value := range r.machine.Spec.HardwareSelector {
				labels[key] = value
			}
			return labels
		}
	}
	return nil
}

func (s *site) remove(own int) form.Note {
	spec := s.spec()
	if own >= len(spec.Hosts) {
		return form.Note{}
	}
	called := spec.Hosts[own].Name
	spec.Hosts = slices.Delete(slices.Clone(spec.Hosts), own, own+1)
	if len(spec.Hosts) == 0 {
		spec.Hosts = nil
	}
	s.chosen = strconv.Itoa(max(0, min(own, len(spec.Hosts)-1)))
	s.draft.Changed()
	return form.Note{Level: form.Info, Text: "Removed " + called + "."}
}

// adopt writes the hosts of the hardware file into the configuration, where
// their keys can be pinned.
func (s *site) adopt() form.Note {
	contents := s.contents()
	if len(contents.Machines) == 0 {
		return form.Note{}
	}
	spec := s.spec()
	for i := range contents.Machines {
		spec.Hosts = append(spec.Hosts, ofRow(&contents.Machines[i]))
	}
	spec.HardwareFile, s.chosen = "", strconv.Itoa(len(spec.Hosts)-len(contents.Machines))
	s.draft.Changed()
	return form.Note{Level: form.Info, Text: fmt.Sprintf("%s of the file are in the configuration now, and the file is not needed any more.", hardwarefile.Count(len(contents.Machines), "host"))}
}
