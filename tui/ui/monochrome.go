package ui

import (
	"strings"
)

// Uncoloured takes the colours out of s and leaves bold, faint, underlined and
// reversed as they are. The program does it to every frame where there may be
// no colours, since components bring colours of their own.
func Uncoloured(s string) string {
	if !strings.Contains(s, "\x1b[") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		at := strings.Index(s, "\x1b[")
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:at])
		s = s[at:]
		end := 2
		for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == ';' || s[end] == ':') {
			end++
		}
		if end == len(s) || s[end] != 'm' {
			b.WriteString(s[:end])
			s = s[end:]
			continue
		}
		b.WriteString(attributes(s[2:end]))
		s = s[end+1:]
	}
}

// attributes is the SGR sequence (ECMA-48, 8.3.117) of what is no colour among
// the parameters, "" for nothing.
func attributes(parameters string) string {
	if parameters == "" {
		return "\x1b[m"
	}
	var kept []string
	list := strings.Split(parameters, ";")
	for i := 0; i < len(list); i++ {
		switch p := list[i]; {
		case p == "38" || p == "48" || p == "58":
			// A colour by number takes one parameter more than its kind, one
			// by red, green and blue three.
			if i+1 < len(list) && list[i+1] == "2" {
				i += 4
			} else {
				i += 2
			}
		case len(p) == 1, p == "21", p == "22", p == "23", p == "24", p == "25", p == "27", p == "28", p == "29":
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "\x1b[" + strings.Join(kept, ";") + "m"
}
