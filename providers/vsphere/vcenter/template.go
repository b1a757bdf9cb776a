package vcenter

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"groundwork.dev/bootstrap/providers/verdict"
)

// The categories and the beginnings of the tags that EKS Anywhere puts on its
// templates.
const (
	releaseCategory = "eksdRelease"
	osCategory      = "os"
)

// releaseTag is the tag of an EKS Distro release: eksdRelease:kubernetes-1-35-eks-7.
var releaseTag = regexp.MustCompile(`^eksdRelease:(kubernetes-(\d+)-(\d+)-eks-\d+)$`)

// template is a virtual machine that machines are cloned from.
type template struct {
	path string
	ref  types.ManagedObjectReference
	// isTemplate is false for a plain virtual machine.
	isTemplate  bool
	hasSnapshot bool
	// disks are the sizes of its disks in KiB, the system's first.
	disks []int64
	// tags are the names of the tags attached to it; read by checkTemplateTags.
	tags []string
}

// releases are the EKS Distro releases that the template is tagged with, by
// Kubernetes minor.
func (t template) releases() map[string]string {
	found := map[string]string{}
	for _, tag := range t.tags {
		if m := releaseTag.FindStringSubmatch(tag); m != nil {
			found[m[2]+"."+m[3]] = m[1]
		}
	}
	return found
}

// describeTemplates reads what matters of the virtual machines.
func (c *Client) describeTemplates(ctx context.Context, machines map[string]*object.VirtualMachine) (map[string]template, error) {
	refs := make([]types.ManagedObjectReference, 0, len(machines))
	for _, m := range machines {
		if !slices.Contains(refs, m.Reference()) {
			refs = append(refs, m.Reference())
		}
	}
	read, err := retrieve[mo.VirtualMachine](ctx, c, refs, "config.template", "config.hardware.device", "snapshot")
	if err != nil {
		return nil, fmt.Errorf("reading the templates: %w", err)
	}
	described := make(map[string]template, len(machines))
	for name, m := range machines {
		vm := read[m.Reference()]
		t := template{path: m.InventoryPath, ref: m.Reference(), hasSnapshot: vm.Snapshot != nil && vm.Snapshot.CurrentSnapshot != nil}
		if vm.Config != nil {
			t.isTemplate = vm.Config.Template
			for _, d := range object.VirtualDeviceList(vm.Config.Hardware.Device).SelectByType((*types.VirtualDisk)(nil)) {
				t.disks = append(t.disks, d.(*types.VirtualDisk).CapacityInKB) //nolint:forcetypeassert // selected by it
			}
		}
		described[name] = t
	}
	return described, nil
}

func (s *survey) checkTemplates(ctx context.Context, v *verdict.Verdict) error {
	names := s.plan.templates()
	v.Wants("the templates %s", strings.Join(names, ", "))
	for _, g := range s.plan.groups {
		if g.machine.Spec.Template == "" {
			v.Fails(fmt.Sprintf("Import a template of Kubernetes %s and set spec.template.", g.kubernetes), "VSphereMachineConfig %s names none (for %s)", g.machine.Name, g.name)
		}
	}
	uses := func(g group, name string) bool { return g.machine.Spec.Template == name }
	machines, err := resolve(ctx, s, v, "template", names, s.client.machines, uses)
	if err != nil {
		return err
	}
	s.templates, err = s.client.describeTemplates(ctx, machines)
	if err != nil {
		return s.broken(ctx, err)
	}
	for _, t := range s.templates {
		switch {
		case t.isTemplate:
		case t.hasSnapshot:
			v.Warns("govc vm.markastemplate "+t.path, "%s is a virtual machine, not a template: should it be started, its clones change", t.path)
		default:
			v.Fails("govc vm.markastemplate "+t.path, "%s is a virtual machine, not a template", t.path)
		}
	}
	return nil
}

