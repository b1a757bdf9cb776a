package form

import (
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// Visible are the page's fields that matter after the answers so far, advanced
// ones included.
func (p *Page) Visible() []Field {
	if p.Fields == nil {
		return nil
	}
	var visible []Field
	for _, field := range p.Fields() {
		if field.Hidden == nil || !field.Hidden() {
			visible = append(visible, field)
		}
	}
	return visible
}

// ProblemsOf finds the first problem of each field, by the field's ID. A
// problem belongs to the field with the longest path that leads to it, so that
// a field for a whole section does not speak for the fields within it.
func ProblemsOf(fields []Field, problems v1alpha1.Problems) map[string]v1alpha1.Problem {
	found := map[string]v1alpha1.Problem{}
	for _, problem := range problems {
		owner, longest := "", -1
		for i := range fields {
			if fields[i].owns(&problem) && len(fields[i].Path) > longest {
				owner, longest = fields[i].ID, len(fields[i].Path)
			}
		}
		if _, known := found[owner]; longest >= 0 && !known {
			found[owner] = problem
		}
	}
	return found
}

// owns says whether problem is of the field's object, at its path or below it.
func (f *Field) owns(problem *v1alpha1.Problem) bool {
	if f.Object == "" || f.Object != problem.Object {
		return false
	}
	below, ok := strings.CutPrefix(problem.Field, f.Path)
	return ok && (f.Path == "" || below == "" || below[0] == '.' || below[0] == '[')
}

// Answer is what the field says so far.
func (f *Field) Answer() string {
	if f.Get == nil {
		return ""
	}
	return f.Get()
}

// Take gives the field an answer; the error says why it is refused.
func (f *Field) Take(text string) error {
	if f.Set == nil {
		return nil
	}
	return f.Set(text)
}

// Missing is why the answer may not stay empty, where no problem of the
// configuration can say so because none is the field's; nil otherwise.
func (f *Field) Missing() error {
	if f.Object != "" || f.Kind == Toggle || f.Answer() != "" {
		return nil
	}
	return f.Take("")
}

// optionsFor is what the field's options depend on.
func (f *Field) optionsFor() string {
	if f.OptionsFor == nil {
		return ""
	}
	return f.OptionsFor()
}
