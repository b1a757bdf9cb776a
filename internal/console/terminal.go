package console

import (
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/term"

	"groundwork.dev/bootstrap/internal/event"
)

// terminal is what is known of where lines go.
type terminal struct {
	colours bool
	// width returns the width in columns; nil where lines may be any length.
	width func() int
}

// terminalOf looks at w. A file or a pipe gets whole lines without colours;
// so does a terminal with NO_COLOR set (no-color.org) or TERM=dumb.
func terminalOf(w io.Writer) terminal {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return terminal{}
	}
	return terminal{
		colours: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		width: func() int {
			width, _, err := term.GetSize(int(f.Fd()))
			if err != nil {
				return 0
			}
			return width
		},
	}
}

// cut shortens s so that it fits beside what already takes used columns.
func (t terminal) cut(s string, used int) string {
	const least = 20 // columns below which cutting would leave nothing to read
	if t.width == nil {
		return s
	}
	room := t.width() - used
	if room < least || utf8.RuneCountInString(s) <= room {
		return s
	}
	return string([]rune(s)[:room-1]) + "…"
}

// colour is an SGR parameter of ECMA-48.
type colour string

const (
	plain  colour = ""
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
	grey   colour = "90"
)

func colourOf(e event.Event) colour {
	switch e.Kind {
	case event.StepFailed:
		return red
	case event.StepFinished, event.Reported:
		return green
	case event.Warning:
		return yellow
	case event.Waiting, event.StepSkipped:
		return grey
	case event.Checked:
		return colourOfCheck(e.Check)
	case event.StepStarted, event.StepUndone, event.MachineMoved, event.Notice:
	}
	return plain
}

func colourOfCheck(c *event.Check) colour {
	if c == nil {
		return plain
	}
	switch c.Result {
	case event.Failed:
		return red
	case event.Warned:
		return yellow
	case event.Skipped:
		return grey
	case event.Passed:
	}
	return green
}

func (t terminal) paint(c colour, s string) string {
	if !t.colours || c == plain {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}
