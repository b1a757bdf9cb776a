package vsphere

import (
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/form"
)

// placePage asks where all machines are made, and of what.
func (s *site) placePage() form.Page {
	return form.Page{
		ID: "vsphere-place", Title: "Place",
		Intro:  "Where the machines are made, and which template they are clones of. The next page has each group's own, under advanced.",
		Fields: s.placeFields,
		Notes:  s.placeNotes,
	}
}

func (s *site) placeFields() []form.Field {
	return []form.Field{
		s.datacenterField(),
		s.networkField(),
		s.templateField(s.shared("template", "Template", "template", "The virtual machine template of the Kubernetes version, as EKS Anywhere's OVA is imported.",
			func(m *v1alpha1.VSphereMachineConfigSpec) *string { return &m.Template }), s.all()),
		s.from(s.shared("datastore", "Datastore", "datastore", "Where the machines' disks lie. All hosts of the resource pool have to reach it.",
			func(m *v1alpha1.VSphereMachineConfigSpec) *string { return &m.Datastore }), datastores),
		s.from(s.shared("pool", "Resource pool", "resourcePool", "Where the machines get CPU and memory. Resources is the pool of a whole compute cluster.",
			func(m *v1alpha1.VSphereMachineConfigSpec) *string { return &m.ResourcePool }), resourcePools),
		s.from(s.shared("folder", "Folder", "folder", "Where the machines stand in the inventory. One that is not there is made; empty is the datacenter's own.",
			func(m *v1alpha1.VSphereMachineConfigSpec) *string { return &m.Folder }), folders),
	}
}

// datacenterField asks for the datacenter; what was chosen in another is
// taken back.
func (s *site) datacenterField() form.Field {
	d, q := s.datacenter(), s.query()
	q.datacenter = ""
	f := form.Field{ID: "datacenter", Title: "Datacenter", Object: s.draft.DatacenterObject(), Path: "spec.datacenter",
		Help: "The vCenter's datacenter. Everything else on this page is in it.",
		Get:  func() string { return d.Datacenter },
		Set: s.changed(func(chosen string) {
			former := d.Datacenter
			d.Datacenter = strings.TrimSpace(chosen)
			if former != "" && strings.Trim(former, "/") != strings.Trim(d.Datacenter, "/") {
				s.forget("/" + strings.Trim(former, "/") + "/")
			}
		})}
	// As EKS Anywhere's files have it, whose paths begin with the slash that
	// is not written here.
	return s.choose(f, q, datacenters, func(i backend.Item) form.Option {
		return form.Option{Value: strings.TrimPrefix(i.Path, "/"), Detail: i.Detail}
	})
}

// forget empties what lies below an inventory path.
func (s *site) forget(below string) {
	values := []*string{&s.datacenter().Network}
	for _, m := range s.all() {
		values = append(values, &m.Template, &m.Datastore, &m.ResourcePool, &m.Folder)
		m.Networks = slices.DeleteFunc(m.Networks, func(n string) bool { return strings.HasPrefix(n, below) })
	}
	for i := range s.datacenter().FailureDomains {
		f := &s.datacenter().FailureDomains[i]
		values = append(values, &f.ComputeCluster, &f.ResourcePool, &f.Datastore, &f.Folder, &f.Network)
	}
	for _, v := range values {
		if strings.HasPrefix(*v, below) {
			*v = ""
		}
	}
}

func (s *site) networkField() form.Field {
	d := s.datacenter()
	return s.from(form.Field{ID: "network", Title: "Network", Object: s.draft.DatacenterObject(), Path: "spec.network",
		Help: "The machines' network. The API endpoint's address has to be in it.",
		Get:  func() string { return d.Network },
		Set:  s.changed(func(chosen string) { d.Network = strings.TrimSpace(chosen) })}, networks)
}

// all are the machine configurations that are in use, each once.
func (s *site) all() []*v1alpha1.VSphereMachineConfigSpec {
	var all []*v1alpha1.VSphereMachineConfigSpec
	for _, m := range s.draft.Machines() {
		all = append(all, &m.VSphere.Spec)
	}
	return all
}

