package v1alpha1

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
	if len(chunks) > maxDocuments {
		return nil, Problems{{File: file, Line: chunks[maxDocuments].before + 1, Column: 1,
			Message: fmt.Sprintf("the file has more than %d documents", maxDocuments), Remedy: "check that this is the configuration file"}}
	}
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

// maxDocuments bounds what is parsed; a cluster with a hundred worker groups,
// each with machines of its own, has a few more than that.
const maxDocuments = 1000

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
