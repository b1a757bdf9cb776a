package plain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/tui/form"
)

// field asks one question until its answer is taken.
func (a *Asker) field(ctx context.Context, f *form.Field) error {
	switch f.Kind {
	case form.Choice, form.Choices:
		return a.choice(ctx, f)
	case form.Lines:
		return a.lines(ctx, f)
	}
	prompt := clean(f.Title) + kindOf(f) + " [" + a.current(f, nil) + "]: "
	for {
		text, answered, err := a.answer(ctx, f, prompt, "")
		if err != nil {
			return err
		}
		if !answered {
			continue
		}
		if f.Kind == form.Toggle {
			if text, err = parseYesNo(text, f.Answer()); err != nil {
				a.Error(err)
				continue
			}
		}
		if a.take(f, text) {
			return nil
		}
	}
}

// kindOf says what kind of answer is asked for, where that is not plain.
func kindOf(f *form.Field) string {
	switch f.Kind {
	case form.Toggle:
		return ", yes or no"
	case form.Number:
		return ", a number"
	case form.File:
		return ", a file"
	case form.Secret:
		return ", which is not shown"
	}
	return ""
}

// answer reads one, and does what all questions have in common. answered is
// false where it is to be asked again. more is what else can be typed. The
// text is the one so far where nothing was typed.
func (a *Asker) answer(ctx context.Context, f *form.Field, prompt, more string) (text string, answered bool, err error) {
	text, err = a.read(ctx, f.Kind == form.Secret, prompt)
	if err != nil {
		return "", false, err
	}
	if f.Kind != form.Secret {
		text = strings.TrimSpace(text)
	}
	switch text {
	case "":
		return f.Answer(), true, nil
	case "?":
		a.help(f, more)
		return "", false, nil
	case "<":
		return "", false, errBack
	case "-":
		return "", true, nil
	}
	return text, true, nil
}

func (a *Asker) help(f *form.Field, more string) {
	for _, text := range []string{f.Help, more, "Enter keeps the answer, < goes back, - takes the answer back."} {
		if text != "" {
			a.say("%s", clean(text))
		}
	}
	if f.Placeholder != "" {
		a.say("For example: %s", clean(f.Placeholder))
	}
}

// take gives the field an answer, and says why where it is refused.
func (a *Asker) take(f *form.Field, text string) bool {
	err := f.Missing()
	if text != f.Answer() {
		err = f.Take(text)
	}
	if err != nil {
		a.Error(err)
	}
	return err == nil
}

// current is the answer so far as it is read out.
func (a *Asker) current(f *form.Field, options []form.Option) string {
	answer := f.Answer()
	switch {
	case f.Kind == form.Toggle:
		return yesNo(answer == "true")
	case f.Kind == form.Choice && called(answer, options) != "":
		return clean(called(answer, options))
	case answer == "":
		return "none"
	case f.Kind == form.Secret:
		return "set"
	case f.Kind == form.Lines:
		if n := strings.Count(strings.TrimRight(answer, "\n"), "\n") + 1; n > 1 {
			return fmt.Sprintf("%d lines", n)
		}
	case f.Kind == form.Choices:
		names := strings.Split(answer, "\n")
		for i := range names {
			names[i] = cmp.Or(called(names[i], options), names[i])
		}
		answer = strings.Join(names, ", ")
	}
	return clean(answer)
}

// lines asks for several lines, which a single dot ends.
func (a *Asker) lines(ctx context.Context, f *form.Field) error {
	how := "Type the lines, and a single dot on a line after the last."
	for {
		a.say("%s", how)
		text, answered, err := a.answer(ctx, f, clean(f.Title)+" ["+a.current(f, nil)+"]: ", how)
		if err != nil {
			return err
		}
		if !answered {
			continue
		}
		if text != "" && text != f.Answer() {
			all := []string{text}
			for {
				next, err := a.read(ctx, false, "")
				if err != nil {
					return err
				}
				if next == "." {
					break
				}
				all = append(all, next)
			}
			text = strings.Join(all, "\n")
		}
		if a.take(f, text) {
			return nil
		}
	}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// parseYesNo keeps the answer so far as it is, and takes "" for no.
func parseYesNo(text, before string) (string, error) {
	if text == before {
		return before, nil
	}
	switch strings.ToLower(text) {
	case "y", "yes", "true":
		return "true", nil
	case "n", "no", "false", "":
		return "false", nil
	}
	return "", errors.New("please answer with yes or no")
}
