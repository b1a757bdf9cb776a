package cluster

import (
	"encoding/json"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/tui/form"
)

// askYAML is ask for a value that is written as YAML. An answer with a problem
// is refused at once: a file with it could not be opened again.
func (a asker) askYAML(id, title, path, help string, value structured) form.Field {
	field := a.ask(id, title, path, help, value.answer)
	field.Set = func(typed string) error {
		restore := value.keep()
		if err := value.set(typed); err != nil {
			return err
		}
		a.draft.Changed()
		if p := a.problem(path); p != nil && strings.TrimSpace(typed) != "" {
			restore()
			a.draft.Changed()
			message := p.Message
			if below := strings.TrimPrefix(strings.TrimPrefix(p.Field, a.at(path)), "."); below != "" {
				message = below + ": " + message
			}
			return refuse(p.Remedy, "%s", message)
		}
		return nil
	}
	return field
}

// structured is a value that is written as YAML.
type structured struct {
	answer
	// keep remembers the value, and returns what puts it back.
	keep func() (restore func())
}

// fieldsOf takes what T has, and no other fields; nothing leaves it out.
func fieldsOf[T any](value **T) structured {
	return structured{
		answer: answer{kind: form.Lines,
			get: func() string { return show(*value == nil, *value) },
			set: func(typed string) error {
				*value = nil
				if strings.TrimSpace(typed) == "" {
					return nil
				}
				own := new(T)
				if err := yaml.UnmarshalStrict([]byte(typed), own); err != nil {
					return notYAML(err)
				}
				*value = own
				return nil
			}},
		keep: remember(value),
	}
}

// object takes the fields of a Kubernetes object.
func object(value **unstructured.Unstructured) structured {
	return structured{
		answer: answer{kind: form.Lines,
			get: func() string {
				if *value == nil {
					return ""
				}
				shown := (*value).DeepCopy().Object
				// They are filled where they are missing, and say nothing.
				delete(shown, "apiVersion")
				delete(shown, "kind")
				return show(len(shown) == 0, shown)
			},
			set: func(typed string) error {
				own, err := mapping(typed)
				if err != nil {
					return err
				}
				*value = nil
				if len(own) > 0 {
					*value = &unstructured.Unstructured{Object: own}
				}
				return nil
			}},
		keep: remember(value),
	}
}

// chartValues takes the values of a Helm chart.
func chartValues(value **apiextensionsv1.JSON) structured {
	return structured{
		answer: answer{kind: form.Lines,
			get: func() string {
				if *value == nil {
					return ""
				}
				data, err := yaml.JSONToYAML((*value).Raw)
				if err != nil {
					return string((*value).Raw)
				}
				return strings.TrimRight(string(data), "\n")
			},
			set: func(typed string) error {
				own, err := mapping(typed)
				if err != nil {
					return err
				}
				*value = nil
				if len(own) > 0 {
					raw, err := json.Marshal(own)
					if err != nil {
						return notYAML(err)
					}
					*value = &apiextensionsv1.JSON{Raw: raw}
				}
				return nil
			}},
		keep: remember(value),
	}
}

func remember[T any](value **T) func() func() {
	return func() func() {
		former := *value
		return func() { *value = former }
	}
}

// mapping reads fields with their values.
func mapping(typed string) (map[string]any, error) {
	if strings.TrimSpace(typed) == "" {
		return nil, nil
	}
	own := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(typed), &own); err != nil {
		return nil, notYAML(err)
	}
	return integers(own).(map[string]any), nil
}

// integers turns the whole numbers of JSON into the int64 that Kubernetes'
// objects are made of.
func integers(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name := range v {
			v[name] = integers(v[name])
		}
	case []any:
		for i := range v {
			v[i] = integers(v[i])
		}
	case float64:
		if whole := int64(v); float64(whole) == v {
			return whole
		}
	}
	return value
}

// show writes a value as YAML.
func show(empty bool, value any) string {
	if empty {
		return ""
	}
	data, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimRight(string(data), "\n")
}

func notYAML(err error) error {
	text := err.Error()
	for _, prefix := range []string{"error converting YAML to JSON: ", "error unmarshaling JSON: ", "while decoding JSON: ", "yaml: ", "json: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return refuse("write \"field: value\", one on each line, and indent what is below a field", "this is not YAML that fits here: %s", text)
}
