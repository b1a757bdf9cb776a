package tui

import (
	"context"
	"sync/atomic"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/checks"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/progress"
	"groundwork.dev/bootstrap/tui/review"
	"groundwork.dev/bootstrap/tui/save"
	"groundwork.dev/bootstrap/tui/ui"
	"groundwork.dev/bootstrap/tui/wizard"
	"groundwork.dev/bootstrap/tui/wizard/autosave"
)

// flow is the way of one configuration: questions, checks, review, create.
type flow struct {
	*Options
	draft *draft.Draft
	// made says that the cluster was created, not rehearsed.
	made atomic.Bool
}

func newFlow(o *Options, d *draft.Draft) *flow { return &flow{Options: o, draft: d} }

func (f *flow) created() bool { return f.made.Load() }

// questions is the wizard; kept is what the draft was kept as, if it was.
func (f *flow) questions(kept autosave.Entry) ui.Screen {
	w := wizard.New(f.Env, f.Backend, f.draft, wizard.Options{
		StateRoot: f.StateRoot, Resumed: kept, Checks: f.checks, Review: f.reviewUnchecked(),
	})
	return passage{w, f.created, ui.Leave{}}
}

func (f *flow) checks(config *v1alpha1.Config) ui.Screen {
	return passage{checks.New(f.Env, f.Backend, checks.Options{
		Config: config, Save: f.save,
		Next: func() ui.Screen { return f.review(config, false) }, Rehearse: f.rehearse(config),
	}), f.created, ui.Back{}}
}

// rehearse makes the way to a rehearsal for a site that did not pass its
// checks, or nil where there is none: what can be simulated is a vCenter.
func (f *flow) rehearse(config *v1alpha1.Config) func() ui.Screen {
	if config.VSphereDatacenter == nil {
		return nil
	}
	return func() ui.Screen { return f.rehearsedChecks(config) }
}

func (f *flow) rehearsedChecks(config *v1alpha1.Config) ui.Screen {
	return checks.New(f.Env, f.Backend, checks.Options{
		Config: config, Rehearsal: true, Save: f.save,
		Next: func() ui.Screen { return f.review(config, true) },
	})
}

// reviewUnchecked leads to the review without the site's checks, where it can
// be rehearsed: a create follows its checks.
func (f *flow) reviewUnchecked() func(*v1alpha1.Config) ui.Screen {
	if f.draft.Provider() != v1alpha1.VSphereDatacenterKind {
		return nil
	}
	return func(config *v1alpha1.Config) ui.Screen { return f.review(config, true) }
}

func (f *flow) review(config *v1alpha1.Config, rehearsalOnly bool) ui.Screen {
	return passage{review.New(f.Env, f.Backend, review.Options{
		Config: config, Objects: f.Objects, Start: f.create, Save: f.save, RehearsalOnly: rehearsalOnly,
	}), f.created, ui.Back{}}
}

func (f *flow) save() ui.Screen { return save.New(f.Env, save.Options{Draft: f.draft}) }

func (f *flow) create(request backend.Request) ui.Screen {
	return progress.New(f.Env, noting{f.Backend, &f.made}, request)
}

// noting is a backend that notes that a cluster was created.
type noting struct {
	backend.Backend
	made *atomic.Bool
}

// Create implements backend.Backend.
func (n noting) Create(ctx context.Context, request backend.Request, sink event.Sink) (backend.Result, error) {
	result, err := n.Backend.Create(ctx, request, sink)
	if err == nil && !request.Rehearsal {
		n.made.Store(true)
	}
	return result, err
}
