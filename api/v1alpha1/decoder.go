package v1alpha1

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Bounds on what aliases may unfold to. The first is some hundred times a
// real file, the second several times the deepest field.
const (
	maxValues = 200_000
	maxDepth  = 64
)

// decoder fills Go values from YAML nodes. It goes on after a problem, so
// that all are found, and remembers where every field stands.
type decoder struct {
	file     string
	document *document
	problems Problems
	notes    []Problem
	// values counts what was visited, through aliases too, over the file.
	values    int
	exhausted bool
}

func (d *decoder) problem(node *yaml.Node, path, message, remedy string) {
	if len(d.problems) > maxProblems {
		return // never shown
	}
	d.problems = append(d.problems, Problem{
		File: d.file, Line: node.Line, Column: node.Column,
		Object: d.document.object(), Field: path, Message: message, Remedy: remedy,
	})
}

func (d *decoder) note(node *yaml.Node, path, message, remedy string) {
	d.notes = append(d.notes, Problem{
		File: d.file, Line: node.Line, Column: node.Column,
		Object: d.document.object(), Field: path, Message: message, Remedy: remedy,
	})
}

// enter resolves aliases and counts; nil means that the bounds are passed.
func (d *decoder) enter(node *yaml.Node, path string, depth int) *yaml.Node {
	for hops := 0; node.Kind == yaml.AliasNode && hops < maxDepth; hops++ {
		node = node.Alias
	}
	if !d.count(1, node, path) {
		return nil
	}
	if depth > maxDepth || node.Kind == yaml.AliasNode {
		d.exhaust(node, path)
		return nil
	}
	return node
}

// count adds to what was visited; false means that the bounds are passed.
func (d *decoder) count(n int, node *yaml.Node, path string) bool {
	if d.values += n; d.values > maxValues {
		d.exhaust(node, path)
	}
	return !d.exhausted
}

func (d *decoder) exhaust(node *yaml.Node, path string) {
	if !d.exhausted {
		d.exhausted = true
		d.problem(node, path, fmt.Sprintf("the values here unfold to more than %d, or nest deeper than %d", maxValues, maxDepth),
			"write the values out instead of using YAML anchors and aliases")
	}
}

var (
	durationType     = reflect.TypeFor[metav1.Duration]()
	intOrStringType  = reflect.TypeFor[intstr.IntOrString]()
	unstructuredType = reflect.TypeFor[unstructured.Unstructured]()
	tokenType        = reflect.TypeFor[Token]()
	unmarshalerType  = reflect.TypeFor[json.Unmarshaler]()
)

// value decodes node into target.
func (d *decoder) value(node *yaml.Node, target reflect.Value, path string, depth int) {
	node = d.enter(node, path, depth)
	if node == nil || isNull(node) {
		return
	}
	switch t := target.Type(); {
	case t.Kind() == reflect.Pointer:
		if target.IsNil() {
			target.Set(reflect.New(t.Elem()))
		}
		d.value(node, target.Elem(), path, depth+1)
	case t == durationType:
		d.duration(node, target, path)
	case t == intOrStringType:
		d.intOrString(node, target, path)
	case t == tokenType:
		d.token(node, target, path)
	case t == unstructuredType:
		d.object(node, target, path, depth)
	case reflect.PointerTo(t).Implements(unmarshalerType):
		d.opaque(node, target, path, depth)
	case t.Kind() == reflect.Struct:
		d.structure(node, target, path, depth)
	case t.Kind() == reflect.Map:
		d.mapping(node, target, path, depth)
	case t.Kind() == reflect.Slice:
		d.list(node, target, path, depth)
	default:
		d.scalar(node, target, path)
	}
}

func (d *decoder) structure(node *yaml.Node, target reflect.Value, path string, depth int) {
	if node.Kind != yaml.MappingNode {
		d.wrongKind(node, path, "fields")
		return
	}
	fields := fieldsOf(target.Type())
	seen := map[string]int{}
	for _, p := range d.pairs(node, path, depth) {
		field, ok := fields.byName[p.name]
		if !ok {
			// EKS Anywhere takes names in any case, as encoding/json does.
			if field, ok = fields.byFold[strings.ToLower(p.name)]; ok {
				d.note(p.key, join(path, field.name), fmt.Sprintf("the field is written %s here", quote(p.name)), "write "+field.name)
			}
		}
		if !ok {
			d.unknown(p.key, path, p.name, fields)
			continue
		}
		fieldPath := join(path, field.name)
		if line, twice := seen[field.name]; twice {
			d.twice(p.key, fieldPath, line)
			continue
		}
		seen[field.name] = p.key.Line
		d.document.fields[fieldPath] = position{p.key.Line, p.key.Column}
		d.value(p.value, target.FieldByIndex(field.index), fieldPath, depth+1)
	}
}

