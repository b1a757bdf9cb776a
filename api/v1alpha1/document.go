package v1alpha1

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// position is a place in the file; both count from 1.
type position struct{ line, column int }

// document is one YAML document of the file and where its fields are.
type document struct {
	root       *yaml.Node
	kind, name string
	// fields maps a field's path to its place: the key's for a field, the
	// item's own in a list.
	fields map[string]position
	// renamed maps a path of the decoded object to the path in the file,
	// where an old kind was turned into a new one.
	renamed map[string]string
}

// at is where the field at path stands, or the nearest field above it.
func (d *document) at(path string) position {
	for {
		if p, ok := d.fields[path]; ok {
			return p
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return d.fields[""]
		}
		path = path[:cut]
	}
}

// object is how a problem names the document.
func (d *document) object() string {
	switch {
	case d.kind == "":
		return ""
	case d.name == "":
		return d.kind
	}
	return d.kind + "/" + d.name
}

// parseDocuments splits data into its documents and parses each, so that a
// broken one does not hide the problems of the others.
func parseDocuments(file string, data []byte) ([]*document, Problems) {
	if p := checkText(file, data); p != nil {
		return nil, Problems{*p}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	// Editors count a carriage return as a line end whether or not a line
	// feed follows, and so do the positions of problems.
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))

	var documents []*document
	chunks, problems := splitDocuments(file, data)
	for _, chunk := range chunks {
		parsed, problem := parseChunk(file, chunk)
		documents = append(documents, parsed...)
		if problem != nil {
			problems = append(problems, *problem)
		}
	}
	return documents, problems
}

// checkText refuses what cannot be a text file, saying what it looks like.
func checkText(file string, data []byte) *Problem {
	problem := Problem{File: file, Remedy: "check that this is the configuration file"}
	switch {
	case len(data) > MaxFileSize:
		problem.Message = tooLarge(int64(len(data)))
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		problem.Message, problem.Remedy = "the file is UTF-16 text", "save it as UTF-8"
	case bytes.IndexByte(data, 0) >= 0:
		problem.Message = "this is a binary file, not YAML"
	case !utf8.Valid(data):
		problem.Line, problem.Column = invalidUTF8(data)
		problem.Message, problem.Remedy = "the text is not UTF-8 here", "save the file as UTF-8"
	default:
		return nil
	}
	return &problem
}

func invalidUTF8(data []byte) (line, column int) {
	line = 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		column++
		if r == utf8.RuneError && size == 1 {
			return line, column
		}
		if r == '\n' {
			line, column = line+1, 0
		}
		data = data[size:]
	}
	return line, column
}

// chunk is the text of one document and the number of lines before it.
type chunk struct {
	text   []byte
	before int
}

// splitDocuments cuts at "---". Inside a document no line may begin with it,
// block text included (YAML 1.2, production 206), so this needs no parser. A
// line that begins so and goes on is a mistake; it is left out.
func splitDocuments(file string, data []byte) (chunks []chunk, problems Problems) {
	start, startLine, line := 0, 0, 0
	for offset := 0; offset < len(data); line++ {
		end := bytes.IndexByte(data[offset:], '\n')
		if end < 0 {
			end = len(data)
		} else {
			end += offset + 1
		}
		if rest, found := bytes.CutPrefix(data[offset:end], []byte("---")); found {
			chunks = append(chunks, chunk{data[start:offset], startLine})
			start, startLine = offset, line
			if len(rest) > 0 && !strings.ContainsRune(" \t\n", rune(rest[0])) {
				problems = append(problems, badSeparator(file, line+1, rest))
				start, startLine = end, line+1
			}
		}
		offset = end
	}
	return append(chunks, chunk{data[start:], startLine}), problems
}

func badSeparator(file string, line int, rest []byte) Problem {
	problem := Problem{File: file, Line: line, Column: 1,
		Message: "the line begins with --- as the separator of documents does, and goes on",
		Remedy:  "write --- on a line of its own"}
	if bytes.HasPrefix(rest, []byte("--BEGIN ")) || bytes.HasPrefix(rest, []byte("--END ")) {
		problem.Message = "the certificate or key is not indented below its field"
		problem.Remedy = "indent every line of it by two spaces more than the field"
	}
	return problem
}

// parseChunk parses the documents of one chunk: one, or more where "..." ends
// a document. Empty documents are left out.
func parseChunk(file string, c chunk) (documents []*document, problem *Problem) {
	// The parser has panicked on malformed input before (CVE-2022-28948); a
	// person's file must never crash the program.
	defer func() {
		if r := recover(); r != nil {
			problem = &Problem{File: file, Line: c.before + 1, Column: 1,
				Message: "the document is not YAML that can be read",
				Remedy:  "correct the document that begins here"}
		}
	}()
	if onlyDirectives(c.text) {
		return nil, nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(c.text))
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return documents, syntaxProblem(file, c, err)
		}
		root := &node
		if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
			root = root.Content[0]
		}
		if root.Kind == 0 || root.Tag == "!!null" {
			continue
		}
		shift(root, c.before)
		documents = append(documents, &document{root: root, fields: map[string]position{"": {root.Line, root.Column}}})
	}
}

// onlyDirectives reports whether text holds no more than comments, blank
// lines and directives, which may stand before the first "---".
func onlyDirectives(text []byte) bool {
	for _, line := range bytes.Split(text, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return false
		}
	}
	return true
}

// shift turns the lines of a chunk into lines of the file.
func shift(node *yaml.Node, lines int) {
	if lines == 0 {
		return
	}
	node.Line += lines
	for _, child := range node.Content {
		shift(child, lines)
	}
}

var syntaxErrorLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxProblem says where and why YAML cannot be read.
func syntaxProblem(file string, c chunk, err error) *Problem {
	problem := &Problem{File: file, Line: c.before + 1, Column: 1,
		Message: "this is not valid YAML: " + err.Error(),
		Remedy:  "check the indentation, quotes and brackets on this line and the one before it"}
	lines := strings.Split(string(c.text), "\n")
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
