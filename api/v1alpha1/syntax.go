package v1alpha1

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The YAML library's errors.
var (
	unknownAnchor   = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
	syntaxErrorLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
)

// syntaxProblem says where and why YAML cannot be read.
func syntaxProblem(file string, c chunk, err error) *Problem {
	problem := &Problem{File: file, Line: c.before + 1, Column: 1,
		Message: "this is not valid YAML: " + err.Error(),
		Remedy:  "check the indentation, quotes and brackets on this line and the one before it"}
	lines := strings.Split(string(c.text), "\n")
	if match := unknownAnchor.FindStringSubmatch(err.Error()); match != nil {
		for i, text := range lines {
			if at := strings.Index(text, "*"+match[1]); at >= 0 {
				problem.Line, problem.Column = c.before+i+1, at+1
				break
			}
		}
		problem.Message = fmt.Sprintf("the alias *%s has no anchor &%s before it", match[1], match[1])
		problem.Remedy = "write the value out, or put text that begins with * in quotes"
		return problem
	}
	if match := syntaxErrorLine.FindStringSubmatch(err.Error()); match != nil {
		problem.Message = "this is not valid YAML: " + match[2]
		if n, _ := strconv.Atoi(match[1]); n > 0 {
			problem.Line = c.before + min(n, len(lines))
		}
	}
	// The parser trips over a tab at the line that has it or the one after.
	near := problem.Line - c.before
	for _, n := range []int{near, near + 1, near - 1} {
		if n < 1 || n > len(lines) {
			continue
		}
		text := lines[n-1]
		indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
		if tab := strings.IndexByte(indent, '\t'); tab >= 0 {
			problem.Line, problem.Column = c.before+n, tab+1
			problem.Message = "the line is indented with a tab, which YAML does not allow"
			problem.Remedy = "indent with spaces"
			return problem
		}
	}
	// The parser names the line where it gave up; a line that is indented
	// unlike its neighbours above is the more likely culprit.
	if n, ok := oddIndent(lines, near); ok {
		problem.Line, problem.Column = c.before+n, indentOf(lines[n-1])+1
		problem.Message = fmt.Sprintf("the line is indented by %d columns, which fits no line above it", indentOf(lines[n-1]))
		problem.Remedy = "indent it like the fields that it stands beside"
	}
	return problem
}

// oddIndent looks in the lines around near for one whose indentation none of
// the open blocks above it has.
func oddIndent(lines []string, near int) (int, bool) {
	var open []int
	for i, text := range lines {
		n := i + 1
		if n > near+2 {
			break
		}
		trimmed := strings.TrimLeft(text, " ")
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		indent := indentOf(text)
		deeper := len(open) == 0 || indent > open[len(open)-1]
		for len(open) > 0 && open[len(open)-1] > indent {
			open = open[:len(open)-1]
		}
		fits := deeper || (len(open) > 0 && open[len(open)-1] == indent)
		if !fits && n >= near-1 {
			return n, true
		}
		if len(open) == 0 || open[len(open)-1] < indent {
			open = append(open, indent)
		}
		// The fields of a list's item stand beside the first one.
		if rest := strings.TrimLeft(strings.TrimPrefix(trimmed, "-"), " "); strings.HasPrefix(trimmed, "- ") {
			open = append(open, indent+len(trimmed)-len(rest))
		}
	}
	return 0, false
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
