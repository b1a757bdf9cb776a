package plain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/form"
)

// asked is how far a page has been asked.
type asked struct {
	page *form.Page
	// order are the fields that were asked, by their IDs, the last one last.
	order []string
	// advanced are asked: all of them on request, and those with a problem.
	advanced bool
	wrong    map[string]bool
}

// Ask asks one page until nothing is wrong with it. Back(err) says that the
// answer was to go back to the page before.
func (a *Asker) Ask(ctx context.Context, page *form.Page) error {
	if page.Intro != "" {
		a.say("%s", clean(page.Intro))
	}
	p := &asked{page: page, wrong: map[string]bool{}}
	for {
		if err := a.fields(ctx, p); err != nil {
			return err
		}
		if err := a.offerAdvanced(ctx, p); errors.Is(err, errBack) {
			if !p.back() {
				return errBack
			}
			continue
		} else if err != nil {
			return err
		}
		if p.next() != nil {
			continue
		}
		a.notes(page)
		again, err := a.act(ctx, p)
		if errors.Is(err, errBack) {
			if !p.back() {
				return errBack
			}
			continue
		}
		if err != nil {
			return err
		}
		if again || a.problems(p) {
			continue
		}
		return nil
	}
}

// next is the field to ask next, nil where all have been.
func (p *asked) next() *form.Field {
	fields := p.page.Visible()
	for _, advanced := range []bool{false, true} {
		for i := range fields {
			f := &fields[i]
			wanted := !advanced || p.advanced || p.wrong[f.ID]
			if f.Advanced == advanced && wanted && !slices.Contains(p.order, f.ID) {
				return f
			}
		}
	}
	return nil
}

// back forgets that the last field was asked, and says whether there is one.
func (p *asked) back() bool {
	if len(p.order) == 0 {
		return false
	}
	p.order = p.order[:len(p.order)-1]
	return true
}

// fields asks those that have not been asked yet. They are asked for anew
// after every answer.
func (a *Asker) fields(ctx context.Context, p *asked) error {
	for f := p.next(); f != nil; f = p.next() {
		switch err := a.checked(ctx, p, f); {
		case errors.Is(err, errBack):
			if !p.back() {
				return errBack
			}
		case err != nil:
			return err
		default:
			p.order = append(p.order, f.ID)
		}
	}
	return nil
}

// checked asks one field. A problem with a new answer is said at once, and it
// is asked again; the answer can be kept, since it may be another one that is
// wrong.
func (a *Asker) checked(ctx context.Context, p *asked, f *form.Field) error {
	for {
		before := f.Answer()
		if err := a.field(ctx, f); err != nil {
			return err
		}
		if f.Answer() == before {
			return nil
		}
		problem, wrong := form.ProblemsOf(p.page.Visible(), a.doc.Problems())[f.ID]
		if !wrong {
			return nil
		}
		a.wrong(problem.Message, problem.Remedy)
	}
}

// offerAdvanced asks whether the advanced settings are wanted, once.
func (a *Asker) offerAdvanced(ctx context.Context, p *asked) error {
	count := 0
	for _, f := range p.page.Visible() {
		if f.Advanced {
			count++
		}
	}
	if p.advanced || count == 0 || slices.Contains(p.order, offer) {
		return nil
	}
	question := fmt.Sprintf("There are %d advanced settings. Be asked for them", count)
	if count == 1 {
		question = "There is 1 advanced setting. Be asked for it"
	}
	wanted, err := a.Confirm(ctx, question, false)
	if err != nil {
		return err
	}
	p.advanced = wanted
	p.order = append(p.order, offer)
	return nil
}

// offer stands for the question for the advanced settings among the fields;
// no field has a blank in its ID.
const offer = "advanced settings"

// notes are what follows from the answers.
func (a *Asker) notes(page *form.Page) {
	if page.Notes == nil {
		return
	}
	for _, n := range page.Notes() {
		a.note(n)
	}
}

func (a *Asker) note(n form.Note) {
	if n.Text != "" {
		a.say("%s: %s", [...]string{"Note", "Warning", "Error"}[n.Level], clean(n.Text))
	}
}

// act offers the page's actions; again says that one was done, and may have
// changed what is asked.
func (a *Asker) act(ctx context.Context, p *asked) (again bool, err error) {
	if p.page.Actions == nil || len(p.page.Actions()) == 0 {
		return false, nil
	}
	actions := p.page.Actions()
	options := []form.Option{{Value: "", Label: "go on"}}
	for i, action := range actions {
		options = append(options, form.Option{Value: fmt.Sprint("action ", i), Label: action.Label})
	}
	chosen, err := a.Choose(ctx, "What now", options, "")
	if err != nil || chosen == "" {
		return false, err
	}
	for i, action := range actions {
		if chosen != fmt.Sprint("action ", i) {
			continue
		}
		a.say("Working: %s.", clean(action.Label))
		then, err := action.Run(ctx)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err != nil {
			a.Error(err)
		}
		if then != nil {
			a.note(then())
		}
	}
	return true, nil
}

// problems says what is still wrong with the page, and has those fields asked
// again.
func (a *Asker) problems(p *asked) bool {
	fields := p.page.Visible()
	found := form.ProblemsOf(fields, a.doc.Problems())
	some := false
	for i := range fields {
		f := &fields[i]
		message, remedy := found[f.ID].Message, found[f.ID].Remedy
		if err := f.Missing(); err != nil {
			message, remedy = err.Error(), failure.Remedy(err)
		}
		if message == "" {
			continue
		}
		if !some {
			a.say("This page cannot be left yet.")
		}
		some = true
		a.wrong(strings.TrimSuffix(clean(f.Title), ".")+": "+message, remedy)
		p.wrong[f.ID] = true
		p.order = slices.DeleteFunc(p.order, func(id string) bool { return id == f.ID })
	}
	return some
}
