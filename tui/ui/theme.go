package ui

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Theme is how things look. With NO_COLOR the styles have no colours, and on
// terminals that may know ASCII alone the glyphs are ASCII.
type Theme struct {
	Renderer *lipgloss.Renderer
	Glyphs   Glyphs

	Title, Text, Faint, Accent     lipgloss.Style
	Good, Warning, Bad, Selected   lipgloss.Style
	Label, Value, Focused, Header  lipgloss.Style
	Footer, FooterKey, Border, Box lipgloss.Style
}

// Glyphs are the characters beyond letters that are drawn. Each is one cell
// wide.
type Glyphs struct {
	ASCII                                                     bool
	Done, Running, Waiting, Failed, Warning, Skipped          string
	Cursor, Bullet, Ellipsis, Horizontal, Vertical, Separator string
	BarFull, BarEmpty                                         string
	Spinner                                                   []string
	Border                                                    lipgloss.Border
}

// newTheme takes colours that can be read on light and on dark terminals, so
// that no terminal has to be asked for its background: some never answer.
func newTheme(r *lipgloss.Renderer, ascii bool) Theme {
	t := Theme{Renderer: r, Glyphs: UnicodeGlyphs()}
	if ascii {
		t.Glyphs = ASCIIGlyphs()
	}
	color := func(full, ansi256, ansi string) lipgloss.CompleteColor {
		return lipgloss.CompleteColor{TrueColor: full, ANSI256: ansi256, ANSI: ansi}
	}
	var (
		plain = r.NewStyle()
		// #767676 has a contrast of 4.5 both on white and on black. Of the
		// sixteen colours none is a grey to rely on: the terminal's own faint is.
		faint  = plain.Foreground(color("#767676", "243", ""))
		accent = plain.Foreground(color("#0087af", "31", "6"))
		good   = plain.Foreground(color("#008700", "28", "2"))
		warn   = plain.Foreground(color("#af8700", "136", "3"))
		bad    = plain.Foreground(color("#d70000", "160", "1"))
	)
	if r.ColorProfile() == termenv.ANSI {
		faint = plain.Faint(true)
	}
	t.Text, t.Value, t.Label = plain, plain, plain
	t.Faint, t.Footer, t.Border = faint, faint, faint
	t.Accent, t.Good, t.Warning, t.Bad = accent, good, warn, bad.Bold(true)
	t.Title = plain.Bold(true)
	t.Header = accent.Bold(true)
	t.Focused = accent.Bold(true)
	t.FooterKey = plain.Bold(true)
	t.Selected = plain.Reverse(true)
	t.Box = plain.Border(t.Glyphs.Border).BorderForeground(accent.GetForeground()).Padding(0, 1)
	return t
}

// newRenderer decides what colours there are.
func newRenderer(output io.Writer, getenv func(string) string) *lipgloss.Renderer {
	profile := termenv.Ascii
	if output == nil {
		output = io.Discard
	} else if getenv("NO_COLOR") == "" {
		profile = termenv.NewOutput(output, termenv.WithEnvironment(environ{getenv})).ColorProfile()
	}
	switch term := getenv("TERM"); {
	case strings.HasPrefix(term, "vt"):
		profile = termenv.Ascii
	case term == "linux" && profile < termenv.ANSI:
		profile = termenv.ANSI // whatever COLORTERM says, which su and ssh keep
	}
	r := lipgloss.NewRenderer(output)
	r.SetColorProfile(profile)
	// Said instead of asked: the question would be written to the terminal,
	// and its answer be waited for.
	r.SetHasDarkBackground(true)
	return r
}

// environ gives termenv an environment that can be a test's.
type environ struct{ getenv func(string) string }

func (e environ) Getenv(name string) string { return e.getenv(name) }
func (e environ) Environ() []string         { return nil }
