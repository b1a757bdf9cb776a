package form_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// site is a document with a question of each kind.
type site struct {
	answers map[string]string
	loads   map[string]int // how often options were asked for
	// networks answers for the networks of a datacenter.
	networks func(ctx context.Context, datacenter string) ([]form.Option, error)
	test     func(context.Context) (func() form.Note, error)
}

func newSite() *site {
	return &site{
		answers: map[string]string{"name": "demo", "count": "3", "proxy": "false"},
		loads:   map[string]int{},
		networks: func(_ context.Context, datacenter string) ([]form.Option, error) {
			return []form.Option{
				{Value: "/" + datacenter + "/network/front", Detail: "VLAN 10"},
				{Value: "/" + datacenter + "/network/back", Detail: "VLAN 20"},
				{Value: "/" + datacenter + "/network/storage", Detail: "VLAN 30"},
			}, nil
		},
	}
}

func (s *site) YAML() string {
	var lines []string
	for _, name := range []string{"name", "count", "datacenter", "network", "tags", "proxy", "proxyAddress", "ca", "mtu"} {
		if value := s.answers[name]; value != "" {
			lines = append(lines, fmt.Sprintf("  %s: %s", name, strings.ReplaceAll(value, "\n", ",")))
		}
	}
	return "kind: Site\nspec:\n" + strings.Join(lines, "\n") + "\nstatus: {}\n"
}

func (s *site) Problems() v1alpha1.Problems {
	var problems v1alpha1.Problems
	if s.answers["datacenter"] == "" {
		problems = append(problems, v1alpha1.Problem{
			Object: "Site/demo", Field: "spec.datacenter", Message: "datacenter is not set",
			Remedy: "choose one of those that the vCenter has",
		})
	}
	if n, _ := strconv.Atoi(s.answers["count"]); n%2 == 0 {
		problems = append(problems, v1alpha1.Problem{
			Object: "Site/demo", Field: "spec.count", Message: fmt.Sprintf("%d control planes cannot agree", n),
			Remedy: "choose an odd number",
		})
	}
	if s.answers["mtu"] == "0" {
		problems = append(problems, v1alpha1.Problem{Object: "Site/demo", Field: "spec.mtu.value", Message: "the MTU is 0"})
	}
	return problems
}

func (s *site) field(id string, kind form.Kind, title, help string) form.Field {
	return form.Field{
		ID: id, Kind: kind, Title: title, Help: help, Object: "Site/demo", Path: "spec." + id,
		Get: func() string { return s.answers[id] },
		Set: func(text string) error { s.answers[id] = text; return nil },
	}
}

func (s *site) page() form.Page {
	return form.Page{
		ID: "site", Title: "Site", Intro: "Where the machines are made, and what they are called.",
		Fields: s.fields,
		Notes: func() []form.Note {
			return []form.Note{{Level: form.Info, Text: s.answers["count"] + " control planes."}}
		},
		Actions: func() []form.Action {
			if s.test == nil {
				return nil
			}
			return []form.Action{{Key: "ctrl+t", Label: "test the connection", Run: s.test}}
		},
	}
}