// shared asks once for what all machine configurations have. Where they
// differ there is no answer, and one that is given is everyone's.
func (s *site) shared(id, title, path, help string, value func(*v1alpha1.VSphereMachineConfigSpec) *string) form.Field {
	machines := s.all()
	common, differs := "", false
	for i, m := range machines {
		if i == 0 {
			common = *value(m)
		}
		differs = differs || *value(m) != common
	}
	f := form.Field{ID: id, Title: title, Help: help, Path: "spec." + path, Object: s.lacking(value),
		Get: func() string {
			if differs {
				return ""
			}
			return common
		},
		Set: s.changed(func(chosen string) {
			chosen = strings.TrimSpace(chosen)
			if chosen == "" && differs {
				return
			}
			for _, m := range machines {
				*value(m) = chosen
			}
		})}
	if differs {
		f.Placeholder = "each group has its own"
	}
	return f
}

// lacking is the machine configuration whose problem a shared question is:
// the first that has no answer, or the first of all.
func (s *site) lacking(value func(*v1alpha1.VSphereMachineConfigSpec) *string) string {
	machines := s.draft.Machines()
	for _, m := range machines {
		if *value(&m.VSphere.Spec) == "" {
			return m.Object()
		}
	}
	if len(machines) == 0 {
		return ""
	}
	return machines[0].Object()
}

// templateField chooses a template, those of the cluster's Kubernetes version
// first, and takes the operating system from it.
func (s *site) templateField(f form.Field, machines []*v1alpha1.VSphereMachineConfigSpec) form.Field {
	set := f.Set
	f.Set = func(chosen string) error {
		if i, known := s.item(templates, strings.TrimSpace(chosen)); known && i.OSFamily != "" {
			for _, m := range machines {
				m.OSFamily = v1alpha1.OSFamily(i.OSFamily)
			}
		}
		return set(chosen)
	}
	version := string(s.draft.Config.Cluster.Spec.KubernetesVersion)
	return s.from(f, func(i backend.Inventory) []backend.Item {
		sorted := slices.Clone(i.Templates)
		slices.SortStableFunc(sorted, func(a, b backend.Item) int { return rank(a, version) - rank(b, version) })
		return sorted
	})
}

func rank(i backend.Item, version string) int {
	if slices.Contains(i.Kubernetes, version) {
		return 0
	}
	return 1
}

// placeNotes warn of what the vCenter says of the choices.
func (s *site) placeNotes() []form.Note {
	notes := s.unfit("network", networks, s.datacenter().Network)
	seen := map[string]bool{}
	once := func(more []form.Note) {
		for _, n := range more {
			if !seen[n.Text] {
				seen[n.Text] = true
				notes = append(notes, n)
			}
		}
	}
	for _, m := range s.draft.Machines() {
		spec := &m.VSphere.Spec
		once(s.unfit("template", templates, spec.Template))
		once(s.unfit("datastore", datastores, spec.Datastore))
		for _, version := range s.versions(m.Groups) {
			if i, known := s.item(templates, spec.Template); known && len(i.Kubernetes) > 0 && !slices.Contains(i.Kubernetes, version) {
				once([]form.Note{{Level: form.Warning, Text: fmt.Sprintf("The template %s is of Kubernetes %s, and %s is to run %s.",
					spec.Template, strings.Join(i.Kubernetes, ", "), strings.Join(m.Groups, ", "), version)}})
			}
		}
	}
	return notes
}

// versions are the Kubernetes minors of groups.
func (s *site) versions(groups []string) []string {
	spec := &s.draft.Config.Cluster.Spec
	var all []string
	for _, name := range groups {
		version := string(spec.KubernetesVersion)
		for _, g := range spec.WorkerNodeGroupConfigurations {
			if g.Name == name && g.KubernetesVersion != nil {
				version = string(*g.KubernetesVersion)
			}
		}
		if version != "" && !slices.Contains(all, version) {
			all = append(all, version)
		}
	}
	return all
}
