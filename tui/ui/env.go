package ui

import (
	"io"
	"os"
	"strings"
	"time"

	"groundwork.dev/bootstrap/tui/ui/unasked"
)

// Options say what terminal is drawn on.
type Options struct {
	// Getenv looks environment variables up; nil is os.Getenv.
	Getenv func(string) string
	// Output is the terminal. Without one, or where it is none, there are no
	// colours.
	Output io.Writer
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// ASCII asks for ASCII glyphs whatever the terminal is said to know.
	ASCII bool
}

// NewEnv is what all screens share on the terminal that o describes.
func NewEnv(o Options) *Env {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	ascii := o.ASCII || ASCIIOnly(o.Getenv)
	renderer, monochrome := newRenderer(o.Output, o.Getenv)
	return &Env{Theme: newTheme(renderer, ascii, monochrome), Now: o.Now}
}

// ASCIIOnly says whether the terminal is known for ASCII alone, or is one of
// those that serial lines and virtual machine consoles pretend to be: their
// fonts and lines are not to be trusted with more.
func ASCIIOnly(getenv func(string) string) bool {
	switch getenv("TERM") {
	case "linux", "vt100", "vt102", "vt220", "ansi", "dumb", "":
		return true
	}
	// The first that is set decides, as setlocale(3) has it.
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := getenv(name); value != "" {
			value = strings.ToLower(value)
			return !strings.Contains(value, "utf-8") && !strings.Contains(value, "utf8")
		}
	}
	return true
}

func init() { unasked.Done() }
