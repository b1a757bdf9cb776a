// Package ssh is the questions about hosts that already run Linux and are
// reached over SSH: how to log in, which hosts there are, what they become,
// and where the nodes' files are.
package ssh

import (
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/hardware"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/pages/hardwarefile"
	"groundwork.dev/bootstrap/tui/ui"
)

// Pages are the questions, for a draft with an SSHDatacenterConfig.
func Pages(d *draft.Draft, b backend.Backend, _ *ui.Env) []form.Page {
	s := newSite(d, b)
	return []form.Page{s.login(), s.hostsPage(), s.roles(), s.nodeFiles()}
}

func newSite(d *draft.Draft, b backend.Backend) *site {
	return &site{draft: d, backend: b, file: hardwarefile.New(hardware.ForSSH()), tried: map[string]trial{}}
}

// site is what the pages share.
type site struct {
	draft   *draft.Draft
	backend backend.Backend
	file    *hardwarefile.Reader
	// chosen is the host whose answers are shown: its place.
	chosen string
	// tried is what hosts answered, by their names and addresses.
	tried map[string]trial
}

// spec is the datacenter's; it may be another after every answer.
func (s *site) spec() *v1alpha1.SSHDatacenterConfigSpec { return &s.draft.Config.SSHDatacenter.Spec }

// contents is what the hardware file says.
func (s *site) contents() hardwarefile.Contents {
	return s.file.Read(hardwarefile.Resolve(s.draft, s.spec().HardwareFile))
}

// path is a field for a path of the datacenter.
func (s *site) path(f form.Field, value func() *string, field string) form.Field {
	f.Kind = form.File
	f.Get = func() string { return *value() }
	f.Set = func(text string) error {
		*value() = hardwarefile.Portable(s.draft, text)
		s.draft.Changed()
		return nil
	}
	f.Object, f.Path = s.draft.DatacenterObject(), field
	return f
}

// text is a field for a text of the datacenter.
func (s *site) text(f form.Field, value func() *string, field string) form.Field {
	f.Get = func() string { return *value() }
	f.Set = func(text string) error {
		*value() = strings.TrimSpace(text)
		s.draft.Changed()
		return nil
	}
	f.Object, f.Path = s.draft.DatacenterObject(), field
	return f
}

// host is one host, wherever it is written.
type host struct {
	// place is the host's index among those of the configuration, or the row
	// of the hardware file: "2", "row 4".
	place string
	// own is its index among those of the configuration, -1 for the others.
	own int
	// called is what it is called in lists, where no other is called so.
	called string
	v1alpha1.SSHHost
}

// hosts are all of them: those of the configuration first, as Load has them.
func (s *site) hosts() []host {
	var all []host
	for i, one := range s.spec().Hosts {
		all = append(all, host{place: fmt.Sprint(i), own: i, SSHHost: one})
	}
	contents := s.contents()
	for _, m := range contents.Machines {
		all = append(all, host{place: fmt.Sprintf("row %d", m.Row), own: -1, SSHHost: ofRow(&m)})
	}
	taken := map[string]int{}
	for i := range all {
		called := all[i].Name
		if called == "" {
			called = "(no name)"
		}
		called = strings.TrimSpace(called + " " + all[i].Address)
		if taken[called]++; taken[called] > 1 {
			called = fmt.Sprintf("%s (%d)", called, taken[called])
		}
		all[i].called = called
	}
	return all
}

// ofRow is a host of the hardware file.
func ofRow(m *hardware.Machine) v1alpha1.SSHHost {
	return v1alpha1.SSHHost{
		Name: m.Hostname, Address: m.Address.Addr().String(), Labels: m.Labels,
		User: m.SSH.User, Port: m.SSH.Port, KeyFile: m.SSH.KeyFile, HostKeyFingerprint: m.SSH.HostKeyFingerprint,
	}
}

// current is the host whose answers are shown: the one that was chosen, or
// else the first; nil without any.
func (s *site) current() *host {
	all := s.hosts()
	for i := range all {
		if all[i].place == s.chosen {
			return &all[i]
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}
