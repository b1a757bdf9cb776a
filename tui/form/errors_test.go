package form_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

func TestPageIsNotLeftWithProblems(t *testing.T) {
	s := newSite()
	d, view := start(t, s, 80, 24)
	d.Type("_x")
	d.Press("enter") // stays: the answer is refused
	d.Golden("refused-80x24")
	d.Press("down", "down", "backspace")
	d.Type("4")
	d.Press("ctrl+n")
	// The first field with a problem has the focus, with what was typed.
	d.Wait(`"demo_x" is no name`, "Use letters, digits and hyphens.")
	if s.answers["name"] != "demo" {
		t.Errorf("the name is %q", s.answers["name"])
	}
	d.Press("backspace", "backspace", "ctrl+n")
	d.Wait("a password is needed")
	d.Type("secret")
	d.Press("ctrl+n")
	d.Wait("4 control planes cannot agree", "choose an odd number")
	d.Golden("problem-80x24")
	d.Press("backspace")
	d.Type("3")
	d.Press("ctrl+n")
	d.Wait("datacenter is not set", "choose one of those that the vCenter has")
	s.answers["mtu"] = "0"
	d.Press("enter", "enter", "ctrl+n")
	d.Wait("the MTU is 0", "- 1 advanced setting") // unfolded for it
	if len(view.moved) > 0 {
		t.Fatalf("moved %q", view.moved)
	}
	d.Press("backspace")
	d.Type("9000")
	d.Press("pgdn")
	if !slices.Equal(view.moved, []string{"next"}) || s.answers["name"] != "demo" {
		t.Errorf("moved %q with %v:\n%s", view.moved, s.answers, d.Screen())
	}
}

func TestPageIsLeftBackwardsAnyway(t *testing.T) {
	for _, k := range []string{"shift+tab", "ctrl+p", "pgup"} {
		s := newSite()
		d, view := start(t, s, 80, 24)
		d.Type("-9")
		d.Press(k)
		if !slices.Equal(view.moved, []string{"previous"}) || s.answers["name"] != "demo-9" {
			t.Errorf("%s moved %q with name %q", k, view.moved, s.answers["name"])
		}
	}
}

func TestOptionsThatFail(t *testing.T) {
	s := newSite()
	fine := s.networks
	s.networks = func(context.Context, string) ([]form.Option, error) {
		return nil, &failure.Error{Summary: "the vCenter does not answer", Remedy: "Look whether vc.example is reachable."}
	}
	d, view := start(t, s, 80, 24)
	d.Send(nil)
	view.FocusField("datacenter")
	d.Press("tab")
	d.Wait("The choices could not be loaded: the vCenter does not answer", "ctrl+r tries again")
	d.Press("enter")
	d.Golden("options-failed-80x24")
	d.Type("/dc9/network/lab")
	d.Press("enter") // what is typed will do
	if s.answers["network"] != "/dc9/network/lab" {
		t.Errorf("the network is %q", s.answers["network"])
	}
	d.Press("shift+tab")
	s.networks = fine
	d.Press("ctrl+r")
	d.Press("enter")
	d.Wait("VLAN 30")
	if s.loads["network"] != 2 {
		t.Errorf("asked %d times", s.loads["network"])
	}
}

func TestOptionsAreKeptByWhatTheyDependOn(t *testing.T) {
	s := newSite()
	d, view := start(t, s, 80, 24)
	for _, datacenter := range []string{"dc1", "dc2", "dc1", "dc2"} {
		s.answers["datacenter"] = datacenter
		view.FocusField("datacenter")
		d.Press("tab", "enter")
		d.Wait("/" + datacenter + "/network/back")
		d.Press("esc")
	}
	if s.loads["network"] != 2 {
		t.Errorf("asked %d times for two datacenters", s.loads["network"])
	}
}

func TestLoadingShowsAndEndsWithThePage(t *testing.T) {
	s := newSite()
	ended := make(chan error, 1)
	s.networks = func(ctx context.Context, _ string) ([]form.Option, error) {
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}
	d, view := start(t, s, 80, 24)
	view.FocusField("datacenter")
	d.Press("tab", "enter")
	d.Golden("loading-80x24")
	view.Close()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(tuitest.Deadline):
		t.Fatal("what the page asked for goes on without it")
	}
	// Back on the page it is asked again, and the error of before is nowhere.
	s.networks = newSite().networks
	d.Press("esc", "shift+tab", "tab", "enter")
	d.Wait("VLAN 10")
	if strings.Contains(d.Screen(), "canceled") {
		t.Error(d.Screen())
	}
}

