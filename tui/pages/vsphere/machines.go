package vsphere

import (
	"context"
	"strconv"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// machinesPage asks for the virtual machines of each group.
func (s *site) machinesPage() form.Page {
	return form.Page{
		ID: "vsphere-machines", Title: "Machines",
		Intro:  "The size of each group's virtual machines. What they do not share with the others is under advanced.",
		Fields: s.machineFields,
		Notes:  s.machineNotes,
	}
}

func (s *site) machineFields() []form.Field {
	var sizes, rest []form.Field
	for _, m := range s.draft.Machines() {
		q := machine{site: s, Machine: m, spec: &m.VSphere.Spec}
		sizes = append(sizes, q.sizes()...)
		rest = append(rest, q.rest()...)
	}
	for i := range rest {
		rest[i].Advanced = true
	}
	return append(sizes, rest...)
}

// machine asks about one machine configuration.
type machine struct {
	*site
	draft.Machine
	spec *v1alpha1.VSphereMachineConfigSpec
}

// field begins a question about the machine configuration.
func (m machine) field(id, title, path, help string) form.Field {
	return form.Field{ID: m.Name + "." + id, Title: strings.Join(m.Groups, ", ") + " " + title, Help: help, Object: m.Object(), Path: "spec." + path}
}

func (m machine) text(id, title, path, help string, value *string) form.Field {
	f := m.field(id, title, path, help)
	f.Get = func() string { return *value }
	f.Set = m.changed(func(typed string) { *value = strings.TrimSpace(typed) })
	return f
}

func (m machine) number(id, title, path, help string, value *int) form.Field {
	f := m.field(id, title, path, help)
	f.Kind = form.Number
	f.Get = func() string { return strconv.Itoa(*value) }
	f.Set = m.site.number(value)
	return f
}

// number sets a whole number.
func (s *site) number(value *int) func(string) error {
	return func(typed string) error {
		n, err := strconv.Atoi(strings.TrimSpace(typed))
		if err != nil {
			return &failure.Error{Code: failure.Usage, Summary: strconv.Quote(typed) + " is not a whole number", Remedy: "write digits only"}
		}
		*value = n
		s.draft.Changed()
		return nil
	}
}

// choices begins a question with one answer on each line.
func (m machine) choices(id, title, path, help string, value *[]string) form.Field {
	f := m.field(id, title, path, help)
	f.Kind = form.Choices
	f.Get = func() string { return strings.Join(*value, "\n") }
	f.Set = m.changed(func(chosen string) { *value = lines(chosen) })
	return f
}

func (m machine) sizes() []form.Field {
	return []form.Field{
		m.number("cpus", "CPUs", "numCPUs", "Virtual processors of each machine. A control plane needs 2 at least.", &m.spec.NumCPUs),
		m.number("memory", "RAM MiB", "memoryMiB", "Memory of each machine: 8192 is 8 GiB. In steps of 4, and 2048 at least.", &m.spec.MemoryMiB),
		m.number("disk", "disk GiB", "diskGiB", "At least 20. A disk that is smaller than the template's is raised to it; a linked clone keeps the template's.", &m.spec.DiskGiB),
	}
}

// rest are the questions that most clusters answer once for all groups, or
// not at all.
func (m machine) rest() []form.Field {
	fields := []form.Field{
		m.templateField(m.text("template", "template", "template", "The template that this group's machines are clones of.", &m.spec.Template), []*v1alpha1.VSphereMachineConfigSpec{m.spec}),
		m.osFamily(),
		m.cloneMode(),
		m.from(m.text("datastore", "datastore", "datastore", "The datastore of this group's disks.", &m.spec.Datastore), datastores),
		m.from(m.text("pool", "pool", "resourcePool", "The resource pool of this group: where its machines get CPU and memory.", &m.spec.ResourcePool), resourcePools),
		m.from(m.text("folder", "folder", "folder", "Where this group's machines stand in the inventory. One that is not there is made.", &m.spec.Folder), folders),
		m.from(m.text("policy", "policy", "storagePolicyName", "A storage policy: the machines' disks lie on storage that complies with it. Empty for none.", &m.spec.StoragePolicyName), policies),
		m.tags(),
	}
	if !m.ofControlPlane() {
		fields = append(fields, m.from(m.choices("networks", "networks", "networks", "Instead of the cluster's network, for workers only: one, or two network adapters.", &m.spec.Networks), networks))
	}
	return fields
}

// ofControlPlane is true of the machines that are on the cluster's network
// only.
func (m machine) ofControlPlane() bool {
	for _, g := range m.Groups {
		if g == draft.ControlPlaneGroup || g == draft.EtcdGroup {
			return true
		}
	}
	return false
}

func (m machine) osFamily() form.Field {
	f := m.field("os", "system", "osFamily", "The operating system that the template holds. It follows from the template's tag where there is one.")
	f.Get = func() string { return string(m.spec.OSFamily) }
	f.Set = m.changed(func(chosen string) { m.spec.OSFamily = v1alpha1.OSFamily(chosen) })
	return fixed(f, form.Option{Value: string(v1alpha1.Ubuntu), Label: "Ubuntu"},
		form.Option{Value: string(v1alpha1.RedHat), Label: "Red Hat", Detail: "and what is built from its sources"})
}

// openMode stands for a clone mode that is left to the template.
const openMode = "automatic"

func (m machine) cloneMode() form.Field {
	f := m.field("clone", "clones", "cloneMode", "A linked clone is made in seconds and shares the template's disk; the template has to stay, with its snapshot.")
	f.Get = func() string {
		if m.spec.CloneMode == "" {
			return openMode
		}
		return string(m.spec.CloneMode)
	}
	f.Set = m.changed(func(chosen string) {
		if chosen == openMode {
			chosen = ""
		}
		m.spec.CloneMode = v1alpha1.CloneMode(chosen)
	})
	return fixed(f, form.Option{Value: openMode, Detail: "linked where the template has a snapshot and a disk that is large enough"},
		form.Option{Value: string(v1alpha1.FullClone), Label: "full clone", Detail: "a copy of its own"},
		form.Option{Value: string(v1alpha1.LinkedClone), Label: "linked clone", Detail: "of the template's snapshot"})
}

// tags are chosen by their names, and written as their URNs.
func (m machine) tags() form.Field {
	f := m.choices("tags", "tags", "tags", "vSphere tags that the machines get.", &m.spec.TagIDs)
	return m.choose(f, m.query(), tags, func(i backend.Item) form.Option { return form.Option{Value: i.Path, Label: i.Detail} })
}

// fixed makes a field one of options.
func fixed(f form.Field, options ...form.Option) form.Field {
	f.Kind = form.Choice
	f.Options = func(context.Context) ([]form.Option, error) { return options, nil }
	return f
}

// machineNotes say what all machines come to.
func (s *site) machineNotes() []form.Note {
	var machines, cpus, memory, disk int
	spec := &s.draft.Config.Cluster.Spec
	add := func(ref *v1alpha1.Ref, n int) {
		if ref == nil || n <= 0 {
			return
		}
		if m := s.draft.Config.VSphereMachines[ref.Name]; m != nil {
			machines, cpus, memory, disk = machines+n, cpus+n*m.Spec.NumCPUs, memory+n*m.Spec.MemoryMiB, disk+n*m.Spec.DiskGiB
		}
	}
	add(spec.ControlPlaneConfiguration.MachineGroupRef, spec.ControlPlaneConfiguration.Count)
	for _, g := range spec.WorkerNodeGroupConfigurations {
		n := 1
		switch {
		case g.Count != nil:
			n = *g.Count
		case g.AutoScalingConfiguration != nil:
			n = g.AutoScalingConfiguration.MinCount
		}
		add(g.MachineGroupRef, n)
	}
	const mebibytes = 1024
	return []form.Note{{Text: count(machines, "machine") + " with " + count(cpus, "CPU") + ", " + strconv.Itoa(memory/mebibytes) + " GiB of memory and " + strconv.Itoa(disk) + " GiB of disk in all."}}
}
