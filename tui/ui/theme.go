package ui

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
	"golang.org/x/term"
)

// Theme is how things look. With NO_COLOR the styles have no colours, and on
// terminals that may know ASCII alone the glyphs are ASCII.
type Theme struct {
	Renderer *lipgloss.Renderer
	Glyphs   Glyphs
	// Monochrome says that nothing may have a colour. What is bold or reversed
	// stays so.
	Monochrome bool

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
func newTheme(r *lipgloss.Renderer, ascii, monochrome bool) Theme {
	t := Theme{Renderer: r, Glyphs: UnicodeGlyphs(), Monochrome: monochrome}
	if ascii {
		t.Glyphs = ASCIIGlyphs()
	}
	color := func(full, ansi256, ansi string) lipgloss.TerminalColor {
		if monochrome {
			return lipgloss.NoColor{}
		}
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
	if r.ColorProfile() == termenv.ANSI && !monochrome {
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

// newRenderer decides what colours there are, and whether there may be none.
func newRenderer(output io.Writer, getenv func(string) string) (r *lipgloss.Renderer, monochrome bool) {
	name := getenv("TERM")
	// Terminals of the VT family reverse and embolden, and have no colours.
	monochrome = getenv("NO_COLOR") != "" || strings.HasPrefix(name, "vt")
	profile := termenv.Ascii
	switch {
	case !terminal(output) || name == "dumb":
		output = io.Discard
	case monochrome:
		profile = termenv.ANSI
	default:
		profile = termenv.NewOutput(output, termenv.WithEnvironment(environ{getenv})).ColorProfile()
		if name == "linux" {
			profile = max(profile, termenv.ANSI) // COLORTERM may have come from elsewhere, by su or ssh
		}
	}
	r = lipgloss.NewRenderer(output)
	r.SetColorProfile(profile)
	// Said instead of asked: the question would be written to the terminal,
	// and its answer be waited for.
	r.SetHasDarkBackground(true)
	return r, monochrome
}

func terminal(output io.Writer) bool {
	file, ok := output.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}

// environ gives termenv an environment that can be a test's.
type environ struct{ getenv func(string) string }

func (e environ) Getenv(name string) string { return e.getenv(name) }
func (e environ) Environ() []string         { return nil }
