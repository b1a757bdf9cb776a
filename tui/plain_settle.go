package tui

import (
	"context"
	"errors"
	"io/fs"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/plain"
	"groundwork.dev/bootstrap/tui/save"
	"groundwork.dev/bootstrap/tui/wizard"
	"groundwork.dev/bootstrap/tui/wizard/autosave"
)

// questions asks everything about a draft, and then what to do with it. What
// was answered is kept where the program ends in between.
func (l *lines) questions(ctx context.Context, d *draft.Draft, entry autosave.Entry) error {
	if entry.Path == "" {
		entry = autosave.New(l.StateRoot, l.Env.Now())
	}
	l.draft = d
	begun := d.YAML()
	if err := l.ask.Run(ctx, wizard.Pages(d, l.Backend, l.Env)); err != nil {
		if d.YAML() == begun {
			return err
		}
		return errors.Join(err, l.keep(entry))
	}
	return l.settle(ctx, d, entry)
}

// keep keeps the answers so far, where they are in no file.
func (l *lines) keep(entry autosave.Entry) error {
	if !l.draft.Unsaved() {
		return entry.Remove()
	}
	entry.File = l.draft.Path
	text, _, err := l.draft.Text(l.draft.FileName())
	if err == nil {
		err = entry.Write(text)
	}
	if err == nil {
		l.ask.Say("The answers so far are kept, and can be gone on with.")
	}
	return err
}

// The things to do with a configuration.
const (
	readTask      = "read"
	changeTask    = "change"
	saveTask      = "save"
	checkTask     = "check"
	rehearseTask  = "rehearse"
	createTask    = "create"
	beginningTask = "beginning"
)

// settle asks what to do with a configuration until it is left.
func (l *lines) settle(ctx context.Context, d *draft.Draft, entry autosave.Entry) error {
	l.draft = d
	for {
		config, err := d.Loader()()
		if err != nil {
			l.problems(err)
		}
		l.ask.Say("")
		task, err := l.ask.Choose(ctx, "What now", tasks(config), "")
		if plain.Back(err) {
			task, err = beginningTask, nil
		}
		if err != nil {
			return errors.Join(err, l.keep(entry))
		}
		switch task {
		case readTask:
			l.ask.Say(d.YAML())
		case changeTask:
			return l.questions(ctx, d, entry)
		case saveTask:
			err = l.save(ctx)
		case checkTask:
			_, err = l.check(ctx, config, false)
		case rehearseTask:
			err = l.create(ctx, backend.Request{Config: config, Rehearsal: true})
		case createTask:
			err = l.checkAndCreate(ctx, config)
		case beginningTask:
			return l.keep(entry)
		}
		switch {
		case ctx.Err() != nil:
			return errors.Join(err, l.keep(entry))
		case err != nil && !plain.Back(err):
			console.Error(l.out, err, console.Text)
		}
	}
}

// tasks are what can be done; config is nil where something is wrong with it.
func tasks(config *v1alpha1.Config) []form.Option {
	options := []form.Option{
		{Value: readTask, Label: "Hear the whole configuration"},
		{Value: changeTask, Label: "Go through the questions"},
		{Value: saveTask, Label: "Save the configuration to a file"},
	}
	if config != nil {
		options = append(options, form.Option{Value: checkTask, Label: "Check the site, which changes nothing"})
		if config.VSphereDatacenter != nil {
			options = append(options, form.Option{Value: rehearseTask, Label: "Rehearse against a simulated site"})
		}
		options = append(options, form.Option{Value: createTask, Label: "Check the site and create the cluster"})
	}
	return append(options, form.Option{Value: beginningTask, Label: "Back to the beginning"})
}

// problems says what is wrong with the configuration, one by one.
func (l *lines) problems(err error) {
	var problems v1alpha1.Problems
	if !errors.As(err, &problems) {
		console.Error(l.out, err, console.Text)
		return
	}
	l.ask.Say("The configuration cannot be used yet.")
	for _, p := range problems {
		l.ask.Say(p.Object + " " + p.Field + ": " + p.Message + ". Remedy: " + p.Remedy)
	}
}

func (l *lines) save(ctx context.Context) error {
	path, err := l.ask.Text(ctx, "Path of the file", l.draft.FileName(), nil)
	if err != nil {
		return err
	}
	text, private, err := l.draft.Text(path)
	if err != nil {
		return err
	}
	err = save.Write(path, text, private, path == l.draft.Path)
	if errors.Is(err, fs.ErrExist) {
		replace, asking := l.ask.Confirm(ctx, "There is another file at "+path+". Replace it", false)
		if asking != nil || !replace {
			return asking
		}
		err = save.Write(path, text, private, true)
	}
	if err == nil {
		err = l.draft.Saved(path)
	}
	if err == nil {
		l.ask.Say("Saved. The same cluster is made by: bootstrap create cluster -f " + path)
	}
	return err
}
