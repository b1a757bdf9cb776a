package wizard

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
)

// lookEvery is how often the files that the configuration names are read
// again, so that what is corrected in an editor beside is seen here.
const lookEvery = 2 * time.Second

// document is the draft with the files that it names. They are read in the
// background: until they are, their problems are not known.
type document struct {
	draft *draft.Draft
	every time.Duration
	// whole is what was read last.
	whole loaded
	// asked is the text that is being read, waiting that it will be again.
	asked   string
	waiting bool
}

// Messages of the document.
type (
	lookAgain struct{}
	// loaded is a text as Load sees it: config is the effective
	// configuration, nil with problems.
	loaded struct {
		text     string
		config   *v1alpha1.Config
		problems v1alpha1.Problems
	}
)

// YAML implements form.Document.
func (d *document) YAML() string { return d.draft.YAML() }

// Problems implements form.Document.
func (d *document) Problems() v1alpha1.Problems {
	if d.whole.text == d.draft.YAML() {
		return d.whole.problems
	}
	return d.draft.Problems()
}

// namesFiles reports whether the configuration depends on other files.
func (d *document) namesFiles() bool {
	site := d.draft.Config.SSHDatacenter
	return site != nil && (site.Spec.HardwareFile != "" || site.Spec.KnownHostsFile != "")
}

// follow reads the files again where the configuration has changed, and now
// and then.
func (d *document) follow() tea.Cmd {
	if !d.namesFiles() {
		return nil
	}
	var cmds []tea.Cmd
	if d.asked != d.draft.YAML() {
		cmds = append(cmds, d.look())
	}
	if !d.waiting {
		d.waiting = true
		cmds = append(cmds, tea.Tick(d.every, func(time.Time) tea.Msg { return lookAgain{} }))
	}
	return tea.Batch(cmds...)
}

// look loads the configuration as it would be if it were saved.
func (d *document) look() tea.Cmd {
	site, name, load := d.draft.Config.SSHDatacenter, d.draft.FileName(), d.draft.Loader()
	text, object, known := d.draft.YAML(), d.draft.DatacenterObject(), ""
	if site != nil {
		known = filepath.Base(site.Spec.KnownHostsFile)
	}
	d.asked = text
	return func() tea.Msg {
		config, err := load()
		var problems v1alpha1.Problems
		if err != nil && !errors.As(err, &problems) {
			problems = v1alpha1.Problems{{File: name, Message: err.Error()}}
		}
		problems = slices.Clone(problems)
		for i := range problems {
			if p := &problems[i]; p.File != name {
				*p = ofFile(*p, object, known)
			}
		}
		return loaded{text, config, problems}
	}
}

// ofFile is a problem of another file as one of the field that names it.
// known is the last element of the known_hosts file's path.
func ofFile(p v1alpha1.Problem, object, known string) v1alpha1.Problem {
	field := "spec.hardwareFile"
	if filepath.Base(p.File) == known {
		field = "spec.knownHostsFile"
	}
	place := "in " + filepath.Base(p.File)
	if p.Line > 0 {
		place = fmt.Sprintf("in line %d of %s", p.Line, filepath.Base(p.File))
	}
	for _, part := range []string{p.Object, p.Field} {
		if part != "" {
			place += ", " + part
		}
	}
	p.Object, p.Field, p.Message = object, field, place+": "+p.Message
	return p
}
