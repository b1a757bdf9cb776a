// Package verdict gathers what a preflight check sees, and says it in the form
// in which every check reports.
package verdict

import (
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/event"
)

// Verdict is what one check sees: one check may look at many objects and
// reports all that is wrong with them at once.
type Verdict struct {
	// Problems are what fails the check.
	Problems []string
	// Skipped says why nothing was looked at; empty where something was.
	Skipped string

	want     string
	found    []string
	warnings []string
	remedies []string
}

// Wants says what is looked for.
func (v *Verdict) Wants(format string, args ...any) { v.want = fmt.Sprintf(format, args...) }

// Sees notes something that is as it should be.
func (v *Verdict) Sees(format string, args ...any) {
	v.found = append(v.found, fmt.Sprintf(format, args...))
}

// Fails notes a problem and what to do about it.
func (v *Verdict) Fails(remedy, format string, args ...any) {
	v.Problems = append(v.Problems, fmt.Sprintf(format, args...))
	v.advise(remedy)
}

// Warns notes something that may go well but should be looked at.
func (v *Verdict) Warns(remedy, format string, args ...any) {
	v.warnings = append(v.warnings, fmt.Sprintf(format, args...))
	v.advise(remedy)
}

func (v *Verdict) advise(remedy string) {
	if remedy != "" && !slices.Contains(v.remedies, remedy) {
		v.remedies = append(v.remedies, remedy)
	}
}

// Result is the verdict as the preflight reports it: problems before
// warnings, and what is in order only when nothing else is to be said.
func (v *Verdict) Result() event.Check {
	c := event.Check{Result: event.Passed, Want: v.want, Found: strings.Join(v.found, "; "), Remedy: strings.Join(v.remedies, "\n")}
	switch {
	case v.Skipped != "":
		c.Result, c.Found, c.Remedy = event.Skipped, v.Skipped, ""
	case len(v.Problems) > 0:
		c.Result, c.Found = event.Failed, strings.Join(slices.Concat(v.Problems, v.warnings), "; ")
	case len(v.warnings) > 0:
		c.Result, c.Found = event.Warned, strings.Join(v.warnings, "; ")
	}
	return c
}
