package cluster

import (
	"context"
	"fmt"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// system is the page of the machines' operating systems.
type system struct {
	draft *draft.Draft
	scope *scope
}

// hostOS asks for the machines' time servers and trusted certificates.
func hostOS(d *draft.Draft) form.Page {
	s := system{d, &scope{draft: d, path: "hostOSConfiguration", value: func(m draft.Machine) any { return settings(m) }}}
	return form.Page{
		ID: "system", Title: "Time and trust",
		Intro:  "Where the machines have their time from, and which certificates they trust.",
		Fields: s.fields, Notes: s.scope.notes, Actions: s.actions,
	}
}

// settings are those of the machines, empty where there are none.
func settings(m draft.Machine) v1alpha1.HostOSConfiguration {
	own := v1alpha1.HostOSConfiguration{}
	if host := *m.HostOS(); host != nil {
		own = *host
	}
	if own.NTPConfiguration == nil {
		own.NTPConfiguration = &v1alpha1.NTPConfiguration{}
	}
	ntp := v1alpha1.NTPConfiguration{Servers: append([]string(nil), own.NTPConfiguration.Servers...)}
	own.NTPConfiguration = &ntp
	own.CertBundles = append([]v1alpha1.CertBundle(nil), own.CertBundles...)
	return own
}

// put writes settings to all of machines; what says nothing is left out.
func put(machines []draft.Machine, own v1alpha1.HostOSConfiguration) {
	for _, m := range machines {
		mine := own
		mine.NTPConfiguration = nil
		if servers := own.NTPConfiguration.Servers; len(servers) > 0 {
			mine.NTPConfiguration = &v1alpha1.NTPConfiguration{Servers: append([]string(nil), servers...)}
		}
		mine.CertBundles = append([]v1alpha1.CertBundle(nil), own.CertBundles...)
		*m.HostOS() = nil
		if mine.NTPConfiguration != nil || len(mine.CertBundles) > 0 || mine.BottlerocketConfiguration != nil {
			*m.HostOS() = &mine
		}
	}
}

func (s system) fields() []form.Field {
	machines := s.scope.machines()
	if len(machines) == 0 {
		return nil
	}
	shown := machines[0]
	own, a, id := settings(shown), of(s.draft, shown.Object(), "hostOSConfiguration"), s.scope.current()+"."
	kept := func(value answer) answer {
		set := value.set
		value.set = func(typed string) error {
			if err := set(typed); err != nil {
				return err
			}
			put(machines, own)
			return nil
		}
		return value
	}
	fields := []form.Field{
		s.scope.field(),
		means(a.ask(id+"ntp", "Time servers", "ntpConfiguration.servers", "Addresses or names, one on each line; empty keeps what the machines have.", kept(lines(&own.NTPConfiguration.Servers))), "what the machines have"),
	}
	for i := range own.CertBundles {
		bundle, which := &own.CertBundles[i], fmt.Sprintf(" %d", i+1)
		at := a.below(fmt.Sprintf("certBundles[%d]", i))
		fields = append(fields,
			at.ask(fmt.Sprintf("%sbundle%d.name", id, i), "Bundle"+which, "name", "What the certificates are called on the machines.", kept(text(&bundle.Name))),
			at.ask(fmt.Sprintf("%sbundle%d.data", id, i), "Certificates"+which, "data", "Certificates as PEM, from BEGIN CERTIFICATE to END CERTIFICATE.", kept(block(&bundle.Data))))
	}
	if shown.SSH != nil {
		family := choose(of(s.draft, shown.Object(), "").ask(id+"family", "Operating system", "osFamily", "What the hosts run. It decides where certificates are put.", s.family(machines)),
			form.Option{Value: "", Label: "not said"}, form.Option{Value: string(v1alpha1.Ubuntu)}, form.Option{Value: string(v1alpha1.Debian)}, form.Option{Value: string(v1alpha1.RedHat)})
		fields = append(fields, shownIf(len(own.CertBundles) > 0 || shown.SSH.Spec.OSFamily != "", family))
	}
	bottlerocket := fieldsOf(&own.BottlerocketConfiguration)
	bottlerocket.answer = kept(bottlerocket.answer)
	return append(fields, shownIf(own.BottlerocketConfiguration != nil, advanced(
		a.ask(id+"bottlerocket", "Bottlerocket settings", "bottlerocketConfiguration", "As YAML; empty removes them.", bottlerocket.answer))[0]))
}

// family sets the operating system of all machines.
func (s system) family(machines []draft.Machine) answer {
	value := text(machines[0].OSFamily())
	set := value.set
	value.set = func(chosen string) error {
		if err := set(chosen); err != nil {
			return err
		}
		for _, m := range machines[1:] {
			*m.OSFamily() = *machines[0].OSFamily()
		}
		return nil
	}
	return value
}

func (s system) actions() []form.Action {
	machines := s.scope.machines()
	if len(machines) == 0 {
		return nil
	}
	change := func(how func(*v1alpha1.HostOSConfiguration)) func(context.Context) (func() form.Note, error) {
		return func(context.Context) (func() form.Note, error) {
			return func() form.Note {
				machines := s.scope.machines()
				own := settings(machines[0])
				how(&own)
				put(machines, own)
				s.draft.Changed()
				return form.Note{}
			}, nil
		}
	}
	all := []form.Action{{Key: addKey, Label: "add certificates", Run: change(func(own *v1alpha1.HostOSConfiguration) {
		own.CertBundles = append(own.CertBundles, v1alpha1.CertBundle{})
	})}}
	if bundles := settings(machines[0]).CertBundles; len(bundles) > 0 {
		all = append(all, form.Action{Key: removeKey, Label: fmt.Sprintf("remove bundle %d", len(bundles)), Run: change(func(own *v1alpha1.HostOSConfiguration) {
			if n := len(own.CertBundles); n > 0 {
				own.CertBundles = own.CertBundles[:n-1]
			}
		})})
	}
	return all
}