func (d *decoder) unknown(key *yaml.Node, path, name string, fields *fieldSet) {
	full := join(path, name)
	if full == "status" {
		d.note(key, full, "the status of an exported object has no effect", "remove it")
		return
	}
	if reason, ok := formerFields[d.document.kind+" "+full]; ok {
		d.note(key, full, reason, "remove it")
		return
	}
	if refused, ok := refusedFields[d.document.kind+" "+full]; ok {
		d.problem(key, full, refused.reason, refused.remedy)
		return
	}
	d.problem(key, full, "there is no such field", choose(name, fields.names))
}

func (d *decoder) twice(key *yaml.Node, path string, firstLine int) {
	d.problem(key, path, fmt.Sprintf("the field is there twice, first on line %d", firstLine), "keep one of them")
}

func (d *decoder) mapping(node *yaml.Node, target reflect.Value, path string, depth int) {
	if node.Kind != yaml.MappingNode {
		d.wrongKind(node, path, "names with values")
		return
	}
	t := target.Type()
	made := reflect.MakeMap(t)
	seen := map[string]int{}
	for _, p := range d.pairs(node, path, depth) {
		keyPath := path + "[" + p.name + "]"
		if line, twice := seen[p.name]; twice {
			d.twice(p.key, keyPath, line)
			continue
		}
		seen[p.name] = p.key.Line
		d.document.fields[keyPath] = position{p.key.Line, p.key.Column}
		item := reflect.New(t.Elem()).Elem()
		d.value(p.value, item, keyPath, depth+1)
		made.SetMapIndex(reflect.ValueOf(p.name).Convert(t.Key()), item)
	}
	target.Set(made)
}

func (d *decoder) list(node *yaml.Node, target reflect.Value, path string, depth int) {
	if node.Kind != yaml.SequenceNode {
		d.wrongKind(node, path, "a list")
		return
	}
	made := reflect.MakeSlice(target.Type(), 0, min(len(node.Content), maxValues))
	for i, item := range node.Content {
		if d.exhausted {
			break
		}
		itemPath := fmt.Sprintf("%s[%d]", path, i)
		d.document.fields[itemPath] = position{item.Line, item.Column}
		value := reflect.New(target.Type().Elem()).Elem()
		d.value(item, value, itemPath, depth+1)
		made = reflect.Append(made, value)
	}
	target.Set(made)
}

// pair is one field of a mapping.
type pair struct {
	name       string
	key, value *yaml.Node
}

// pairs are the fields of a mapping, those of merge keys ("<<") after its own
// and only where it has none of that name.
func (d *decoder) pairs(node *yaml.Node, path string, depth int) []pair {
	var own, merged []pair
	if !d.count(len(node.Content)/2, node, path) {
		return nil
	}
	names := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		switch {
		case key.Tag == "!!merge":
			merged = append(merged, d.mergedPairs(value, path, depth+1)...)
		case key.Kind != yaml.ScalarNode:
			d.problem(key, path, "a field's name is a list or has fields of its own", "write a plain name, then a colon")
		default:
			own = append(own, pair{key.Value, key, value})
			names[key.Value] = true
		}
	}
	for _, p := range merged {
		if !names[p.name] {
			names[p.name] = true
			own = append(own, p)
		}
	}
	return own
}

func (d *decoder) mergedPairs(value *yaml.Node, path string, depth int) []pair {
	value = d.enter(value, path, depth)
	switch {
	case value == nil:
		return nil
	case value.Kind == yaml.MappingNode:
		return d.pairs(value, path, depth)
	case value.Kind == yaml.SequenceNode:
		var all []pair
		for _, item := range value.Content {
			if d.exhausted {
				break
			}
			all = append(all, d.mergedPairs(item, path, depth+1)...)
		}
		return all
	}
	d.problem(value, path, "\"<<\" merges something that has no fields", "name an anchor that has fields")
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