func (s *site) fields() []form.Field {
	name := s.field("name", form.Text, "Name", "What the cluster is called.")
	name.Set = func(text string) error {
		if strings.ContainsAny(text, "_ ") {
			return &failure.Error{Summary: fmt.Sprintf("%q is no name", text), Remedy: "Use letters, digits and hyphens."}
		}
		s.answers["name"] = text
		return nil
	}
	password := s.field("password", form.Secret, "Password", "The vCenter user's password.")
	password.Object = ""
	password.Set = func(text string) error {
		if text == "" {
			return errors.New("a password is needed")
		}
		s.answers["password"] = text
		return nil
	}
	count := s.field("count", form.Number, "Control planes", "How many machines run the control plane.")
	datacenter := s.field("datacenter", form.Choice, "Datacenter", "The vSphere datacenter.")
	datacenter.Placeholder = "one of the vCenter's"
	datacenter.Options = func(context.Context) ([]form.Option, error) {
		s.loads["datacenter"]++
		return []form.Option{{Value: "dc1", Label: "Frankfurt"}, {Value: "dc2", Label: "Leipzig"}}, nil
	}
	network := s.field("network", form.Choice, "Network", "The network of the machines.")
	network.FreeText = true
	network.OptionsFor = func() string { return s.answers["datacenter"] }
	network.Options = func(ctx context.Context) ([]form.Option, error) {
		s.loads["network"]++
		return s.networks(ctx, s.answers["datacenter"])
	}
	tags := s.field("tags", form.Choices, "Tags", "Tags of the machines.")
	tags.FreeText = true
	tags.Options = func(context.Context) ([]form.Option, error) {
		return []form.Option{{Value: "blue"}, {Value: "green"}, {Value: "red"}}, nil
	}
	proxy := s.field("proxy", form.Toggle, "Behind a proxy", "Whether the site is.")
	address := s.field("proxyAddress", form.Text, "Proxy", "The proxy's address.")
	address.Placeholder = "http://proxy.example:3128"
	address.Hidden = func() bool { return s.answers["proxy"] != "true" }
	ca := s.field("ca", form.Lines, "Certificates", "Authorities that are trusted besides the public ones.")
	mtu := s.field("mtu", form.Number, "MTU", "Seldom changed.")
	mtu.Advanced = true
	return []form.Field{name, password, count, datacenter, network, tags, proxy, address, ca, mtu}
}

// screen is a page as a ui.Screen, as the wizard has it.
type screen struct {
	*form.Model
	moved []string
}

func (s *screen) Title() string { return "Site" }

func (s *screen) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	switch msg.(type) {
	case form.Next:
		s.moved = append(s.moved, "next")
	case form.Previous:
		s.moved = append(s.moved, "previous")
	}
	return s, s.Model.Update(msg)
}

var _ interface {
	ui.Screen
	ui.Typing
	ui.Escaper
	ui.Closer
} = (*screen)(nil)

func start(t *testing.T, s *site, width, height int) (*tuitest.Driver, *screen) {
	t.Helper()
	view := &screen{Model: form.New(tuitest.Env(), s.page(), s)}
	t.Cleanup(view.Close)
	return tuitest.Body(t, view, width, height), view
}

func keys(bindings []key.Binding) string {
	var all []string
	for _, b := range bindings {
		all = append(all, b.Help().Key+" "+b.Help().Desc)
	}
	return strings.Join(all, ", ")
}

func TestAnswersByKeys(t *testing.T) {
	s := newSite()
	d, view := start(t, s, 80, 24)
	d.Golden("entered-80x24")
	d.Type("-2")
	d.Press("tab")
	d.Type("hunter22")
	d.Press("tab", "backspace")
	d.Type("5")
	d.Press("enter")
	d.Golden("choice-80x24")
	d.Press("enter")
	d.Wait("Leipzig")
	d.Golden("list-80x24")
	d.Press("down", "enter", "enter")
	d.Wait("VLAN 20")
	d.Type("back")
	d.Press("enter")
	d.Press("space", "down", "space", "enter") // tags: open, go to green, choose, done
	d.Press("y", "enter")
	d.Type("http://proxy:3128")
	d.Press("enter", "enter")
	d.Paste("-----BEGIN-----\nabc\n-----END-----")
	d.Golden("lines-80x24")
	d.Press("esc", "tab", "enter", "down")
	d.Type("1450")
	d.Press("enter")
	if !slices.Equal(view.moved, []string{"next"}) {
		t.Errorf("moved %q:\n%s", view.moved, d.Screen())
	}
	want := map[string]string{
		"name": "demo-2", "password": "hunter22", "count": "5", "datacenter": "dc2", "network": "/dc2/network/back",
		"tags": "green", "proxy": "true", "proxyAddress": "http://proxy:3128",
		"ca": "-----BEGIN-----\nabc\n-----END-----", "mtu": "1450",
	}
	for id, text := range want {
		if s.answers[id] != text {
			t.Errorf("%s is %q, want %q", id, s.answers[id], text)
		}
	}
	d.Golden("answered-80x24")
	d.Resize(120, 36)
	d.Golden("answered-120x40")
}
