package start

import (
	"context"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/ui"
)

// row is something to choose.
type row struct {
	id, section string
	mark        mark
	title       string
	// detail stands beside the title, help below the list while the row is
	// chosen.
	detail, help string
	verb         string // what enter does
	do           func() tea.Cmd
	also         []extra
}

// extra is a further key of a row.
type extra struct {
	key key.Binding
	do  func() tea.Cmd
}

// mark says at a glance how a cluster is.
type mark int

const (
	none mark = iota
	running
	stopped
	done
)

// The sections, in their order.
const (
	newCluster = "New cluster"
	fromFile   = "Configuration file"
	toGoOnWith = "To go on with"
	known      = "Clusters made from this machine"
)

// providers are what a cluster can be built on.
var providers = []struct{ kind, name, title, help string }{
	{v1alpha1.VSphereDatacenterKind, "vSphere", "Virtual machines on vSphere",
		"Machines are cloned from a template in your vCenter. You need its address and a login; what it has is offered to choose from."},
	{v1alpha1.SSHDatacenterKind, "SSH", "Servers over SSH",
		"Servers that run Linux already become nodes. You need their addresses and a login with a key; each can be tried before."},
	{v1alpha1.TinkerbellDatacenterKind, "netboot", "Servers that boot from the network",
		"The configuration for Tinkerbell: hardware from a CSV file, images and templates."},
}

// rows are all that can be chosen now.
func (s *Screen) rows() []row {
	var rows []row
	if s.options.New != nil {
		for _, p := range providers {
			rows = append(rows, row{
				id: "new " + p.kind, section: newCluster, title: p.title, help: p.help, verb: "begin",
				do: func() tea.Cmd {
					return s.open("a new configuration", func(context.Context) (ui.Screen, error) { return s.options.New(p.kind) })
				},
			})
		}
	}
	rows = append(rows, s.fileRows()...)
	for _, d := range s.drafts {
		rows = append(rows, s.draftRow(d))
	}
	for _, interrupted := range []bool{true, false} {
		for _, c := range s.clusters {
			if s.resumable(c) == interrupted {
				rows = append(rows, s.clusterRow(c))
			}
		}
	}
	return rows
}

func (s *Screen) fileRows() []row {
	var rows []row
	if s.options.Open != nil {
		rows = append(rows, row{
			id: "open", section: fromFile, title: "Open", verb: "open",
			help: "Check it, change it, install it. Configurations of EKS Anywhere are opened as they are.",
			do: func() tea.Cmd {
				return s.put(newFile(s.env, "Open a configuration file", "open",
					"Which configuration file? It is changed only when you save.", s.options.Open))
			},
		})
	}
	if s.options.Rehearse != nil {
		rows = append(rows, row{
			id: "rehearse", section: fromFile, title: "Rehearse", verb: "rehearse",
			help: "The whole install with the very same controllers, against a simulated site that is made from your file. Nothing is touched, and no login is needed.",
			do: func() tea.Cmd {
				return s.put(newFile(s.env, "Rehearse a configuration file", "rehearse",
					"Which configuration file? It is read, and nothing at its site is touched.", s.options.Rehearse))
			},
		}, row{
			id: "example", section: fromFile, title: "Rehearse an example", verb: "rehearse",
			help: "See a whole install without a site and without a file: an example is rehearsed against a simulated vCenter.",
			do: func() tea.Cmd {
				return s.open("the example", func(context.Context) (ui.Screen, error) { return s.options.Rehearse("") })
			},
		})
	}
	return rows
}

func (s *Screen) draftRow(d Draft) row {
	r := row{
		id: "draft " + d.Path, section: toGoOnWith, mark: stopped, title: d.Cluster, verb: "go on",
		detail: "answers, kept " + s.ago(d.Modified),
		help:   "A configuration that was not finished. The answers so far are kept in " + d.Path + ".",
		do: func() tea.Cmd {
			return s.open("the answers", func(context.Context) (ui.Screen, error) { return s.options.Continue(d) })
		},
	}
	if r.title == "" {
		r.title = "(no name yet)"
	}
	for _, p := range providers {
		if p.kind == d.Provider {
			r.detail = p.name + ", " + r.detail
		}
	}
	if d.File != "" {
		r.help = "Changes to " + d.File + " that were not saved there. They are kept in " + d.Path + "."
	}
	if s.options.Discard != nil {
		r.also = append(r.also, extra{key.NewBinding(key.WithKeys("d"), key.WithHelp("d", "discard")), func() tea.Cmd {
			return ui.Send(ui.Ask{Dialog: &ui.Dialog{
				Title: "Discard the answers?",
				Text:  "What was answered for " + r.title + " and not saved to a file is lost.",
				Answers: []ui.Answer{
					{Key: "d", Label: "discard them", Do: ui.Send(discard(d))},
					{Label: "keep them"},
				},
			}})
		}})
	}
	return r
}

// createCommand is how status names the command that makes clusters.
const createCommand = "create cluster"

// resumable says whether the interface can go on with c. A deletion that was
// interrupted is gone on with by its own command.
func (s *Screen) resumable(c backend.Cluster) bool {
	return c.Interrupted && c.Command == createCommand && s.options.Resume != nil
}

func (s *Screen) clusterRow(c backend.Cluster) row {
	root := "cluster "
	if c.Rehearsal {
		root = "rehearsal "
	}
	watch := func() tea.Cmd {
		if s.options.Watch == nil {
			return nil
		}
		return s.put(s.options.Watch(c))
	}
	r := row{id: root + c.Name, section: known, title: c.Name, verb: "look", do: watch}
	r.mark, r.detail, r.help = s.condition(c)
	if s.resumable(c) {
		r.section, r.verb = toGoOnWith, "go on"
		r.do = func() tea.Cmd {
			return s.open(c.Name, func(ctx context.Context) (ui.Screen, error) { return s.options.Resume(ctx, c) })
		}
		if s.options.Watch != nil {
			r.also = append(r.also, extra{key.NewBinding(key.WithKeys("w"), key.WithHelp("w", "look at it")), watch})
		}
	}
	return r
}