// checkTemplateTags looks for the tags that tell which release and operating
// system a template holds.
func (s *survey) checkTemplateTags(ctx context.Context, v *verdict.Verdict) error {
	v.Wants("every template tagged with its EKS Distro release and operating system")
	if err := s.readTemplateTags(ctx); err != nil {
		return s.broken(ctx, err)
	}
	reported := map[string]bool{}
	for _, g := range s.plan.groups {
		t := s.templates[g.machine.Spec.Template]
		for _, p := range s.tagProblems(g, t) {
			if reported[p.found] {
				continue
			}
			reported[p.found] = true
			if p.fatal {
				v.Fails(p.remedy, "%s", p.found)
			} else {
				v.Warns(p.remedy, "%s", p.found)
			}
		}
		if line := fmt.Sprintf("%s: %s", t.path, strings.Join(t.tags, ", ")); !reported[line] {
			reported[line] = true
			v.Sees("%s", line)
		}
	}
	return nil
}

// readTemplateTags reads the names of the tags of all templates.
func (s *survey) readTemplateTags(ctx context.Context) error {
	refs := map[types.ManagedObjectReference][]string{}
	var asked []mo.Reference
	for _, t := range s.templates {
		if _, twice := refs[t.ref]; !twice {
			refs[t.ref] = nil
			asked = append(asked, t.ref)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	attached, err := s.client.tags.GetAttachedTagsOnObjects(ctx, asked)
	if err != nil {
		return fmt.Errorf("reading the tags of the templates: %w", err)
	}
	for _, a := range attached {
		for _, tag := range a.Tags {
			refs[a.ObjectID.Reference()] = append(refs[a.ObjectID.Reference()], tag.Name)
		}
	}
	for name, t := range s.templates {
		t.tags = slices.Sorted(slices.Values(refs[t.ref]))
		s.templates[name] = t
	}
	return nil
}

// problem is one thing that is wrong with a template.
type problem struct {
	found, remedy string
	fatal         bool
}

// tagProblems compares the template's tags with what the group needs. The
// release must be of the group's Kubernetes minor; another release of that
// minor than the one known to the survey is only worth a word, because files
// and templates of EKS Anywhere move from release to release separately.
func (s *survey) tagProblems(g group, t template) []problem {
	var found []problem
	releases := t.releases()
	want := s.releases[g.kubernetes]
	release, ok := releases[g.kubernetes]
	switch {
	case !ok && len(releases) > 0:
		var others []string
		for _, r := range releases {
			others = append(others, r)
		}
		slices.Sort(others)
		found = append(found, problem{fatal: true, found: fmt.Sprintf("%s holds %s, but %s are to run Kubernetes %s", t.path, strings.Join(others, ", "), g.name, g.kubernetes),
			remedy: fmt.Sprintf("Name a template of Kubernetes %s, or change kubernetesVersion.", g.kubernetes)})
	case !ok:
		example := want
		if example == "" {
			example = "kubernetes-" + strings.ReplaceAll(g.kubernetes, ".", "-") + "-eks-N"
		}
		found = append(found, problem{fatal: true, found: fmt.Sprintf("%s has no tag eksdRelease:%s", t.path, example),
			remedy: tagRemedy(releaseCategory, "eksdRelease:"+example, t.path)})
	case want != "" && release != want:
		found = append(found, problem{found: fmt.Sprintf("%s holds %s; the control plane's images are of %s", t.path, release, want),
			remedy: fmt.Sprintf("Import the template of %s when there is one; machines of the older one work meanwhile.", want)})
	}
	osTag := "os:" + strings.ToLower(string(g.machine.Spec.OSFamily))
	if !slices.Contains(t.tags, osTag) {
		p := problem{fatal: true, found: fmt.Sprintf("%s has no tag %s", t.path, osTag), remedy: tagRemedy(osCategory, osTag, t.path)}
		if i := slices.IndexFunc(t.tags, func(tag string) bool { return strings.HasPrefix(tag, "os:") }); i >= 0 {
			p.found = fmt.Sprintf("%s is tagged %s, but VSphereMachineConfig %s says osFamily %s", t.path, t.tags[i], g.machine.Name, g.machine.Spec.OSFamily)
			p.remedy = "Correct osFamily, or name a template of that operating system."
		}
		found = append(found, p)
	}
	return found
}

// tagRemedy is how an administrator tags a template.
func tagRemedy(category, tag, path string) string {
	return fmt.Sprintf("If it holds that: govc tags.category.create -t VirtualMachine %s; govc tags.create -c %s %s; govc tags.attach -c %s %s %s", category, category, tag, category, tag, path)
}
