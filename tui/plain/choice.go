package plain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"groundwork.dev/bootstrap/tui/form"
)

const (
	// mostRead is how many options are read out at a time.
	mostRead = 20
	// quiet is how long options may take before it is said that they do.
	quiet = time.Second
)

// menu are the options that were read out last, which numbers stand for.
type menu struct {
	all, shown []form.Option
	numbered   bool
}

// choice asks for one or several options.
func (a *Asker) choice(ctx context.Context, f *form.Field) error {
	options, failed := a.options(ctx, f)
	if err := ctx.Err(); err != nil {
		return err
	}
	// Numbers beside options that are numbers would be told wrong.
	m := &menu{all: options, numbered: !slices.ContainsFunc(options, isNumber)}
	more := howToChoose(f, m)
	a.say("%s", clean(f.Title)+":")
	m.shown = options
	a.readOut(m, failed == nil)
	for {
		text, answered, err := a.answer(ctx, f, "Your choice ["+a.current(f, options)+"]: ", more)
		if err != nil {
			return err
		}
		switch {
		case !answered:
			continue
		case text == "!" && failed != nil:
			return a.choice(ctx, f)
		case text != f.Answer() && text != "":
			if text, answered = a.pick(f, m, text); !answered {
				continue
			}
		}
		if a.take(f, text) {
			return nil
		}
	}
}

func isNumber(o form.Option) bool {
	_, err := strconv.Atoi(name(&o))
	return err == nil
}

func howToChoose(f *form.Field, m *menu) string {
	how := "Type an option"
	if m.numbered {
		how = "Type the number of an option, or a part of its name"
	}
	if f.Kind == form.Choices {
		how += "; several with commas between them"
	}
	if f.FreeText {
		how += ". Another value can be typed after an equals sign"
	}
	return how + "."
}

// options loads them; why they could not be is said.
func (a *Asker) options(ctx context.Context, f *form.Field) ([]form.Option, error) {
	if f.Options == nil {
		return nil, nil
	}
	type loaded struct {
		options []form.Option
		err     error
	}
	done := make(chan loaded, 1)
	go func() {
		options, err := f.Options(ctx)
		done <- loaded{options, err}
	}()
	waiting := time.NewTimer(quiet)
	defer waiting.Stop()
	for {
		select {
		case l := <-done:
			if l.err != nil && ctx.Err() == nil {
				a.Error(l.err)
				a.say("Type ! to load the choices of %s again.", clean(f.Title))
			}
			return l.options, l.err
		case <-waiting.C:
			a.say("Loading the choices of %s.", clean(f.Title))
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// readOut says the options of a menu.
func (a *Asker) readOut(m *menu, loaded bool) {
	if len(m.shown) == 0 && loaded {
		a.say("There is nothing to choose from.")
	}
	for i, o := range m.shown {
		if i == mostRead {
			a.say("And %d more. Type a part of a name to hear those that have it.", len(m.shown)-i)
			return
		}
		said := clean(name(&o))
		if m.numbered {
			said = fmt.Sprintf("%d. %s", i+1, said)
		}
		if o.Detail != "" {
			said += ", " + clean(o.Detail)
		}
		a.say("%s", said)
	}
}

// pick makes an answer of what was typed.
func (a *Asker) pick(f *form.Field, m *menu, text string) (answer string, ok bool) {
	if f.Kind != form.Choices {
		return a.one(f, m, text)
	}
	var picked []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		value, ok := a.one(f, m, part)
		if !ok {
			return "", false
		}
		if !slices.Contains(picked, value) {
			picked = append(picked, value)
		}
	}
	return strings.Join(picked, "\n"), true
}

// one finds the option that is meant by text: by its number among those that
// were read out, its value or name, or a part that no other one has.
func (a *Asker) one(f *form.Field, m *menu, text string) (string, bool) {
	if typed, ok := strings.CutPrefix(text, "="); ok && f.FreeText {
		return strings.TrimSpace(typed), true
	}
	if n, err := strconv.Atoi(text); err == nil && m.numbered && n >= 1 && n <= len(m.shown) {
		return m.shown[n-1].Value, true
	}
	var found []form.Option
	for _, o := range m.all {
		if strings.EqualFold(o.Value, text) || strings.EqualFold(o.Label, text) {
			return o.Value, true
		}
		if strings.Contains(strings.ToLower(o.Label+" "+o.Value+" "+o.Detail), strings.ToLower(text)) {
			found = append(found, o)
		}
	}
	switch {
	case len(found) == 1:
		return found[0].Value, true
	case len(found) > 1:
		a.say("%d options have %q:", len(found), text)
		m.shown = found
		a.readOut(m, true)
		return "", false
	case f.FreeText:
		return text, true
	}
	a.Error(errors.New("there is no option like " + strconv.Quote(text)))
	return "", false
}

// name is how an option is called.
func name(o *form.Option) string {
	if o.Label != "" {
		return o.Label
	}
	return o.Value
}

// called is how a value is called among options, "" where it is none of them.
func called(value string, options []form.Option) string {
	for i := range options {
		if options[i].Value == value {
			return name(&options[i])
		}
	}
	return ""
}
