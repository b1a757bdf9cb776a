// Package plain asks the pages of the terminal interface as plain questions,
// one line at a time, for screen readers and for terminals that can do no
// more. The answers are checked as they are on the screen.
package plain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/ui"
)

// Asker asks questions and reads the answers. It is used by one goroutine at a
// time.
type Asker struct {
	in  *input
	out io.Writer
	doc form.Document
}

// New asks on out and reads from in. Secrets are read without echo where in is
// a terminal.
func New(in io.Reader, out io.Writer, doc form.Document) *Asker {
	return &Asker{in: newInput(in), out: out, doc: doc}
}

// errBack is the answer that goes back to the question before.
var errBack = errors.New("back")

// Back says whether err is the answer that goes back, of a question that is
// none of a page.
func Back(err error) bool { return errors.Is(err, errBack) }

// Run asks all pages, in their order and back, and ends when the last one is
// answered without problems. It fails when ctx ends, or the input does: the
// answers that were given stay.
func (a *Asker) Run(ctx context.Context, pages []form.Page) error {
	a.say("Press enter to keep the answer in brackets. Type ? for help, < to go back, and - to take an answer back.")
	for i := 0; i < len(pages); {
		if hidden(&pages[i]) {
			i++
			continue
		}
		a.say("")
		number, of := place(pages, i)
		a.say("%s, page %d of %d.", pages[i].Title, number, of)
		err := a.Ask(ctx, &pages[i])
		switch {
		case err == nil:
			i++
		case errors.Is(err, errBack):
			before := i - 1
			for before >= 0 && hidden(&pages[before]) {
				before--
			}
			if before < 0 {
				a.say("This is the first page.")
				before = i
			}
			i = before
		default:
			return err
		}
	}
	return nil
}

func hidden(p *form.Page) bool { return p.Hidden != nil && p.Hidden() }

// place counts the pages that matter now.
func place(pages []form.Page, i int) (number, of int) {
	for n := range pages {
		if hidden(&pages[n]) {
			continue
		}
		of++
		if n <= i {
			number++
		}
	}
	return number, of
}

// Confirm asks a question of yes or no; Back(err) says that the answer was to
// go back.
func (a *Asker) Confirm(ctx context.Context, question string, answer bool) (bool, error) {
	text := strconv.FormatBool(answer)
	field := form.Field{
		Kind: form.Toggle, Title: question,
		Get: func() string { return text },
		Set: func(s string) error { text = s; return nil },
	}
	err := a.field(ctx, &field)
	return text == "true", err
}

// Choose asks for one of options and returns its value; Back(err) says that
// the answer was to go back.
func (a *Asker) Choose(ctx context.Context, question string, options []form.Option, value string) (string, error) {
	field := form.Field{
		Kind: form.Choice, Title: question,
		Get:     func() string { return value },
		Set:     func(s string) error { value = s; return nil },
		Options: func(context.Context) ([]form.Option, error) { return options, nil },
	}
	err := a.field(ctx, &field)
	return value, err
}

// Text asks for a line, which check may refuse; Back(err) says that the answer
// was to go back.
func (a *Asker) Text(ctx context.Context, question, value string, check func(string) error) (string, error) {
	field := form.Field{
		Kind: form.Text, Title: question,
		Get: func() string { return value },
		Set: func(s string) error {
			if check != nil {
				if err := check(s); err != nil {
					return err
				}
			}
			value = s
			return nil
		},
	}
	err := a.field(ctx, &field)
	return value, err
}

// Say writes a line.
func (a *Asker) Say(text string) { a.say("%s", text) }

// Error says what is wrong and what to do about it.
func (a *Asker) Error(err error) { a.wrong(err.Error(), failure.Remedy(err)) }

func (a *Asker) wrong(message, remedy string) {
	a.say("Error: %s", clean(message))
	if remedy != "" {
		a.say("Remedy: %s", clean(remedy))
	}
}

// say writes a line. A terminal that cannot be written to is noticed by
// reading from it.
func (a *Asker) say(format string, values ...any) {
	_, _ = fmt.Fprintf(a.out, format+"\n", values...)
}

// read prompts and reads a line.
func (a *Asker) read(ctx context.Context, secret bool, prompt string) (string, error) {
	_, _ = io.WriteString(a.out, prompt)
	line, err := a.in.read(ctx, secret)
	if secret {
		a.say("") // the key that ended it was not echoed either
	}
	if errors.Is(err, io.EOF) {
		return "", &failure.Error{
			Code: failure.Usage, Summary: "the input ended before all questions were answered", Err: io.ErrUnexpectedEOF,
			Remedy: "Answer the questions on a terminal, or run the command with a finished configuration file.",
		}
	}
	return line, err
}

// clean makes text of others fit for one line.
func clean(s string) string { return strings.Join(strings.Fields(ui.Clean(s)), " ") }
