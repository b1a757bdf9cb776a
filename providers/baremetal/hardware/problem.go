package hardware

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with the file.
type Problem struct {
	File string `json:"file"`
	// Row is the line in the file, from 1; 0 for the file as a whole.
	Row int `json:"row,omitempty"`
	// Machine is the row's hostname, where it has one.
	Machine string `json:"machine,omitempty"`
	Column  string `json:"column,omitempty"`
	// Position is where in its line the value begins, in bytes from 1; 0
	// where there is no row.
	Position int    `json:"position,omitempty"`
	Message  string `json:"message"`
	Remedy   string `json:"remedy"`
}

// String is the problem on one line, remedy included.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Row > 0 {
		fmt.Fprintf(&b, ":%d", p.Row)
	}
	b.WriteString(": ")
	for _, part := range []string{p.Machine, p.Column} {
		if part != "" {
			b.WriteString(part + ": ")
		}
	}
	b.WriteString(p.Message + "; " + p.Remedy)
	return b.String()
}

// maxProblems bounds what is reported of one file.
const maxProblems = 200

// Problems are all the problems of a file, in the order of the file.
type Problems []Problem

// Error is one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

// quote shows a value on one line, cut to what helps to find it.
func quote(value string) string {
	const most = 60
	if runes := []rune(value); len(runes) > most {
		return fmt.Sprintf("%q…", string(runes[:most]))
	}
	return fmt.Sprintf("%q", value)
}
