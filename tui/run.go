// Package tui is the terminal interface: from an empty site to a running
// cluster, and back to it at any time. It only says which screen follows which
// one.
package tui

import (
	"context"
	"io"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/scaffold"
	"groundwork.dev/bootstrap/tui/app"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/progress"
	"groundwork.dev/bootstrap/tui/start"
	"groundwork.dev/bootstrap/tui/ui"
	"groundwork.dev/bootstrap/tui/wizard/autosave"
)

// Options are what the interface works with.
type Options struct {
	Backend backend.Backend
	Env     *ui.Env
	// StateRoot is the root of all state: answers that are in no file are kept
	// below it.
	StateRoot string
	// Objects counts the objects that a create makes; nil leaves them out.
	Objects func(context.Context, *v1alpha1.Config) (int, error)
	In      io.Reader
	Out     io.Writer
	// Plain asks one question after the other instead of drawing screens.
	Plain bool
}

// Run shows the interface until it is left. What was begun in the backend may
// then still be at its end.
func Run(ctx context.Context, o Options) error {
	if o.Plain {
		return o.runPlain(ctx)
	}
	return app.Run(ctx, o.Env, o.Start(), o.In, o.Out)
}

// Start is the first screen.
func (o *Options) Start() ui.Screen {
	return start.New(o.Env, o.Backend, start.Options{
		New: func(provider string) (ui.Screen, error) {
			return newFlow(o, draft.New(provider, "")).questions(autosave.Entry{}), nil
		},
		Open: func(path string) (ui.Screen, error) {
			d, err := draft.Open(path)
			if err != nil {
				return nil, err
			}
			return newFlow(o, d).questions(autosave.Entry{}), nil
		},
		Rehearse: o.rehearse,
		Drafts:   o.drafts,
		Continue: func(kept start.Draft) (ui.Screen, error) {
			entry, d, err := autosave.Read(kept.Path)
			if err != nil {
				return nil, err
			}
			return newFlow(o, d).questions(entry), nil
		},
		Discard: func(kept start.Draft) error { return autosave.Entry{Path: kept.Path}.Remove() },
		Resume: func(ctx context.Context, c backend.Cluster) (ui.Screen, error) {
			return o.resume(ctx, c.Name, c.Rehearsal)
		},
		Watch: func(c backend.Cluster) ui.Screen { return progress.Watch(o.Env, o.Backend, c) },
	})
}

// exampleName is the cluster of the example.
const exampleName = "example"

// rehearse leads to the rehearsal of the configuration file at path, or of an
// example where that is "".
func (o *Options) rehearse(path string) (ui.Screen, error) {
	d, config, err := rehearsable(path)
	if err != nil {
		return nil, err
	}
	return newFlow(o, d).rehearsedChecks(config), nil
}

// rehearsable reads a configuration that can be rehearsed.
func rehearsable(path string) (*draft.Draft, *v1alpha1.Config, error) {
	d, err := openOrExample(path)
	if err != nil {
		return nil, nil, err
	}
	config, err := d.Loader()()
	if err != nil {
		return nil, nil, err
	}
	if config.VSphereDatacenter == nil {
		return nil, nil, &failure.Error{
			Code: failure.Usage, Object: "Cluster " + config.Cluster.Name,
			Summary: "only a vSphere site can be simulated yet, and the configuration is for a " + d.Provider(),
			Remedy:  "open it instead, and check the hosts: that changes nothing on them",
		}
	}
	return d, config, nil
}

func openOrExample(path string) (*draft.Draft, error) {
	if path != "" {
		return draft.Open(path)
	}
	text, err := scaffold.Config("vsphere", exampleName)
	if err != nil {
		return nil, err
	}
	return draft.Read(exampleName+".yaml", text)
}

// drafts are the configurations that were not finished.
func (o *Options) drafts() ([]start.Draft, error) {
	entries, err := autosave.List(o.StateRoot)
	if err != nil {
		return nil, err
	}
	var drafts []start.Draft
	for _, e := range entries {
		drafts = append(drafts, start.Draft{Path: e.Path, Cluster: e.Cluster, Provider: e.Provider, File: e.File, Modified: e.Modified})
	}
	return drafts, nil
}
