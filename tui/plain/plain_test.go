package plain_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/plain"
)

var update = flag.Bool("update", false, "write the transcripts anew")

// person types one line for each read, which is echoed as a terminal does.
type person struct {
	out   io.Writer
	lines []string
}

func (p *person) Read(b []byte) (int, error) {
	if len(p.lines) == 0 {
		return 0, io.EOF
	}
	line := p.lines[0] + "\n"
	p.lines = p.lines[1:]
	_, _ = io.WriteString(p.out, line)
	return copy(b, line), nil
}

// site is a document of a few answers.
type site struct {
	answers map[string]string
	tested  int
	fails   int // how often options are not to be had
}

func (s *site) YAML() string { return "" }

func (s *site) Problems() v1alpha1.Problems {
	var problems v1alpha1.Problems
	if s.answers["count"] == "2" {
		problems = append(problems, v1alpha1.Problem{
			Object: "Site/x", Field: "spec.count", Message: "2 control planes cannot agree", Remedy: "choose an odd number",
		})
	}
	if s.answers["datacenter"] == "" {
		problems = append(problems, v1alpha1.Problem{Object: "Site/x", Field: "spec.datacenter", Message: "it is not set"})
	}
	if s.answers["mtu"] == "0" {
		problems = append(problems, v1alpha1.Problem{Object: "Site/x", Field: "spec.mtu", Message: "it is 0"})
	}
	return problems
}

func (s *site) field(id string, kind form.Kind, title string) form.Field {
	return form.Field{
		ID: id, Kind: kind, Title: title, Help: "Help for " + title + ".", Object: "Site/x", Path: "spec." + id,
		Get: func() string { return s.answers[id] }, Set: func(v string) error { s.answers[id] = v; return nil },
	}
}

func (s *site) fields() []form.Field {
	name := s.field("name", form.Text, "Name")
	name.Set = func(v string) error {
		if strings.Contains(v, " ") {
			return &failure.Error{Summary: "a name has no blanks", Remedy: "Use hyphens."}
		}
		s.answers["name"] = v
		return nil
	}
	password := s.field("password", form.Secret, "Password")
	password.Object = ""
	password.Set = func(v string) error {
		if v == "" {
			return errors.New("a password is needed")
		}
		s.answers["password"] = v
		return nil
	}
	datacenter := s.field("datacenter", form.Choice, "Datacenter")
	datacenter.Options = func(context.Context) ([]form.Option, error) {
		if s.fails > 0 {
			s.fails--
			return nil, &failure.Error{Summary: "the vCenter does not answer", Remedy: "Look whether it is on."}
		}
		return []form.Option{
			{Value: "/dc1", Label: "Frankfurt", Detail: "12 hosts"}, {Value: "/dc2", Label: "Leipzig"}, {Value: "/dc3", Label: "Freiburg"},
		}, nil
	}
	tags := s.field("tags", form.Choices, "Tags")
	tags.FreeText = true
	tags.Options = func(context.Context) ([]form.Option, error) {
		return []form.Option{{Value: "blue"}, {Value: "green"}}, nil
	}
	proxy := s.field("proxy", form.Toggle, "Behind a proxy")
	address := s.field("address", form.Text, "Proxy")
	address.Hidden = func() bool { return s.answers["proxy"] != "true" }
	count := s.field("count", form.Number, "Control planes")
	ca := s.field("ca", form.Lines, "Certificates")
	mtu := s.field("mtu", form.Number, "MTU")
	mtu.Advanced = true
	mode := s.field("mode", form.Text, "Mode")
	mode.Advanced = true
	return []form.Field{name, password, datacenter, tags, proxy, address, count, ca, mtu, mode}
}

func (s *site) pages() []form.Page {
	return []form.Page{
		{ID: "never", Title: "Never", Hidden: func() bool { return true }},
		{ID: "site", Title: "Site", Intro: "Where the machines are.", Fields: s.fields,
			Notes: func() []form.Note { return []form.Note{{Level: form.Warning, Text: "It is cold there."}} },
			Actions: func() []form.Action {
				return []form.Action{{Key: "ctrl+t", Label: "test the connection", Run: func(context.Context) (func() form.Note, error) {
					s.tested++
					return func() form.Note { return form.Note{Text: "Connected."} }, nil
				}}}
			}},
		{ID: "end", Title: "End", Fields: func() []form.Field { return []form.Field{s.field("last", form.Text, "Last words")} }},
	}
}

func newSite() *site { return &site{answers: map[string]string{"name": "demo", "count": "3"}} }

