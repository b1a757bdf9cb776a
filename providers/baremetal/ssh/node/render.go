package node

import (
	"fmt"
	"regexp"
	"strings"
)

// metadata is what the bootstrap data may refer to.
type metadata struct{ hostname, instanceID, address string }

var (
	// jinja is the start of an expression, a statement or a comment.
	jinja = regexp.MustCompile(`\{\{|\{%|\{#`)
	// plain is a metadata value that cannot change the YAML around it.
	plain = regexp.MustCompile(`^[A-Za-z0-9._:-]+$`)
)

// render puts the metadata in the places of the three expressions that are
// known. Any other is an error: cloud-init would leave a hole there.
func render(text string, meta metadata) (string, error) {
	values := map[string]string{
		"ds.meta_data.hostname":    meta.hostname,
		"ds.meta_data.instance_id": meta.instanceID,
		"ds.meta_data.local_ipv4":  meta.address,
	}
	var out strings.Builder
	for {
		at := jinja.FindStringIndex(text)
		if at == nil {
			out.WriteString(text)
			return out.String(), nil
		}
		out.WriteString(text[:at[0]])
		line, _, _ := strings.Cut(text[at[0]:], "\n")
		expression, _, closed := strings.Cut(strings.TrimPrefix(line, "{{"), "}}")
		if !closed || !strings.HasPrefix(line, "{{") {
			return "", fmt.Errorf("the template's %s is not understood: %q", text[at[0]:at[1]], clip(line, 40))
		}
		name := strings.TrimSpace(expression)
		value, known := values[name]
		if !known {
			return "", fmt.Errorf("the template's expression {{ %s }} is not known", clip(name, 40))
		}
		if !plain.MatchString(value) {
			return "", fmt.Errorf("the host's %s is %q, which cannot stand in bootstrap data", name, value)
		}
		out.WriteString(value)
		text = text[at[0]+len("{{")+len(expression)+len("}}"):]
	}
}

// clip is the text's first n runes.
func clip(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return text
}
