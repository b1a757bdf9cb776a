package form

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// clean makes text of others safe to draw on one line: names and messages come
// from servers and files, and could hold what a terminal obeys.
func clean(s string) string {
	return strings.Join(strings.Fields(cleanLine(s)), " ")
}

// cleanLine is clean with its blanks kept.
func cleanLine(s string) string {
	s = strings.ReplaceAll(ansi.Strip(s), "\t", "  ")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return ' '
		case unicode.IsControl(r), r == '\u2028', r == '\u2029', unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
}
