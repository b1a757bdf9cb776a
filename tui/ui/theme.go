package ui

import "github.com/charmbracelet/lipgloss"

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

// Glyphs are the characters beyond letters that are drawn.
type Glyphs struct {
	ASCII                                                     bool
	Done, Running, Waiting, Failed, Warning, Skipped          string
	Cursor, Bullet, Ellipsis, Horizontal, Vertical, Separator string
	BarFull, BarEmpty                                         string
	Spinner                                                   []string
	Border                                                    lipgloss.Border
}
