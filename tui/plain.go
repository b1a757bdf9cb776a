package tui

import (
	"context"
	"errors"
	"io"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/plain"
	"groundwork.dev/bootstrap/tui/wizard/autosave"
)

// lines is the interface as plain questions: the same pages, the same backend
// and the lines of headless runs.
type lines struct {
	*Options
	ask  *plain.Asker
	out  io.Writer
	sink event.Sink
	// draft is what is asked about, nil before there is one.
	draft *draft.Draft
}

// YAML implements form.Document.
func (l *lines) YAML() string { return l.draft.YAML() }

// Problems implements form.Document.
func (l *lines) Problems() v1alpha1.Problems {
	if l.draft == nil {
		return nil
	}
	return l.draft.Problems()
}

// errLeave ends the program.
var errLeave = errors.New("leave")

// runPlain asks what to do until the user wants no more.
func (o *Options) runPlain(ctx context.Context) error {
	// Lines that are read out are neither cut to a width nor coloured.
	out := struct{ io.Writer }{o.Out}
	l := &lines{Options: o, out: out, sink: console.New(out, console.Text)}
	l.ask = plain.New(o.In, o.Out, l)
	l.ask.Say("Groundwork makes a Kubernetes cluster on vSphere or on servers.")
	for {
		switch err := l.begin(ctx); {
		case errors.Is(err, errLeave):
			return nil
		case ctx.Err() != nil, errors.Is(err, io.ErrUnexpectedEOF):
			l.ask.Say("") // the question stands on the line
			return err
		case err != nil && !plain.Back(err):
			console.Error(l.out, err, console.Text)
		}
	}
}

// The things to do that need no name.
const (
	newTask     = "new "
	draftTask   = "draft "
	clusterTask = "cluster "
	openTask    = "open"
	exampleTask = "example"
	leaveTask   = "leave"
)

// begin asks what to do, and does it.
func (l *lines) begin(ctx context.Context) error {
	clusters, err := l.Backend.Clusters(ctx)
	if err != nil {
		l.ask.Error(err)
	}
	drafts, err := autosave.List(l.StateRoot)
	if err != nil {
		l.ask.Error(err)
	}
	options := []form.Option{
		{Value: newTask + v1alpha1.VSphereDatacenterKind, Label: "New cluster on vSphere"},
		{Value: newTask + v1alpha1.SSHDatacenterKind, Label: "New cluster on servers over SSH"},
		{Value: newTask + v1alpha1.TinkerbellDatacenterKind, Label: "New configuration for servers that boot from the network"},
		{Value: openTask, Label: "Open a configuration file"},
		{Value: exampleTask, Label: "Rehearse an example"},
	}
	for _, d := range drafts {
		options = append(options, form.Option{
			Value: draftTask + d.Path, Label: "Go on with the answers for " + nameOr(d.Cluster, "a cluster without a name"),
			Detail: "kept " + d.Modified.Local().Format("2 January 15:04"),
		})
	}
	for _, c := range clusters {
		options = append(options, clusterOption(c))
	}
	options = append(options, form.Option{Value: leaveTask, Label: "Leave"})
	l.ask.Say("")
	task, err := l.ask.Choose(ctx, "What do you want to do", options, "")
	if err != nil {
		return err
	}
	return l.do(ctx, task, clusters)
}

func clusterOption(c backend.Cluster) form.Option {
	o := form.Option{Value: clusterTask + c.LogFile, Label: "Hear about the cluster " + c.Name}
	if resumable(c) {
		o.Label = "Go on with the cluster " + c.Name + ", which was interrupted"
	}
	if c.Rehearsal {
		o.Detail = "a rehearsal"
	}
	return o
}

// createCommand is how status names the command that makes clusters.
const createCommand = "create cluster"

// resumable reports whether the interface can go on with c. A deletion goes on
// by its own command.
func resumable(c backend.Cluster) bool { return c.Interrupted && c.Command == createCommand }

func (l *lines) do(ctx context.Context, task string, clusters []backend.Cluster) error {
	switch {
	case task == "":
		return nil
	case task == leaveTask:
		return errLeave
	case task == exampleTask:
		d, config, err := rehearsable("")
		if err != nil {
			return err
		}
		l.draft = d
		return l.create(ctx, backend.Request{Config: config, Rehearsal: true})
	case task == openTask:
		return l.open(ctx)
	}
	if provider, ok := strings.CutPrefix(task, newTask); ok {
		return l.questions(ctx, draft.New(provider, ""), autosave.Entry{})
	}
	if path, ok := strings.CutPrefix(task, draftTask); ok {
		entry, d, err := autosave.Read(path)
		if err != nil {
			return err
		}
		return l.questions(ctx, d, entry)
	}
	for _, c := range clusters {
		switch {
		case task != clusterTask+c.LogFile:
		case resumable(c):
			return l.resumeCluster(ctx, c)
		default:
			return l.tell(c)
		}
	}
	return nil
}

func (l *lines) open(ctx context.Context) error {
	path, err := l.ask.Text(ctx, "Path of the configuration file", "", func(path string) error {
		_, err := draft.Open(path)
		return err
	})
	if err != nil || path == "" {
		return err
	}
	d, err := draft.Open(path)
	if err != nil {
		return err
	}
	return l.settle(ctx, d, autosave.New(l.StateRoot, l.Env.Now()))
}

func nameOr(name, none string) string {
	if name == "" {
		return none
	}
	return name
}
