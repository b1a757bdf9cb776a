package cluster

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/form"
)

// answer is how a value of the configuration is shown and changed.
type answer struct {
	kind form.Kind
	get  func() string
	set  func(string) error
}

// refuse is the error of an answer that cannot be taken.
func refuse(remedy, format string, args ...any) error {
	return &failure.Error{Code: failure.Usage, Summary: fmt.Sprintf(format, args...), Remedy: remedy}
}

// text takes any text on one line.
func text[T ~string](value *T) answer {
	return answer{kind: form.Text,
		get: func() string { return string(*value) },
		set: func(typed string) error { *value = T(strings.TrimSpace(typed)); return nil }}
}

// optional is text that is left out where it is empty.
func optional[T ~string](value **T) answer {
	return answer{kind: form.Text,
		get: func() string {
			if *value == nil {
				return ""
			}
			return string(**value)
		},
		set: func(typed string) error {
			*value = nil
			if typed = strings.TrimSpace(typed); typed != "" {
				own := T(typed)
				*value = &own
			}
			return nil
		}}
}

// block takes several lines as they are, such as PEM.
func block(value *string) answer {
	return answer{kind: form.Lines,
		get: func() string { return *value },
		set: func(typed string) error {
			typed = strings.TrimRight(strings.ReplaceAll(typed, "\r\n", "\n"), " \t\n")
			switch {
			case typed == strings.TrimRight(*value, " \t\n"):
			case typed == "":
				*value = ""
			default:
				*value = typed + "\n"
			}
			return nil
		}}
}

// lines takes one item on each line.
func lines(value *[]string) answer {
	return answer{kind: form.Lines,
		get: func() string { return strings.Join(*value, "\n") },
		set: func(typed string) error { *value = split(typed); return nil }}
}

// split are the lines that say something.
func split(typed string) (items []string) {
	for line := range strings.Lines(typed) {
		if line = strings.TrimSpace(line); line != "" {
			items = append(items, line)
		}
	}
	return items
}

// one takes the only item of a list.
func one(value *[]string) answer {
	return answer{kind: form.Text,
		get: func() string { return strings.Join(*value, ", ") },
		set: func(typed string) error {
			*value = nil
			for _, item := range strings.Split(typed, ",") {
				if item = strings.TrimSpace(item); item != "" {
					*value = append(*value, item)
				}
			}
			return nil
		}}
}

// toggle is yes or no.
func toggle(value *bool) answer {
	return answer{kind: form.Toggle,
		get: func() string { return strconv.FormatBool(*value) },
		set: func(chosen string) error { *value = chosen == "true"; return nil }}
}

// toggleOr is yes or no, left out where it becomes the default.
func toggleOr(value **bool, byDefault bool) answer {
	is := func() bool {
		if *value == nil {
			return byDefault
		}
		return **value
	}
	return answer{kind: form.Toggle,
		get: func() string { return strconv.FormatBool(is()) },
		set: func(chosen string) error {
			switch yes := chosen == "true"; {
			case yes == is():
			case yes == byDefault:
				*value = nil
			default:
				*value = &yes
			}
			return nil
		}}
}

// whole is the whole number that was typed.
func whole(typed string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(typed))
	if err != nil {
		return 0, refuse("write digits only", "%q is not a whole number", strings.TrimSpace(typed))
	}
	return n, nil
}

// number takes a whole number.
func number(value *int) answer {
	return answer{kind: form.Number,
		get: func() string { return strconv.Itoa(*value) },
		set: func(typed string) error {
			n, err := whole(typed)
			if err == nil {
				*value = n
			}
			return err
		}}
}

// numberOr takes a whole number, left out where nothing is typed.
func numberOr[T int | int32](value **T) answer {
	return answer{kind: form.Number,
		get: func() string {
			if *value == nil {
				return ""
			}
			return strconv.FormatInt(int64(**value), 10)
		},
		set: func(typed string) error {
			if strings.TrimSpace(typed) == "" {
				*value = nil
				return nil
			}
			n, err := whole(typed)
			if err != nil {
				return err
			}
			own := T(n)
			if int(own) != n {
				return refuse("write a smaller number", "%d is too large", n)
			}
			*value = &own
			return nil
		}}
}

// duration takes a number and a unit, left out where nothing is typed.
func duration(value **metav1.Duration) answer {
	return answer{kind: form.Text,
		get: func() string {
			if *value == nil {
				return ""
			}
			return brief((*value).Duration)
		},
		set: func(typed string) error {
			if typed = strings.TrimSpace(typed); typed == "" {
				*value = nil
				return nil
			}
			parsed, err := time.ParseDuration(typed)
			if err != nil {
				return refuse("write a number and a unit, such as 10m or 300s", "%q is not a duration", typed)
			}
			*value = &metav1.Duration{Duration: parsed}
			return nil
		}}
}

// brief leaves out the units of a duration that are zero: 10m, not 10m0s.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// portion takes a number or a percentage, left out where nothing is typed.
func portion(value **intstr.IntOrString) answer {
	return answer{kind: form.Text,
		get: func() string {
			if *value == nil {
				return ""
			}
			return (*value).String()
		},
		set: func(typed string) error {
			if typed = strings.TrimSpace(typed); typed == "" {
				*value = nil
				return nil
			}
			parsed := intstr.Parse(typed)
			*value = &parsed
			return nil
		}}
}
