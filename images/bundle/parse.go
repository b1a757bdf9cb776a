package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/distribution/reference"
)

// Problems are everything that is wrong with an index.
type Problems []string

// Error implements error, one problem a line.
func (p Problems) Error() string { return strings.Join(p, "\n") }

var (
	digestPattern  = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	sha256Pattern  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	minorPattern   = regexp.MustCompile(`^1\.[1-9][0-9]*$`)
	versionPattern = regexp.MustCompile(`^v(1\.[0-9]+)\.[0-9]+([-+.][-+.0-9A-Za-z]+)?$`)
	// namePattern keeps to what needs no quoting in a shell and cannot leave
	// the folder that it is put into.
	namePattern = regexp.MustCompile(`^(cni/)?[A-Za-z0-9][-_.A-Za-z0-9]*$`)
	pathPattern = regexp.MustCompile(`^[A-Za-z0-9][-_.+A-Za-z0-9]*(/[A-Za-z0-9][-_.+A-Za-z0-9]*)*$`)
)

// architectures are those of the nodes, as Go names them.
var architectures = []string{"amd64", "arm64"}

// parseIndex reads an index and finds every problem in it.
func parseIndex(data []byte) (*Index, Problems) {
	var problems Problems
	report := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	i := &Index{}
	if err := decode(data, i); err != nil {
		// A field that is unknown or of the wrong kind stops the decoder: the
		// lists are gone through on their own to name all of them.
		problems = append(problems, eachProblem(data, err)...)
		return nil, problems
	}
	if !minorPattern.MatchString(i.Kubernetes) {
		report(`kubernetes: %q is not a minor version such as "1.35"`, i.Kubernetes)
	}
	if m := versionPattern.FindStringSubmatch(i.Version); m == nil {
		report(`version: %q is not a version such as "v1.35.4"`, i.Version)
	} else if m[1] != i.Kubernetes {
		report("version: %s is not of Kubernetes %s", i.Version, i.Kubernetes)
	}
	if !slices.Contains(architectures, i.Arch) {
		report("arch: %q is none of %s", i.Arch, strings.Join(architectures, ", "))
	}
	c := checker{report: report, names: map[string]bool{}, paths: map[string]entry{}}
	for at, f := range i.Files {
		field := fmt.Sprintf("files[%d]", at)
		if !namePattern.MatchString(f.Name) {
			report("%s.name: %q is not the name of a binary", field, f.Name)
		}
		c.name(field+".name", f.Name)
		c.entry(field, entry{f.Path, f.SHA256, f.Size})
	}
	for at, m := range i.Images {
		field := fmt.Sprintf("images[%d]", at)
		c.reference(field+".reference", m.Reference)
		for n, alias := range m.Aliases {
			c.reference(fmt.Sprintf("%s.aliases[%d]", field, n), alias)
		}
		c.entry(field, entry{m.Path, m.SHA256, m.Size})
	}
	if len(i.Files) == 0 && len(i.Images) == 0 {
		report("it names neither files nor images")
	}
	return i, problems
}

// decode is strict: no unknown fields, and nothing after the document.
func decode(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the document")
	}
	return nil
}

// eachProblem is why data does not decode: first, and what is wrong with each
// part of it.
func eachProblem(data []byte, first error) Problems {
	var parts map[string]json.RawMessage
	if json.Unmarshal(data, &parts) != nil {
		return Problems{told(first)}
	}
	var problems Problems
	for _, field := range slices.Sorted(maps.Keys(parts)) {
		switch field {
		case "files":
			problems = append(problems, eachItem[File](field, parts[field])...)
		case "images":
			problems = append(problems, eachItem[Image](field, parts[field])...)
		default:
			one, _ := json.Marshal(map[string]json.RawMessage{field: parts[field]})
			if err := decode(one, &Index{}); err != nil {
				problems = append(problems, told(err))
			}
		}
	}
	if len(problems) == 0 {
		problems = Problems{told(first)}
	}
	return problems
}

func eachItem[T any](field string, data json.RawMessage) Problems {
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil {
		return Problems{field + ": a list is expected"}
	}
	var problems Problems
	for at, item := range items {
		if err := decode(item, new(T)); err != nil {
			problems = append(problems, fmt.Sprintf("%s[%d]: %s", field, at, told(err)))
		}
	}
	return problems
}

func told(err error) string { return strings.TrimPrefix(err.Error(), "json: ") }

// checker finds what cannot stand together in an index.
type checker struct {
	report func(format string, args ...any)
	names  map[string]bool
	paths  map[string]entry
}

func (c *checker) name(field, name string) {
	if c.names[name] {
		c.report("%s: %q is there twice", field, name)
	}
	c.names[name] = true
}

func (c *checker) reference(field, text string) {
	named, err := reference.ParseNormalizedNamed(text)
	if err != nil || named.String() != text || reference.IsNameOnly(named) {
		c.report("%s: %q is not a full image reference such as registry.k8s.io/pause:3.10.1", field, text)
	}
	c.name(field, text)
}

func (c *checker) entry(field string, e entry) {
	switch {
	case !fs.ValidPath(e.path) || !pathPattern.MatchString(e.path):
		c.report("%s.path: %q does not stay within the bundle, or has characters other than letters, digits, - _ . + and /", field, e.path)
	case e.path == IndexFile:
		c.report("%s.path: %s is the index itself", field, e.path)
	}
	if !sha256Pattern.MatchString(e.sha256) {
		c.report("%s.sha256: %q is not 64 lower-case hexadecimal digits", field, e.sha256)
	}
	if e.size <= 0 {
		c.report("%s.size: %d is not a size in bytes", field, e.size)
	}
	if other, twice := c.paths[e.path]; twice && other != e {
		c.report("%s.path: %s is there twice, with different contents", field, e.path)
	}
	c.paths[e.path] = e
}
