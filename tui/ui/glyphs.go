package ui

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// UnicodeGlyphs are all one cell wide, also where East Asian widths apply.
func UnicodeGlyphs() Glyphs {
	return Glyphs{
		Done: "✓", Running: "▸", Waiting: "∙", Failed: "✗", Warning: "!", Skipped: "–",
		Cursor: "❯", Bullet: "•", Ellipsis: "…", Horizontal: "─", Vertical: "│", Separator: "›",
		BarFull: "█", BarEmpty: "░",
		Spinner: []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"},
		Border:  lipgloss.RoundedBorder(),
	}
}

// ASCIIGlyphs are as wide as the others, so that both lay out alike.
func ASCIIGlyphs() Glyphs {
	return Glyphs{
		ASCII: true,
		Done:  "+", Running: ">", Waiting: ".", Failed: "x", Warning: "!", Skipped: "-",
		Cursor: ">", Bullet: "*", Ellipsis: "~", Horizontal: "-", Vertical: "|", Separator: ">",
		BarFull: "#", BarEmpty: ".",
		Spinner: []string{"|", "/", "-", "\\"},
		Border: lipgloss.Border{
			Top: "-", Bottom: "-", Left: "|", Right: "|",
			TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+",
			MiddleLeft: "+", MiddleRight: "+", Middle: "+", MiddleTop: "+", MiddleBottom: "+",
		},
	}
}

// asciiFor stands in for what texts of others are known to hold.
var asciiFor = map[rune]byte{
	'…': '~', '–': '-', '—': '-', '‘': '\'', '’': '\'', '“': '"', '”': '"', '·': '-', '•': '*', '∙': '.',
	'×': 'x', '✓': '+', '✗': 'x', '→': '>', '←': '<', '↑': '^', '↓': 'v', '›': '>', '❯': '>', '▸': '>',
	'─': '-', '━': '-', '│': '|', '┃': '|', '█': '#', '░': '.',
	'┌': '+', '┐': '+', '└': '+', '┘': '+', '╭': '+', '╮': '+', '╰': '+', '╯': '+',
	'├': '+', '┤': '+', '┬': '+', '┴': '+', '┼': '+', '½': '/', '\u00a0': ' ',
}

// ASCII replaces what is not ASCII, cell by cell. The program does it to every
// frame on terminals that know no more, since names and messages of others may
// hold anything.
func ASCII(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch c, known := asciiFor[r]; {
		case r < 0x80:
			b.WriteByte(byte(r))
		case known:
			b.WriteByte(c)
		default:
			b.WriteString(strings.Repeat("?", lipgloss.Width(string(r))))
		}
	}
	return b.String()
}
