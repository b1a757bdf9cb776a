package cluster

import (
	"context"
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// asker makes fields of one object of a draft.
type asker struct {
	draft *draft.Draft
	// object is as problems name it, prefix is before every path.
	object, prefix string
}

// ofCluster asks for fields of the Cluster's spec.
func ofCluster(d *draft.Draft, path string) asker {
	object, prefix := d.ClusterField(path)
	return asker{draft: d, object: object, prefix: strings.TrimSuffix(prefix, ".")}
}

// of asks for fields of another object's spec.
func of(d *draft.Draft, object, path string) asker {
	return asker{draft: d, object: object, prefix: strings.TrimSuffix("spec."+path, ".")}
}

// below asks for fields below path.
func (a asker) below(path string) asker {
	a.prefix = a.at(path)
	return a
}

func (a asker) at(path string) string {
	switch {
	case path == "":
		return a.prefix
	case path[0] == '[':
		return a.prefix + path
	}
	return a.prefix + "." + path
}

// ask makes the field for the value at path.
func (a asker) ask(id, title, path, help string, value answer) form.Field {
	return form.Field{ID: id, Kind: value.kind, Title: title, Help: help, Object: a.object, Path: a.at(path),
		Get: value.get,
		Set: func(typed string) error {
			if err := value.set(typed); err != nil {
				return err
			}
			a.draft.Changed()
			return nil
		}}
}

// problem is the first problem at path or below.
func (a asker) problem(path string) *v1alpha1.Problem {
	for _, p := range a.draft.Problems() {
		if p.Object == a.object && within(p.Field, a.at(path)) {
			return &p
		}
	}
	return nil
}

// within reports whether a field is at path or below it.
func within(field, path string) bool {
	rest, found := strings.CutPrefix(field, path)
	return found && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// choose makes a field one of options.
func choose(f form.Field, options ...form.Option) form.Field {
	f.Kind = form.Choice
	f.OptionsFor = func() string { return fmt.Sprint(options) }
	f.Options = func(context.Context) ([]form.Option, error) { return options, nil }
	return f
}

// example makes an empty field show what could stand there.
func example(f form.Field, text string) form.Field {
	f.Placeholder = "such as " + text
	return f
}

// means makes an empty field show what its emptiness means.
func means(f form.Field, text string) form.Field {
	f.Placeholder = text
	return f
}

// advanced makes fields that are shown on request.
func advanced(fields ...form.Field) []form.Field {
	for i := range fields {
		fields[i].Advanced = true
	}
	return fields
}

// notes are what the draft says of these objects and paths: each is "object
// path".
func notes(d *draft.Draft, about ...func(object, field string) bool) []form.Note {
	var all []form.Note
	for _, n := range d.Notes() {
		for _, applies := range about {
			if applies(n.Object, n.Field) {
				all = append(all, form.Note{Level: form.Warning, Text: sentence(n.Message) + " " + sentence(n.Remedy)})
				break
			}
		}
	}
	return all
}

// at is true of an object's field and what is below it.
func at(object, path string) func(object, field string) bool {
	return func(noted, field string) bool { return noted == object && within(field, path) }
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
