package plain

import (
	"bufio"
	"context"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// input reads lines, each of them on a goroutine: a read from a terminal ends
// with the line and not with a context.
type input struct {
	reader *bufio.Reader
	// terminal is where secrets are read without echo, nil for none.
	terminal *os.File
	// pending is the read that a context left behind, nil for none; its line
	// answers the next question.
	pending chan line
}

type line struct {
	text string
	err  error
}

func newInput(in io.Reader) *input {
	i := &input{reader: bufio.NewReader(in)}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		i.terminal = f
	}
	return i
}

// read gives the next line without its end.
func (i *input) read(ctx context.Context, secret bool) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	restore := func() {}
	if i.pending == nil {
		next := i.line
		// What was typed ahead has been echoed, and is in the buffer already.
		if secret && i.terminal != nil && i.reader.Buffered() == 0 {
			if state, err := term.GetState(int(i.terminal.Fd())); err == nil {
				restore = func() { _ = term.Restore(int(i.terminal.Fd()), state) }
			}
			next = i.hiddenLine
		}
		answered := make(chan line, 1)
		i.pending = answered
		go func() { answered <- next() }()
	}
	select {
	case l := <-i.pending:
		i.pending = nil
		return l.text, l.err
	case <-ctx.Done():
		restore() // or the shell would not echo
		return "", ctx.Err()
	}
}

func (i *input) line() line {
	text, err := i.reader.ReadString('\n')
	if err == io.EOF && text != "" {
		err = nil // the last line need not end
	}
	return line{strings.TrimRight(text, "\r\n"), err}
}

func (i *input) hiddenLine() line {
	text, err := term.ReadPassword(int(i.terminal.Fd()))
	return line{string(text), err}
}
