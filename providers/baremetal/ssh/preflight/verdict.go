package preflight

import (
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/event"
)

// verdict gathers what one check sees.
type verdict struct {
	want     string
	found    []string
	warnings []string
	problems []string
	remedies []string
	skipped  string // why nothing was looked at
}

// wants says what is looked for.
func (v *verdict) wants(format string, args ...any) { v.want = fmt.Sprintf(format, args...) }

// sees notes something that is as it should be.
func (v *verdict) sees(format string, args ...any) {
	v.found = append(v.found, fmt.Sprintf(format, args...))
}

// fails notes a problem and what to do about it.
func (v *verdict) fails(remedy, format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
	v.advise(remedy)
}

// warns notes something that may go well but should be looked at.
func (v *verdict) warns(remedy, format string, args ...any) {
	v.warnings = append(v.warnings, fmt.Sprintf(format, args...))
	v.advise(remedy)
}

func (v *verdict) advise(remedy string) {
	if remedy != "" && !slices.Contains(v.remedies, remedy) {
		v.remedies = append(v.remedies, remedy)
	}
}

// result is the verdict as the preflight reports it: problems before
// warnings, and what is in order only when nothing else is to be said.
func (v *verdict) result() event.Check {
	c := event.Check{Result: event.Passed, Want: v.want, Found: strings.Join(v.found, "; "), Remedy: strings.Join(v.remedies, "\n")}
	switch {
	case v.skipped != "":
		c.Result, c.Found, c.Remedy = event.Skipped, v.skipped, ""
	case len(v.problems) > 0:
		c.Result, c.Found = event.Failed, strings.Join(slices.Concat(v.problems, v.warnings), "; ")
	case len(v.warnings) > 0:
		c.Result, c.Found = event.Warned, strings.Join(v.warnings, "; ")
	}
	return c
}
