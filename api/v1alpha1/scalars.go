package v1alpha1

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"

	"groundwork.dev/bootstrap/internal/secret"
)

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

// found says what a node is, for a message.
func found(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Kind == yaml.MappingNode:
		return "fields"
	}
	switch node.Tag {
	case "!!int", "!!float":
		return "the number " + quote(node.Value)
	case "!!bool":
		return quote(node.Value)
	}
	return "the text " + quote(node.Value)
}

// remedies say how to write what is wanted.
var remedies = map[string]string{
	"fields":             "write the fields on lines of their own below it, indented",
	"a list":             "write one item a line below it, each after \"- \"",
	"names with values":  "write \"name: value\" on lines of their own below it, indented",
	"text":               "write the value on the same line",
	"a whole number":     "write digits only, without quotes",
	"a number":           "write digits only, without quotes",
	"true or false":      "write true or false, without quotes",
	"a duration":         "write a number and a unit, such as 10m or 300s",
	"number or percents": "write a number, or a percentage such as \"40%\"",
}

func (d *decoder) wrongKind(node *yaml.Node, path, wanted string) {
	name := wanted
	if wanted == "number or percents" {
		name = "a number or a percentage"
	}
	d.problem(node, path, fmt.Sprintf("this takes %s, not %s", name, found(node)), remedies[wanted])
}

// scalar decodes text, numbers and booleans. Text takes numbers and booleans
// as they are written, as EKS Anywhere does: 1.30 is "1.30", not 1.3.
func (d *decoder) scalar(node *yaml.Node, target reflect.Value, path string) {
	kind := target.Kind()
	isScalar := node.Kind == yaml.ScalarNode
	switch {
	case kind == reflect.String:
		if !isScalar {
			d.wrongKind(node, path, "text")
			return
		}
		target.SetString(node.Value)
	case kind == reflect.Bool:
		var value bool
		if !isScalar || isQuoted(node) || node.Decode(&value) != nil {
			d.wrongKind(node, path, "true or false")
			return
		}
		target.SetBool(value)
	case target.CanInt():
		var value int64
		if !isScalar || node.Tag != "!!int" || node.Decode(&value) != nil {
			d.wrongKind(node, path, "a whole number")
			return
		}
		if target.OverflowInt(value) {
			d.problem(node, path, "the number is too large: "+quote(node.Value), "write a smaller number")
			return
		}
		target.SetInt(value)
	case target.CanFloat():
		var value float64
		if !isScalar || node.Tag == "!!str" || node.Decode(&value) != nil {
			d.wrongKind(node, path, "a number")
			return
		}
		target.SetFloat(value)
	case target.CanUint():
		var value uint64
		if !isScalar || node.Tag != "!!int" || node.Decode(&value) != nil || target.OverflowUint(value) {
			d.wrongKind(node, path, "a whole number")
			return
		}
		target.SetUint(value)
	default:
		// Reached only by a field type that no kind of ours has.
		d.problem(node, path, "this field cannot be read", "remove it")
	}
}

func isQuoted(node *yaml.Node) bool {
	return node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0
}

func (d *decoder) duration(node *yaml.Node, target reflect.Value, path string) {
	value, err := time.ParseDuration(node.Value)
	if node.Kind != yaml.ScalarNode || err != nil {
		d.wrongKind(node, path, "a duration")
		return
	}
	target.Set(reflect.ValueOf(metav1.Duration{Duration: value}))
}

func (d *decoder) intOrString(node *yaml.Node, target reflect.Value, path string) {
	if node.Kind != yaml.ScalarNode {
		d.wrongKind(node, path, "number or percents")
		return
	}
	value := intstr.FromString(node.Value)
	if node.Tag == "!!int" {
		n, err := strconv.ParseInt(node.Value, 10, 32)
		if err != nil {
			d.wrongKind(node, path, "number or percents")
			return
		}
		value = intstr.FromInt32(int32(n))
	}
	target.Set(reflect.ValueOf(value))
}

// token never quotes what it finds: it is a secret.
func (d *decoder) token(node *yaml.Node, target reflect.Value, path string) {
	if node.Kind != yaml.ScalarNode {
		d.problem(node, path, "this takes text", remedies["text"])
		return
	}
	target.Set(reflect.ValueOf(Token{secret.New(node.Value)}))
}

// object decodes any Kubernetes object.
func (d *decoder) object(node *yaml.Node, target reflect.Value, path string, depth int) {
	if node.Kind != yaml.MappingNode {
		d.wrongKind(node, path, "fields")
		return
	}
	fields, _ := d.generic(node, path, depth).(map[string]any)
	if fields != nil && strings.HasSuffix(path, "."+kubeletField) {
		defaultKubelet(fields)
		d.kubeletSchema(node, path, depth)
	}
	target.Set(reflect.ValueOf(unstructured.Unstructured{Object: fields}))
}

// opaque decodes into a type that reads itself from JSON.
func (d *decoder) opaque(node *yaml.Node, target reflect.Value, path string, depth int) {
	data, err := json.Marshal(d.generic(node, path, depth))
	if err == nil {
		err = json.Unmarshal(data, target.Addr().Interface())
	}
	if err != nil {
		d.problem(node, path, "the value cannot be read", "check its format, or remove it")
	}
}

// generic decodes node into maps, slices, strings, booleans, int64 and
// float64, the values that unstructured objects are made of.
func (d *decoder) generic(node *yaml.Node, path string, depth int) any {
	node = d.enter(node, path, depth)
	if node == nil {
		return nil
	}
	switch node.Kind {
	case yaml.MappingNode:
		object := map[string]any{}
		seen := map[string]int{}
		for _, p := range d.pairs(node, path, depth) {
			fieldPath := join(path, p.name)
			if line, twice := seen[p.name]; twice {
				d.twice(p.key, fieldPath, line)
				continue
			}
			seen[p.name] = p.key.Line
			d.document.fields[fieldPath] = position{p.key.Line, p.key.Column}
			object[p.name] = d.generic(p.value, fieldPath, depth+1)
		}
		return object
	case yaml.SequenceNode:
		list := make([]any, 0, min(len(node.Content), maxValues))
		for i, item := range node.Content {
			if d.exhausted {
				break
			}
			itemPath := fmt.Sprintf("%s[%d]", path, i)
			d.document.fields[itemPath] = position{item.Line, item.Column}
			list = append(list, d.generic(item, itemPath, depth+1))
		}
		return list
	}
	return d.genericScalar(node, path)
}

func (d *decoder) genericScalar(node *yaml.Node, path string) any {
	var value any
	if err := node.Decode(&value); err != nil {
		d.problem(node, path, "the value cannot be read: "+quote(node.Value), "write it in quotes")
		return nil
	}
	switch v := value.(type) {
	case nil, bool, string:
		return v
	case int:
		return int64(v)
	case int64:
		return v
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			d.problem(node, path, "this is no number that Kubernetes takes", "write a finite number")
			return nil
		}
		return v
	}
	// Dates, and numbers beyond 64 bits, as they are written.
	return node.Value
}
