package tui

import (
	"context"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/progress"
	"groundwork.dev/bootstrap/tui/ui"
)

// The environment variables of a vCenter's login, as EKS Anywhere has them,
// and of the file that holds them.
const (
	usernameVariable    = "EKSA_VSPHERE_USERNAME"
	passwordVariable    = "EKSA_VSPHERE_PASSWORD"
	credentialsVariable = "EKSA_VSPHERE_CREDENTIALS_FILE"
)

// resume is the screen that goes on with a create that was interrupted. What
// nobody but the user knows is asked first.
func (o *Options) resume(ctx context.Context, name string, rehearsal bool) (ui.Screen, error) {
	text, err := o.Backend.Configuration(ctx, name, rehearsal)
	if err != nil {
		return nil, err
	}
	config, err := v1alpha1.Parse(name, text)
	if err != nil {
		return nil, err
	}
	run := func() ui.Screen {
		return progress.New(o.Env, o.Backend, backend.Request{Config: config, Rehearsal: rehearsal})
	}
	if rehearsal || config.VSphereDatacenter == nil || o.loggedIn() {
		return run(), nil
	}
	l := &login{environment: o.Backend.Environment(), next: run}
	l.page = form.New(o.Env, l.questions(config.VSphereDatacenter.Spec.Server), kept(text))
	return l, nil
}

// loggedIn reports whether the vCenter's login is known.
func (o *Options) loggedIn() bool {
	getenv := o.Backend.Environment().Getenv
	return getenv(credentialsVariable) != "" || getenv(usernameVariable) != "" && getenv(passwordVariable) != ""
}

// login asks for the vCenter's login before a create goes on.
type login struct {
	environment backend.Environment
	page        *form.Model
	next        func() ui.Screen
}

var (
	_ ui.Typing  = (*login)(nil)
	_ ui.Escaper = (*login)(nil)
	_ ui.Closer  = (*login)(nil)
)

func (l *login) questions(server string) form.Page {
	return form.Page{
		ID: "login", Title: "vCenter login",
		Intro: "The login to " + server + " is kept in no file, so it is asked for again before the create goes on.",
		Fields: func() []form.Field {
			return []form.Field{
				l.field(form.Field{
					ID: "username", Title: "User", Placeholder: "administrator@vsphere.local",
					Help: "The vCenter user that makes the machines. " + usernameVariable + " in the environment answers this too.",
				}, usernameVariable),
				l.field(form.Field{
					ID: "password", Title: "Password", Kind: form.Secret,
					Help: "It stays in this program's memory. " + passwordVariable + " in the environment answers this too.",
				}, passwordVariable),
			}
		},
	}
}

func (l *login) field(f form.Field, variable string) form.Field {
	f.Get = func() string { return l.environment.Getenv(variable) }
	f.Set = func(answer string) error {
		if f.Kind != form.Secret {
			answer = strings.TrimSpace(answer)
		}
		if answer == "" {
			return &failure.Error{
				Code: failure.Usage, Summary: "without it the vCenter lets nobody in",
				Remedy: "type it here, or set " + variable + " before the program is started",
			}
		}
		l.environment.Set(variable, secret.New(answer))
		return nil
	}
	return f
}

// Init implements ui.Screen.
func (l *login) Init() tea.Cmd { return l.page.Init() }

// Update implements ui.Screen.
func (l *login) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	switch msg.(type) {
	case form.Next:
		return l, ui.Send(ui.Replace{Screen: l.next()})
	case form.Previous:
		return l, ui.Send(ui.Leave{})
	}
	return l, l.page.Update(msg)
}

// View implements ui.Screen.
func (l *login) View(width, height int) string { return l.page.View(width, height) }

// Title implements ui.Screen.
func (l *login) Title() string { return "vCenter login" }

// Keys implements ui.Screen.
func (l *login) Keys() []key.Binding { return l.page.Keys() }

// Typing implements ui.Typing.
func (l *login) Typing() bool { return l.page.Typing() }

// Escapes implements ui.Escaper.
func (l *login) Escapes() bool { return l.page.Escapes() }

// Close implements ui.Closer.
func (l *login) Close() { l.page.Close() }

// kept is the configuration of a create that was begun, as a form.Document.
type kept string

// YAML implements form.Document.
func (k kept) YAML() string { return string(k) }

// Problems implements form.Document.
func (kept) Problems() v1alpha1.Problems { return nil }
