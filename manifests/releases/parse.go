package releases

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// parser turns a catalogue into releases, noting every problem on the way. It
// works on YAML nodes: they keep lines and duplicate keys, and a reference
// between them is never followed.
type parser struct {
	file     string
	object   string
	problems v1alpha1.Problems
}

// parse reads a catalogue that stands alone. The error is v1alpha1.Problems.
func parse(file string, data []byte) (*Catalogue, error) {
	p := &parser{file: file}
	c := &Catalogue{}
	if root := p.document(data); root != nil {
		fields := p.fields(root, "", "sources", "releases")
		c.Sources = p.sources(fields["sources"])
		c.Releases = p.releases(root, fields["releases"])
	}
	if len(p.problems) > 0 {
		slices.SortStableFunc(p.problems, func(a, b v1alpha1.Problem) int { return a.Line - b.Line })
		return nil, p.problems
	}
	sortReleases(c.Releases)
	return c, nil
}

func (p *parser) report(node *yaml.Node, field, message, remedy string) {
	p.problems = append(p.problems, v1alpha1.Problem{
		File: p.file, Line: node.Line, Column: node.Column,
		Object: p.object, Field: field, Message: message, Remedy: remedy,
	})
}

var syntaxErrorLine = regexp.MustCompile(`^yaml: line ([0-9]+): (.*)$`)

// document is the root of the one document in data.
func (p *parser) document(data []byte) (root *yaml.Node) {
	at := &yaml.Node{Line: 1, Column: 1}
	const remedy = "check the indentation, quotes and brackets here and in the line before"
	// The parser has panicked on malformed input before (CVE-2022-28948).
	defer func() {
		if recover() != nil {
			root = nil
			p.report(at, "", "the file is not YAML that can be read", remedy)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var node, more yaml.Node
	err := decoder.Decode(&node)
	if err == nil {
		if err = decoder.Decode(&more); err == nil {
			p.report(&more, "", "a second document begins here", "put every release under the one list `releases`")
			return nil
		}
	}
	if !errors.Is(err, io.EOF) {
		message := strings.TrimPrefix(err.Error(), "yaml: ")
		if match := syntaxErrorLine.FindStringSubmatch(err.Error()); match != nil {
			at.Line, _ = strconv.Atoi(match[1])
			message = match[2]
		}
		p.report(at, "", "this is not valid YAML: "+message, remedy)
		return nil
	}
	if node.Kind != yaml.DocumentNode || len(node.Content) != 1 {
		p.report(at, "", "the file is empty", "list releases under `releases`")
		return nil
	}
	return node.Content[0]
}

// fields are the values of a mapping; known are the fields that it may have.
func (p *parser) fields(node *yaml.Node, path string, known ...string) map[string]*yaml.Node {
	values := map[string]*yaml.Node{}
	if node.Kind != yaml.MappingNode {
		p.report(node, path, "fields are expected here, not "+kindOf(node), "use "+strings.Join(known, ", "))
		return values
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		field := join(path, key.Value)
		switch first := values[key.Value]; {
		case !slices.Contains(known, key.Value):
			p.report(key, field, "there is no such field", "use one of "+strings.Join(known, ", "))
		case first != nil:
			p.report(key, field, fmt.Sprintf("the field is given twice, first on line %d", first.Line), "keep one")
		default:
			values[key.Value] = value
		}
	}
	return values
}

// items are the entries of a list; there must be one.
func (p *parser) items(node *yaml.Node, path string) []*yaml.Node {
	if node.Kind != yaml.SequenceNode {
		p.report(node, path, "a list is expected here, not "+kindOf(node), "begin each entry with `- `")
		return nil
	}
	if len(node.Content) == 0 {
		p.report(node, path, "the list is empty", "add an entry")
	}
	return node.Content
}

// text is a scalar as it is written, so that an unquoted 1.30 keeps its zero.
func (p *parser) text(node *yaml.Node, path string) string {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || node.Value == "" {
		p.report(node, path, "text is expected here, not "+kindOf(node), "give a value")
		return ""
	}
	return node.Value
}

func (p *parser) sources(node *yaml.Node) []Source {
	if node == nil {
		return nil
	}
	var list []Source
	for i, item := range p.items(node, "sources") {
		path := fmt.Sprintf("sources[%d]", i)
		fields := p.fields(item, path, "repository", "commit", "paths")
		var s Source
		for name, target := range map[string]*string{"repository": &s.Repository, "commit": &s.Commit} {
			if value := fields[name]; value != nil {
				*target = p.text(value, join(path, name))
			}
		}
		if paths := fields["paths"]; paths != nil {
			for j, item := range p.items(paths, join(path, "paths")) {
				s.Paths = append(s.Paths, p.text(item, fmt.Sprintf("%s.paths[%d]", path, j)))
			}
		}
		list = append(list, s)
	}
	return list
}

func (p *parser) releases(root, node *yaml.Node) []Release {
	if node == nil {
		if root.Kind == yaml.MappingNode {
			p.report(root, "releases", "the field is missing", "list releases under it")
		}
		return nil
	}
	var list []Release
	lines := map[string]int{}
	for i, item := range p.items(node, "releases") {
		release := p.release(item, fmt.Sprintf("releases[%d]", i))
		if line, twice := lines[release.Kubernetes]; twice && release.Kubernetes != "" {
			p.report(item, "", fmt.Sprintf("Kubernetes %s has a release already, on line %d", release.Kubernetes, line), "keep one")
		} else {
			lines[release.Kubernetes] = item.Line
		}
		list = append(list, release)
	}
	return list
}

func (p *parser) release(node *yaml.Node, path string) Release {
	p.object = path
	defer func() { p.object = "" }()
	var r Release
	fields := p.fields(node, "", "kubernetes", "name", "manifests", "images")
	if node.Kind != yaml.MappingNode {
		return r
	}
	check := func(name string, pattern *regexp.Regexp, remedy string) string {
		value := fields[name]
		if value == nil {
			p.report(node, name, "the field is missing", remedy)
			return ""
		}
		text := p.text(value, name)
		if text != "" && !pattern.MatchString(text) {
			p.report(value, name, fmt.Sprintf("%q is not valid", text), remedy)
			return ""
		}
		return text
	}
	r.Kubernetes = check("kubernetes", minorPattern, `give the Kubernetes minor version, such as "1.35"`)
	r.EKSD = check("name", namePattern, "give the release's name, such as kubernetes-1-35-eks-13; machine templates are tagged with it")
	if r.Kubernetes != "" {
		p.object = "Kubernetes " + r.Kubernetes
	}
	r.Manifests = p.manifests(fields["manifests"])
	images := fields["images"]
	if images == nil {
		p.report(node, "images", "the field is missing", "name the images of "+strings.Join(Components(), ", "))
		return r
	}
	values := p.fields(images, "images", Components()...)
	references := map[string]string{}
	unreadable := map[string]bool{}
	for _, name := range Components() {
		if value := values[name]; value != nil {
			references[name] = p.text(value, join("images", name))
			unreadable[name] = references[name] == ""
		}
	}
	for _, f := range r.fill(references) {
		at := images
		if value := values[f.component]; value != nil {
			at = value
		}
		if !unreadable[f.component] { // reported already
			p.report(at, join("images", f.component), f.message, f.remedy)
		}
	}
	return r
}

func join(path, field string) string { return strings.Trim(path+"."+field, ".") }

// kindOf names a node in a message.
func kindOf(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "fields"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "a reference to another part of the file"
	}
	if node.Value == "" || node.Tag == "!!null" {
		return "nothing"
	}
	return fmt.Sprintf("%q", node.Value)
}
