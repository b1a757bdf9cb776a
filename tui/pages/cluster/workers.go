package cluster

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"k8s.io/utils/ptr"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// The keys of actions that add to the page's list and take from it.
const (
	addKey    = "ctrl+o"
	removeKey = "ctrl+x"
)

// groups is the page of worker groups: one at a time is asked for.
type groups struct {
	draft    *draft.Draft
	backend  backend.Backend
	selected int
	// scaling is the former autoscaling of groups that have none now.
	scaling map[string]*v1alpha1.AutoScalingConfiguration
}

// workers asks for the groups of workers.
func workers(d *draft.Draft, b backend.Backend) form.Page {
	g := &groups{draft: d, backend: b, scaling: map[string]*v1alpha1.AutoScalingConfiguration{}}
	return form.Page{
		ID: "workers", Title: "Workers",
		Intro:  "Workers are in groups of equal machines. Their sizes and places are asked later.",
		Fields: g.fields, Notes: g.notes, Actions: g.actions,
	}
}

// index is the group that is asked for, -1 for none.
func (g *groups) index() int {
	g.selected = max(0, min(g.selected, len(g.draft.Groups())-1))
	if len(g.draft.Groups()) == 0 {
		return -1
	}
	return g.selected
}

func (g *groups) fields() []form.Field {
	index := g.index()
	if index < 0 {
		// Bare metal can do without; the problem needs a place where not.
		none := g.chooser(0)
		none.Hidden = func() bool { return !g.asWhole() }
		return []form.Field{none}
	}
	group := g.draft.Group(index)
	a, id := ofCluster(g.draft, fmt.Sprintf("workerNodeGroupConfigurations[%d]", index)), strconv.Itoa(index)+"."
	if group.Count == nil {
		group.Count = ptr.To(1)
	}
	chooser := g.chooser(index)
	chooser.Hidden = func() bool { return len(g.draft.Groups()) == 1 && !g.asWhole() }
	fields := []form.Field{
		chooser,
		a.ask(id+"name", "Name", "name", "It is part of the machines' names.", answer{kind: form.Text,
			get: func() string { return group.Name },
			set: func(typed string) error { return g.rename(index, typed) }}),
		a.ask(id+"count", "Machines", "count", "How many workers the group begins with.", number(group.Count)),
	}
	fields = append(fields, g.domains(a, id, group))
	return append(fields, g.settings(a, id, index)...)
}

// asWhole reports whether something is wrong with the groups together.
func (g *groups) asWhole() bool {
	object, path := g.draft.ClusterField("workerNodeGroupConfigurations")
	return slices.ContainsFunc(g.draft.Problems(), func(p v1alpha1.Problem) bool { return p.Object == object && p.Field == path })
}

// chooser asks which group the other fields are about. It speaks for the
// problems of the groups that are not shown.
func (g *groups) chooser(index int) form.Field {
	all := g.draft.Groups()
	object, path := g.draft.ClusterField("workerNodeGroupConfigurations")
	return form.Field{
		ID: "group", Kind: form.Choice, Title: "Group", Object: object, Path: path,
		Help: fmt.Sprintf("The group that the answers below are about, of %s.", count(len(all), "group")),
		Get: func() string {
			if index < len(all) {
				return all[index].Name
			}
			return ""
		},
		Set: func(chosen string) error {
			if i := slices.IndexFunc(g.draft.Groups(), func(w v1alpha1.WorkerNodeGroupConfiguration) bool { return w.Name == chosen }); i >= 0 {
				g.selected = i
			}
			return nil
		},
		OptionsFor: func() string { return strconv.Itoa(g.draft.Changes()) },
		Options: func(context.Context) ([]form.Option, error) {
			var options []form.Option
			for i := range all {
				options = append(options, form.Option{Value: all[i].Name, Detail: machines(&all[i])})
			}
			return options, nil
		},
	}
}

// machines says how many a group has.
func machines(group *v1alpha1.WorkerNodeGroupConfiguration) string {
	if scaling := group.AutoScalingConfiguration; scaling != nil {
		return fmt.Sprintf("%d to %s", scaling.MinCount, count(scaling.MaxCount, "machine"))
	}
	if group.Count == nil {
		return ""
	}
	return count(*group.Count, "machine")
}

func (g *groups) rename(index int, typed string) error {
	name := ""
	if err := text(&name).set(typed); err != nil {
		return err
	}
	for i, other := range g.draft.Groups() {
		if i != index && other.Name == name {
			return refuse("write another name", "there is a group %q already", name)
		}
	}
	g.draft.RenameGroup(index, name)
	return nil
}

// domains asks for what only vSphere has, where a file of another provider
// has it. The pages of vSphere ask for it after the domains themselves.
func (g *groups) domains(a asker, id string, group *v1alpha1.WorkerNodeGroupConfiguration) form.Field {
	field := a.ask(id+"failureDomain", "Failure domain", "failureDomains", "Only vSphere has failure domains: leave it empty.", one(&group.FailureDomains))
	return shownIf(g.draft.Provider() != v1alpha1.VSphereDatacenterKind && len(group.FailureDomains) > 0, field)
}

func (g *groups) actions() []form.Action {
	all := []form.Action{{Key: addKey, Label: "add a group", Run: func(context.Context) (func() form.Note, error) {
		return func() form.Note {
			g.selected = g.draft.AddGroup()
			return form.Note{Text: "The group " + g.draft.Group(g.selected).Name + " was added. Its machines are as those of the group before it."}
		}, nil
	}}}
	if index := g.index(); index >= 0 {
		name := g.draft.Group(index).Name
		all = append(all, form.Action{Key: removeKey, Label: "remove " + name, Run: func(context.Context) (func() form.Note, error) {
			return func() form.Note {
				if index < len(g.draft.Groups()) && g.draft.Group(index).Name == name {
					g.draft.RemoveGroup(index)
				}
				return form.Note{Text: "The group " + name + " was removed."}
			}, nil
		}})
	}
	return all
}

func (g *groups) notes() []form.Note {
	total := 0
	for _, group := range g.draft.Groups() {
		if group.Count != nil {
			total += max(0, *group.Count)
		}
	}
	all := []form.Note{{Text: fmt.Sprintf("%s in %s.", count(total, "worker"), count(len(g.draft.Groups()), "group"))}}
	object, field := g.draft.ClusterField("workerNodeGroupConfigurations")
	return append(all, notes(g.draft, at(object, field))...)
}
