package hardwarefile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
)

// FormatLabels writes labels as one answer: "rack=a, type=cp".
func FormatLabels(labels map[string]string) string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, key+"="+labels[key])
	}
	return strings.Join(pairs, ", ")
}

// ParseLabels reads what FormatLabels writes, also with ":" or blanks between
// and line breaks or "|" for commas, as configurations and hardware files have
// them. Whether labels are valid is for the configuration's own rules.
func ParseLabels(text string) (map[string]string, error) {
	labels := map[string]string{}
	for _, pair := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '|' || r == '\n' || r == ';' }) {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		at := strings.IndexAny(pair, "=:")
		if at <= 0 {
			return nil, &failure.Error{Code: failure.Usage, Summary: fmt.Sprintf("%q is not a label", pair),
				Remedy: "write key=value, such as type=cp, with commas between labels"}
		}
		key, value := strings.TrimSpace(pair[:at]), strings.TrimSpace(pair[at+1:])
		if _, twice := labels[key]; twice {
			return nil, &failure.Error{Code: failure.Usage, Summary: fmt.Sprintf("the label %s is there twice", key), Remedy: "keep one of them"}
		}
		labels[key] = value
	}
	if len(labels) == 0 {
		return nil, nil
	}
	return labels, nil
}