func TestTranscripts(t *testing.T) {
	for _, c := range []struct {
		name  string
		fails int
		types []string
		want  map[string]string
	}{
		{"answers", 0, []string{
			"lab", "hunter22", "2", "1,green,=odd", "yes", "http://proxy:3128", "5", "-----BEGIN-----", "abc", ".", "no",
			"2", "", "bye",
		}, map[string]string{
			"name": "lab", "password": "hunter22", "datacenter": "/dc2", "tags": "blue\ngreen\nodd", "proxy": "true",
			"address": "http://proxy:3128", "count": "5", "ca": "-----BEGIN-----\nabc", "last": "bye",
		}},
		{"wrong", 1, []string{
			"a b", "?", "", "", "pw", "?", "!", "Mars", "fr", "1", "-", "maybe", "n", "2", "?", "3", "", "y", "0", "1500", "", "", "",
		}, map[string]string{"name": "demo", "password": "pw", "datacenter": "/dc1", "tags": "", "proxy": "false", "count": "3", "mtu": "1500"}},
		{"back", 0, []string{
			"<", "one", "<", "two", "pw", "leipzig", "<", "1", "", "", "", "", "", "", "<", "", "", "", "", "", "8", "", "", "", "end",
		}, map[string]string{"name": "two", "datacenter": "/dc1", "count": "8", "last": "end"}},
		{"kept wrong", 0, []string{
			"", "pw", "", "", "", "", "", "yes", "0", "", "", "", // nothing is chosen, and the MTU stays 0
			"leipzig", "9000", "", "",
		}, map[string]string{"datacenter": "/dc2", "mtu": "9000"}},
		{"wrong advanced", 0, []string{
			"", "pw", "leipzig", "", "", "", "", "no", "", "1400", "", "",
		}, map[string]string{"mtu": "1400"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite()
			s.fails = c.fails
			if c.name == "wrong advanced" {
				s.answers["mtu"] = "0"
			}
			var out strings.Builder
			them := &person{&out, slices.Clone(c.types)}
			err := plain.New(them, &out, s).Run(t.Context(), s.pages())
			if err != nil || len(them.lines) > 0 {
				t.Errorf("%v, with %q not read", err, them.lines)
			}
			for id, want := range c.want {
				if s.answers[id] != want {
					t.Errorf("%s is %q, want %q", id, s.answers[id], want)
				}
			}
			golden(t, strings.ReplaceAll(c.name, " ", "-"), out.String())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the transcript is not %s:\n%s", path, got)
	}
}

func TestManyOptionsAreFoundByAPart(t *testing.T) {
	var options []form.Option
	for i := range 100 {
		options = append(options, form.Option{Value: fmt.Sprintf("/vm/template-%02d", i)})
	}
	var out strings.Builder
	asker := plain.New(&person{&out, []string{"template-4", "3"}}, &out, newSite())
	got, err := asker.Choose(t.Context(), "Template", options, "")
	if err != nil || got != "/vm/template-42" {
		t.Errorf("chose %q, %v:\n%s", got, err, out.String())
	}
	if !strings.Contains(out.String(), "And 80 more.") {
		t.Error(out.String())
	}
}

func TestNumbersStandForThemselves(t *testing.T) {
	var out strings.Builder
	options := []form.Option{{Value: "1"}, {Value: "3"}, {Value: "5"}}
	got, err := plain.New(&person{&out, []string{"3"}}, &out, newSite()).Choose(t.Context(), "Control planes", options, "1")
	if err != nil || got != "3" || strings.Contains(out.String(), "2. ") {
		t.Errorf("chose %q, %v:\n%s", got, err, out.String())
	}
}

func TestConfirmAndText(t *testing.T) {
	var out strings.Builder
	asker := plain.New(&person{&out, []string{"perhaps", "Y", "bad", "good", "<"}}, &out, newSite())
	if yes, err := asker.Confirm(t.Context(), "Create it", false); err != nil || !yes {
		t.Errorf("%v, %v", yes, err)
	}
	text, err := asker.Text(t.Context(), "Path", "", func(s string) error {
		if s == "bad" {
			return &failure.Error{Summary: "it is bad", Remedy: "Be good."}
		}
		return nil
	})
	if err != nil || text != "good" || !strings.Contains(out.String(), "Error: it is bad\nRemedy: Be good.\n") {
		t.Errorf("%q, %v:\n%s", text, err, out.String())
	}
	if _, err := asker.Confirm(t.Context(), "Sure", true); !plain.Back(err) {
		t.Errorf("going back is %v", err)
	}
}

func TestEndOfInputSaysWhatToDo(t *testing.T) {
	err := plain.New(strings.NewReader("lab\n"), io.Discard, newSite()).Run(t.Context(), newSite().pages())
	if !errors.Is(err, io.ErrUnexpectedEOF) || failure.Remedy(err) == "" || failure.ExitCode(err) != failure.Usage {
		t.Errorf("got %v", err)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	reader, writer := io.Pipe()
	defer writer.Close()
	s := newSite()
	ctx, cancel := context.WithCancel(t.Context())
	prompted := make(chan struct{})
	asker := plain.New(reader, writerFunc(func(b []byte) (int, error) {
		if strings.HasPrefix(string(b), "Name") {
			close(prompted)
		}
		return len(b), nil
	}), s)
	done := make(chan error, 1)
	go func() { done <- asker.Run(ctx, s.pages()) }()
	<-prompted
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	// What is typed after all answers the next question.
	go func() { _, _ = io.WriteString(writer, "yes\n") }()
	if yes, err := asker.Confirm(t.Context(), "Keep it", false); err != nil || !yes {
		t.Errorf("%v, %v", yes, err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
