package form_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/tuitest"
)

// plainPage has fields alone.
func plainPage(fields ...form.Field) form.Page {
	return form.Page{ID: "p", Title: "P", Fields: func() []form.Field { return fields }}
}

// variable is a field over a variable.
func variable(id string, kind form.Kind, value *string) form.Field {
	return form.Field{
		ID: id, Kind: kind, Title: id, Help: "Help for " + id + ".",
		Get: func() string { return *value }, Set: func(s string) error { *value = s; return nil },
	}
}

func drive(t *testing.T, page form.Page, doc form.Document, width, height int) (*tuitest.Driver, *screen) {
	t.Helper()
	view := &screen{Model: form.New(tuitest.Env(), page, doc)}
	t.Cleanup(view.Close)
	return tuitest.Body(t, view, width, height), view
}

func TestLongPagesScroll(t *testing.T) {
	answers := make([]string, 40)
	var fields []form.Field
	for i := range answers {
		answers[i] = fmt.Sprint("answer ", i)
		fields = append(fields, variable(fmt.Sprintf("Question %02d", i), form.Text, &answers[i]))
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		d, _ := drive(t, plainPage(fields...), newSite(), size[0], size[1])
		for i := range answers {
			title := fmt.Sprintf("❯   Question %02d", i)
			if !strings.Contains(d.Screen(), title) || !strings.Contains(d.Screen(), fmt.Sprintf("Help for Question %02d.", i)) {
				t.Fatalf("%q is not seen:\n%s", title, d.Screen())
			}
			if i == 25 {
				d.Golden(fmt.Sprintf("long-%dx%d", size[0], size[1]))
			}
			d.Press("down")
		}
		for range answers {
			d.Press("up")
		}
		d.Wait("❯   Question 00")
		if strings.Contains(d.Screen(), "more above") {
			t.Error(d.Screen())
		}
	}
}

func TestYAMLPane(t *testing.T) {
	s := newSite()
	d, _ := start(t, s, 120, 40)
	d.Golden("entered-120x40")
	d.Type("-2")
	d.Press("tab")
	d.Golden("changed-120x40") // the changed line is marked
	d.Press("ctrl+y")
	d.Golden("yaml-120x40")
	d.Press("ctrl+y")
	d.WaitGone("kind: Site")
	d.Press("ctrl+y")
	d.Wait("kind: Site", "Name")
	d.Resize(80, 20)
	d.WaitGone("kind: Site") // there is no room beside
	d.Press("ctrl+y")
	d.Wait("kind: Site")
}

// pages is a document of many lines.
type pages struct {
	*site
	lines []string
}

func (p *pages) YAML() string { return strings.Join(p.lines, "\n") }

func TestYAMLPaneFollowsTheChange(t *testing.T) {
	doc := &pages{site: newSite()}
	for i := range 200 {
		doc.lines = append(doc.lines, fmt.Sprintf("line%03d: x", i))
	}
	field := variable("f", form.Text, new(string))
	field.Set = func(s string) error { doc.lines[150] = "line150: " + s; return nil }
	d, _ := drive(t, plainPage(field, variable("g", form.Text, new(string))), doc, 120, 40)
	d.Wait("line000")
	d.Type("new")
	d.Press("tab")
	d.Wait("▸ line150: new")
	if strings.Contains(d.Screen(), "line000") {
		t.Error(d.Screen())
	}
	d.Press("ctrl+y", "G")
	d.Wait("line199")
	d.Press("g")
	d.Wait("line000")
	d.Press("pgdn", "down", "esc")
	d.Wait("line037")
}

func TestNotesTheWorstFirst(t *testing.T) {
	page := plainPage(variable("f", form.Text, new(string)))
	page.Notes = func() []form.Note {
		notes := []form.Note{}
		for i := range 9 {
			notes = append(notes, form.Note{Text: fmt.Sprintf("Fact %d.", i)})
		}
		return append(notes, form.Note{Level: form.Warning, Text: "Pods and hosts overlap."}, form.Note{Level: form.Error, Text: "No room."})
	}
	d, _ := drive(t, page, newSite(), 80, 24)
	d.Golden("notes-80x24")
}

func TestASCII(t *testing.T) {
	s := newSite()
	s.answers["network"] = "/Düsseldorf/network/front"
	view := &screen{Model: form.New(tuitest.ASCIIEnv(), s.page(), s)}
	d := tuitest.Body(t, view, 120, 40)
	view.FocusField("datacenter")
	d.Press("enter")
	d.Wait("Leipzig")
	d.Golden("ascii-120x40")
}

