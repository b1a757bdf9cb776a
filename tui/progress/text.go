package progress

import (
	"strings"
	"unicode"
)

// oneLine is what another program said, on one line, and kept from moving the
// cursor or changing colours.
func oneLine(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Join(strings.Fields(printable(s)), " ")
}

// printable is s without control characters but for line breaks.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, s)
}
