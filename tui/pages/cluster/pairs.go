package cluster

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"groundwork.dev/bootstrap/tui/form"
)

// pairs takes "name=value" on each line.
func pairs[M ~map[string]string](value *M) answer {
	return answer{kind: form.Lines,
		get: func() string {
			var all []string
			for _, name := range slices.Sorted(maps.Keys(*value)) {
				all = append(all, name+"="+(*value)[name])
			}
			return strings.Join(all, "\n")
		},
		set: func(typed string) error {
			all := M{}
			for _, line := range split(typed) {
				name, text, found := strings.Cut(line, "=")
				name, text = strings.TrimSpace(name), strings.TrimSpace(text)
				if !found || name == "" {
					return refuse("write name=value, one on each line", "%q has no name or no value", line)
				}
				if _, twice := all[name]; twice {
					return refuse("keep one of them", "%q is there twice", name)
				}
				all[name] = text
			}
			*value = nil
			if len(all) > 0 {
				*value = all
			}
			return nil
		}}
}

// taints takes "key=value:Effect" on each line, as kubectl does.
func taints(value *[]corev1.Taint) answer {
	const remedy = "write key=value:NoSchedule, one on each line; the effects are NoSchedule, PreferNoSchedule and NoExecute"
	return answer{kind: form.Lines,
		get: func() string {
			var all []string
			for _, t := range *value {
				all = append(all, t.ToString())
			}
			return strings.Join(all, "\n")
		},
		set: func(typed string) error {
			var all []corev1.Taint
			for _, line := range split(typed) {
				name, effect, found := strings.Cut(line, ":")
				if !found || effect == "" || name == "" {
					return refuse(remedy, "%q has no effect", line)
				}
				key, text, _ := strings.Cut(name, "=")
				all = append(all, corev1.Taint{Key: key, Value: text, Effect: corev1.TaintEffect(effect)})
			}
			*value = all
			return nil
		}}
}