func TestTextOfOthersCannotObeyed(t *testing.T) {
	value := "a\x1b[31mb\x1b]0;title\x07\tc\nd"
	d, _ := drive(t, plainPage(variable("x", form.Toggle, new(string)), variable("y\x1b[2J", form.Choice, &value)), newSite(), 80, 24)
	d.Wait("ab")
	if raw := d.Raw(); strings.Contains(raw, "\x1b]") || strings.Contains(raw, "[2J") || strings.Contains(raw, "\x07") {
		t.Errorf("%q", raw)
	}
}

func TestFileCompletion(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"hosts.csv", "hosts-old.csv", ".hidden", "keys/id_rsa.pub"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var answer, other string
	d, _ := drive(t, plainPage(variable("file", form.File, &answer), variable("other", form.Text, &other)), newSite(), 80, 24)
	d.Paste(folder + "/")
	d.Wait("hosts.csv", "hosts-old.csv", "keys/")
	if strings.Contains(d.Screen(), ".hidden") {
		t.Errorf("hidden files:\n%s", d.Screen())
	}
	d.Type("h")
	d.Press("tab") // as far as they agree
	d.WaitGone("keys/")
	d.Type(".")
	d.Press("tab", "tab") // completes, then goes on
	if answer != folder+"/hosts.csv" {
		t.Fatalf("the file is %q:\n%s", answer, d.Screen())
	}
	d.Press("up", "ctrl+o")
	for range len("hosts.csv") {
		d.Press("backspace")
	}
	d.Wait("keys/")
	d.Press("down", "down", "down", "enter") // into the folder
	d.Wait("id_rsa.pub")
	d.Press("down", "enter")
	if answer != folder+"/keys/id_rsa.pub" {
		t.Errorf("the file is %q:\n%s", answer, d.Screen())
	}
}

func TestProposalsForText(t *testing.T) {
	var answer, other string
	field := variable("zone", form.Text, &answer)
	field.Options = func(context.Context) ([]form.Option, error) {
		return []form.Option{{Value: "zone-a"}, {Value: "zone-b"}}, nil
	}
	d, _ := drive(t, plainPage(field, variable("other", form.Text, &other)), newSite(), 80, 24)
	d.Type("zo")
	d.Wait("zone-b")
	d.Press("enter") // what is typed, not what is proposed
	if answer != "zo" {
		t.Errorf("answered %q", answer)
	}
	d.Press("up", "backspace")
	d.Type("i") // typed on from what was changed in place
	d.Press("enter")
	if answer != "zi" {
		t.Errorf("answered %q", answer)
	}
	d.Press("up", "ctrl+o", "down", "down", "enter")
	if answer != "zone-b" {
		t.Errorf("answered %q:\n%s", answer, d.Screen())
	}
}

func TestChoicesKeepWhatIsNotOffered(t *testing.T) {
	answer := "black\nblue"
	field := variable("tags", form.Choices, &answer)
	field.FreeText = true
	field.Options = func(context.Context) ([]form.Option, error) {
		return []form.Option{{Value: "blue"}, {Value: "green"}}, nil
	}
	d, _ := drive(t, plainPage(field, variable("other", form.Text, new(string))), newSite(), 80, 24)
	d.Wait("black, blue")
	d.Press("enter")
	d.Wait("[x] black", "[x] blue", "[ ] green")
	d.Type("gre")
	d.Press("space")
	for range 3 {
		d.Press("backspace")
	}
	d.Type("odd")
	d.Press("space")
	d.Golden("choices-80x24")
	d.Press("enter")
	if got := strings.Split(answer, "\n"); !slices.Equal(got, []string{"black", "blue", "green", "odd"}) {
		t.Errorf("answered %q", got)
	}
}

// BenchmarkKeyToFrame is a key in the filter of a list of two thousand virtual
// machines, with the YAML of a large site beside it.
func BenchmarkKeyToFrame(b *testing.B) {
	var options []form.Option
	for i := range 2000 {
		options = append(options, form.Option{Value: fmt.Sprintf("/dc/vm/template-%04d", i), Detail: "Ubuntu 24.04"})
	}
	field := variable("template", form.Choice, new(string))
	field.Options = func(context.Context) ([]form.Option, error) { return options, nil }
	doc := &pages{site: newSite()}
	for i := range 600 {
		doc.lines = append(doc.lines, fmt.Sprintf("line%03d: x", i))
	}
	m := form.New(tuitest.Env(), plainPage(field), doc)
	defer m.Close()
	batch, _ := m.Init()().(tea.BatchMsg)
	m.Update(batch[0]())
	m.Update(tea.KeyMsg{Type: tea.KeyEnter})
	press := []tea.KeyMsg{{Type: tea.KeyRunes, Runes: []rune("1")}, {Type: tea.KeyDown}, {Type: tea.KeyBackspace}}
	for i := 0; b.Loop(); i++ {
		m.Update(press[i%len(press)])
		if m.View(120, 36) == "" {
			b.Fatal("nothing is drawn")
		}
	}
}
