package v1alpha1

import (
	"fmt"
	"strings"
)

// Problem is one thing in the configuration that a person has to know.
type Problem struct {
	File string `json:"file"`
	// Line and Column count from 1; 0 where the object came from no file.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Object is "Kind/name", or as much of it as is known.
	Object string `json:"object,omitempty"`
	// Field is the path in the object, such as
	// "spec.workerNodeGroupConfigurations[0].count".
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
}

// String is the problem on one line, remedy included.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	for _, part := range []string{p.Object, p.Field} {
		if part != "" {
			b.WriteString(part + ": ")
		}
	}
	b.WriteString(p.Message)
	if p.Remedy != "" {
		b.WriteString("; " + p.Remedy)
	}
	return b.String()
}

// maxProblems bounds what is reported of one file: a file that is wrong
// throughout is not read to its end by anyone.
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

// errorOrNil avoids the typed nil that an empty list would be in an error.
func (p Problems) errorOrNil() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// capped cuts p to maxProblems, and says so.
func (p Problems) capped(file string) Problems {
	if len(p) <= maxProblems {
		return p
	}
	return append(p[:maxProblems:maxProblems], Problem{
		File:    file,
		Message: fmt.Sprintf("there are more than %d problems, and the others are not shown", maxProblems),
		Remedy:  "correct those above first",
	})
}

// quote shows a value in a message: on one line and cut to what helps to find
// it, since a value may be a whole file that was pasted in.
func quote(value string) string {
	const most = 60
	runes := []rune(value)
	if len(runes) > most {
		return fmt.Sprintf("%q…", string(runes[:most]))
	}
	return fmt.Sprintf("%q", value)
}
