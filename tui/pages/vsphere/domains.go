package vsphere

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/form"
)

// domainsPage asks for failure domains, and which workers are spread over
// them.
func (s *site) domainsPage() form.Page {
	return form.Page{
		ID: "vsphere-domains", Title: "Failure domains",
		Intro:  "Places that fail independently, such as compute clusters: workers can be spread over them. Most clusters have none.",
		Fields: s.domainFields,
	}
}

func (s *site) domainFields() []form.Field {
	d := s.datacenter()
	fields := []form.Field{{ID: "domains", Kind: form.Lines, Title: "Failure domains", Placeholder: "none",
		Help: "One name on each line. A line that is taken out removes the domain.",
		Get:  func() string { return strings.Join(s.domainNames(), "\n") },
		Set:  s.changed(func(typed string) { s.setDomains(lines(typed)) })}}
	for i := range d.FailureDomains {
		fields = append(fields, s.domain(i)...)
	}
	if len(d.FailureDomains) > 0 {
		for i := range s.draft.Groups() {
			fields = append(fields, s.spread(i))
		}
	}
	return fields
}

func (s *site) domainNames() []string {
	var names []string
	for _, f := range s.datacenter().FailureDomains {
		names = append(names, f.Name)
	}
	return names
}

// setDomains makes the failure domains those of the names. A new one begins
// with what the first workers have.
func (s *site) setDomains(names []string) {
	d, before := s.datacenter(), s.domainNames()
	var domains []v1alpha1.FailureDomain
	became := map[string]string{}
	for i, from := range renamed(before, names) {
		domain := v1alpha1.FailureDomain{Network: d.Network}
		if all := s.all(); len(all) > 0 {
			last := all[len(all)-1]
			domain.Datastore, domain.Folder = last.Datastore, last.Folder
		}
		if from >= 0 {
			domain = d.FailureDomains[from]
			became[before[from]] = names[i]
		}
		domain.Name = names[i]
		domains = append(domains, domain)
	}
	d.FailureDomains = domains
	for i := range s.draft.Groups() {
		group := s.draft.Group(i)
		var kept []string
		for _, name := range group.FailureDomains {
			if now, there := became[name]; there {
				kept = append(kept, now)
			}
		}
		group.FailureDomains = kept
	}
}

// domain asks about one failure domain.
func (s *site) domain(i int) []form.Field {
	f := &s.datacenter().FailureDomains[i]
	ask := func(id, title, help string, value *string, from list) form.Field {
		return s.from(form.Field{ID: fmt.Sprintf("domain%d.%s", i, id), Title: f.Name + " " + title, Help: help,
			Object: s.draft.DatacenterObject(), Path: fmt.Sprintf("spec.failureDomains[%d].%s", i, id),
			Get: func() string { return *value },
			Set: s.changed(func(chosen string) { *value = strings.TrimSpace(chosen) })}, from)
	}
	return []form.Field{
		ask("computeCluster", "compute cluster", "The cluster of hosts that is this domain. It gets a tag that says so.", &f.ComputeCluster, computeClusters),
		ask("resourcePool", "resource pool", "Where its machines get CPU and memory: in the compute cluster.", &f.ResourcePool, resourcePools),
		ask("datastore", "datastore", "Where its machines' disks lie: the compute cluster's hosts have to reach it.", &f.Datastore, datastores),
		ask("folder", "folder", "Where its machines stand in the inventory. One that is not there is made.", &f.Folder, folders),
		ask("network", "network", "Its machines' network: nodes of all domains have to reach each other.", &f.Network, networks),
	}
}

// spread asks over which domains a worker group is spread.
func (s *site) spread(i int) form.Field {
	group := s.draft.Group(i)
	object, path := s.draft.ClusterField(fmt.Sprintf("workerNodeGroupConfigurations[%d].failureDomains", i))
	names := s.domainNames()
	return form.Field{
		ID: fmt.Sprintf("spread%d", i), Kind: form.Choices, Title: group.Name + " spread over", Object: object, Path: path,
		Help: "The group's machines are divided among these domains, equally. None leaves them in one place.",
		Get:  func() string { return strings.Join(group.FailureDomains, "\n") },
		Set: s.changed(func(chosen string) {
			// In the order of the domains, whatever they were chosen in.
			picked := lines(chosen)
			group.FailureDomains = nil
			for _, name := range names {
				if slices.Contains(picked, name) {
					group.FailureDomains = append(group.FailureDomains, name)
				}
			}
		}),
		OptionsFor: func() string { return strings.Join(names, "\n") },
		Options: func(context.Context) ([]form.Option, error) {
			var options []form.Option
			for _, name := range names {
				options = append(options, form.Option{Value: name})
			}
			return options, nil
		},
	}
}