func TestAnswersForAPageThatWasLeftAreForgotten(t *testing.T) {
	value := ""
	field := variable("network", form.Choice, &value)
	field.Options = func(ctx context.Context) ([]form.Option, error) {
		return []form.Option{{Value: "front"}}, ctx.Err()
	}
	m := form.New(tuitest.Env(), plainPage(field), newSite())
	defer m.Close()
	load := func() tea.Cmd { return m.Init()().(tea.BatchMsg)[0] }
	before := load()
	m.Close()
	now := load()
	m.Update(tea.KeyMsg{Type: tea.KeyEnter})
	m.Update(now())
	m.Update(before())
	if view := m.View(80, 20); !strings.Contains(view, "front") || strings.Contains(view, "canceled") {
		t.Error(view)
	}
}

func TestAction(t *testing.T) {
	s := newSite()
	answer := make(chan error)
	s.test = func(ctx context.Context) (func() form.Note, error) {
		select {
		case err := <-answer:
			if err != nil {
				return nil, err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return func() form.Note {
			s.answers["name"] = "found"
			return form.Note{Level: form.Warning, Text: "Connected, but slowly."}
		}, nil
	}
	d, view := start(t, s, 80, 24)
	d.Press("ctrl+t")
	d.Golden("action-80x24")
	answer <- &failure.Error{Summary: "nobody is there", Remedy: "Plug it in."}
	d.Wait("nobody is there; Plug it in.")
	d.Press("ctrl+t")
	d.WaitGone("nobody is there")
	answer <- nil
	d.Wait("Connected, but slowly.", "found")
	if !strings.Contains(keys(view.Keys()), "ctrl+t test the connection") {
		t.Error(keys(view.Keys()))
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	s := newSite()
	s.answers["proxyAddress"] = "hunter22" // as if it had come into the configuration
	d, view := start(t, s, 120, 40)
	view.FocusField("password")
	d.Type("hunter22")
	if strings.Contains(d.Screen(), "Password        hunter") || !strings.Contains(d.Screen(), "••••••••") {
		t.Errorf("typed:\n%s", d.Screen())
	}
	d.Press("tab")
	d.Wait("proxyAddress: [redacted]")
	if strings.Contains(d.Raw(), "hunter") {
		t.Errorf("answered:\n%s", d.Screen())
	}
}

func TestTypingAndEscape(t *testing.T) {
	s := newSite()
	d, view := start(t, s, 80, 24)
	for _, c := range []struct {
		field            string
		press            []string
		typing, escapes  bool
		leaves           int
		footer, notThere string
	}{
		{"name", nil, true, false, 0, "tab next field", "ctrl+o"},
		{"name", []string{"esc"}, true, false, 1, "ctrl+n next page", ""},
		{"datacenter", nil, false, false, 1, "enter choose", ""},
		{"datacenter", []string{"enter"}, true, true, 1, "esc close", ""},
		{"datacenter", []string{"/"}, true, true, 1, "enter take", ""},
		{"datacenter", []string{"enter", "esc"}, false, false, 1, "enter choose", ""},
		{"tags", []string{"space"}, true, true, 1, "space choose", ""},
		{"ca", []string{"enter"}, true, true, 1, "esc done", ""},
		{"proxy", nil, false, false, 1, "space yes or no", ""},
		{"proxy", []string{"ctrl+y"}, false, true, 1, "ctrl+y form", ""},
		{"proxy", []string{"ctrl+y", "ctrl+y"}, false, false, 1, "ctrl+y YAML", ""},
		{"proxy", []string{"k", "k", "esc"}, false, false, 2, "", ""},
	} {
		name := fmt.Sprint(c.field, c.press)
		for view.Escapes() {
			d.Press("esc")
		}
		view.FocusField(c.field)
		d.Press(c.press...)
		if view.Typing() != c.typing || view.Escapes() != c.escapes {
			t.Errorf("%s: typing is %v, escapes %v:\n%s", name, view.Typing(), view.Escapes(), d.Screen())
		}
		if got := len(tuitest.Sent[ui.Leave](d)); got != c.leaves {
			t.Errorf("%s: left %d times, want %d", name, got, c.leaves)
		}
		said := keys(view.Keys())
		if !strings.Contains(said, c.footer) || c.notThere != "" && strings.Contains(said, c.notThere) {
			t.Errorf("%s: the keys are %s", name, said)
		}
	}
}
