package vsphere

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/form"
)

// poolsPage asks where the nodes' addresses come from.
func (s *site) poolsPage() form.Page {
	return form.Page{
		ID: "vsphere-addresses", Title: "Node addresses",
		Intro:  "Machines get their addresses from DHCP, or from pools of fixed ones.",
		Fields: s.poolFields,
		Notes:  s.poolNotes,
	}
}

func (s *site) poolFields() []form.Field {
	fields := []form.Field{{ID: "pools", Kind: form.Lines, Title: "Address pools", Placeholder: "none: DHCP",
		Help: "One name on each line. A line that is taken out removes the pool.",
		Get:  func() string { return strings.Join(s.poolNames(), "\n") },
		Set:  s.changed(func(typed string) { s.setPools(lines(typed)) })}}
	for i, pool := range s.draft.Config.AddressPools {
		fields = append(fields, s.pool(i, pool)...)
	}
	return fields
}

func (s *site) poolNames() []string {
	var names []string
	for _, pool := range s.draft.Config.AddressPools {
		names = append(names, pool.Name)
	}
	return names
}

// subnetPrefix is the prefix length that a new pool begins with.
const subnetPrefix = 24

// setPools makes the pools those of the names. A new one serves the machines
// that no other does.
func (s *site) setPools(names []string) {
	before := s.draft.Config.AddressPools
	var pools []*v1alpha1.VSphereAddressPool
	for i, from := range renamed(s.poolNames(), names) {
		pool := &v1alpha1.VSphereAddressPool{Spec: v1alpha1.VSphereAddressPoolSpec{Prefix: subnetPrefix}}
		if from >= 0 {
			pool = before[from]
		}
		pool.Name = names[i]
		pools = append(pools, pool)
	}
	s.draft.Config.AddressPools = pools
	for _, pool := range pools {
		if !slices.Contains(before, pool) {
			pool.Spec.MachineConfigRefs = s.unserved()
		}
	}
}

// unserved are the machine configurations without a pool.
func (s *site) unserved() []v1alpha1.Ref {
	var refs []v1alpha1.Ref
	for _, m := range s.draft.Machines() {
		ref := v1alpha1.Ref{Kind: v1alpha1.VSphereMachineConfigKind, Name: m.Name}
		if !slices.ContainsFunc(s.draft.Config.AddressPools, func(p *v1alpha1.VSphereAddressPool) bool { return slices.Contains(p.Spec.MachineConfigRefs, ref) }) {
			refs = append(refs, ref)
		}
	}
	return refs
}

// pool asks about one pool.
func (s *site) pool(i int, pool *v1alpha1.VSphereAddressPool) []form.Field {
	spec := &pool.Spec
	field := func(id, title, help string) form.Field {
		return form.Field{ID: fmt.Sprintf("pool%d.%s", i, id), Title: pool.Name + " " + title, Help: help,
			Object: strings.TrimSuffix(v1alpha1.VSphereAddressPoolKind+"/"+pool.Name, "/"), Path: "spec." + id}
	}
	list := func(f form.Field, value *[]string) form.Field {
		f.Kind = form.Lines
		f.Get = func() string { return strings.Join(*value, "\n") }
		f.Set = s.changed(func(typed string) { *value = lines(typed) })
		return f
	}
	addresses := list(field("addresses", "addresses", "One on each line: an address, a range such as 10.0.0.10-10.0.0.60, or a block such as 10.0.0.64/27. One for every machine, and those more that an upgrade has at a time."), &spec.Addresses)
	prefix := field("prefix", "prefix length", "Of the subnet: 24 is the mask 255.255.255.0.")
	prefix.Kind, prefix.Get, prefix.Set = form.Number, func() string { return fmt.Sprint(spec.Prefix) }, s.number(&spec.Prefix)
	gateway := field("gateway", "gateway", "The subnet's default gateway.")
	gateway.Get, gateway.Set = func() string { return spec.Gateway }, s.changed(func(typed string) { spec.Gateway = strings.TrimSpace(typed) })
	return []form.Field{addresses, prefix, gateway,
		list(field("nameservers", "name servers", "One address on each line."), &spec.Nameservers),
		s.served(field("machineConfigRefs", "machines", "Which machines take their addresses here."), spec)}
}

// served asks which machine configurations take addresses from a pool.
func (s *site) served(f form.Field, spec *v1alpha1.VSphereAddressPoolSpec) form.Field {
	var options []form.Option
	for _, m := range s.draft.Machines() {
		options = append(options, form.Option{Value: m.Name, Label: strings.Join(m.Groups, ", "), Detail: m.Name})
	}
	f.Kind = form.Choices
	f.Get = func() string {
		var names []string
		for _, ref := range spec.MachineConfigRefs {
			names = append(names, ref.Name)
		}
		return strings.Join(names, "\n")
	}
	f.Set = s.changed(func(chosen string) {
		spec.MachineConfigRefs = nil
		for _, name := range lines(chosen) {
			spec.MachineConfigRefs = append(spec.MachineConfigRefs, v1alpha1.Ref{Kind: v1alpha1.VSphereMachineConfigKind, Name: name})
		}
	})
	f.OptionsFor = func() string { return fmt.Sprint(options) }
	f.Options = func(context.Context) ([]form.Option, error) { return options, nil }
	return f
}

// poolNotes name the machines whose addresses come from DHCP.
func (s *site) poolNotes() []form.Note {
	refs := s.unserved()
	switch {
	case len(s.draft.Config.AddressPools) == 0:
		return []form.Note{{Text: "All machines get their addresses from DHCP."}}
	case len(refs) == 0:
		return nil
	}
	var groups []string
	for _, m := range s.draft.Machines() {
		if slices.ContainsFunc(refs, func(r v1alpha1.Ref) bool { return r.Name == m.Name }) {
			groups = append(groups, m.Groups...)
		}
	}
	return []form.Note{{Text: "From DHCP: " + strings.Join(groups, ", ") + "."}}
}
