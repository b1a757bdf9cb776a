package vsphere

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// identities name the key that tells the elements of a list apart, by the
// list's name; the elements of other lists go by their position.
var identities = map[string]string{
	"extraArgs": "name", "kubeletExtraArgs": "name", "extraVolumes": "name", "extraEnvs": "name",
	"files": "path", "users": "name", "taints": "key",
	"env": "name", "containers": "name", "volumes": "name", "volumeMounts": "name",
}

// flatten makes paths of an object: "spec.users[capv].sudo" and its value.
// What is null or empty says nothing and is left out, but for an empty list,
// which is not the same as none.
func flatten(value any) map[string]string {
	leaves := map[string]string{}
	flattenInto(leaves, "", "", value)
	return leaves
}

func flattenInto(leaves map[string]string, path, name string, value any) {
	switch v := value.(type) {
	case nil:
	case map[string]any:
		if name == "files" {
			v = expandContent(v)
		}
		for key, element := range v {
			flattenInto(leaves, strings.TrimPrefix(path+"."+key, "."), key, element)
		}
	case []any:
		if len(v) == 0 {
			leaves[path] = "[]"
		}
		for i, element := range v {
			key := fmt.Sprint(i)
			if fields, ok := element.(map[string]any); ok && identities[name] != "" {
				key = fmt.Sprint(fields[identities[name]])
			}
			flattenInto(leaves, fmt.Sprintf("%s[%s]", path, key), name, element)
		}
	default:
		text := strings.TrimSpace(fmt.Sprint(v))
		if name == "sshAuthorizedKeys" {
			text = withoutComment(text)
		}
		leaves[path] = text
	}
}

// withoutComment is an authorized key's type and the key itself; EKS Anywhere
// drops what follows.
func withoutComment(key string) string {
	fields := strings.Fields(key)
	return strings.Join(fields[:min(2, len(fields))], " ")
}

// expandContent replaces a node file's content with what it says: Kubernetes
// objects field by field, other files line by line without their indentation.
func expandContent(file map[string]any) map[string]any {
	content, ok := file["content"].(string)
	if !ok {
		return file
	}
	expanded := map[string]any{}
	for key, value := range file {
		expanded[key] = value
	}
	if file["encoding"] == "base64" {
		if data, err := base64.StdEncoding.DecodeString(content); err == nil {
			content = string(data)
		}
		delete(expanded, "encoding")
	}
	var object map[string]any
	if yaml.Unmarshal([]byte(content), &object) == nil && object["kind"] != nil {
		expanded["content"] = object
		return expanded
	}
	var lines []string
	for line := range strings.Lines(content) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	expanded["content"] = strings.Join(lines, "\n")
	return expanded
}

func TestFlattenTellsListElementsApartByName(t *testing.T) {
	var object map[string]any
	if err := yaml.Unmarshal([]byte(`
extraArgs: [{name: b, value: "2"}, {name: a, value: "1"}]
files:
  - path: /x
    content: |
      kind: Pod
      spec: {a: 1}
taints: []
gone: null
`), &object); err != nil {
		t.Fatal(err)
	}
	got := flatten(object)
	for path, want := range map[string]string{
		"extraArgs[a].value":       "1",
		"extraArgs[b].value":       "2",
		"files[/x].content.spec.a": "1",
		"taints":                   "[]",
	} {
		if got[path] != want {
			t.Errorf("%s is %q, want %q", path, got[path], want)
		}
	}
	if value, there := got["gone"]; there {
		t.Errorf("null became %q", value)
	}
}
