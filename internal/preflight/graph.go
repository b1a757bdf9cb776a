package preflight

import (
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/providers"
)

// validate refuses checks that could never run: two of one name, a need that
// is not there, needs that go in a circle. All are defects of the caller.
func validate(checks []providers.Check) error {
	byName := make(map[string]providers.Check, len(checks))
	for _, c := range checks {
		if _, twice := byName[c.Name]; twice {
			return fmt.Errorf("two preflight checks are called %q", c.Name)
		}
		byName[c.Name] = c
	}
	for _, c := range checks {
		for _, need := range c.Needs {
			if _, ok := byName[need]; !ok {
				return fmt.Errorf("preflight check %q needs %q, which does not exist", c.Name, need)
			}
		}
	}
	finished := make(map[string]bool, len(checks))
	for _, c := range checks {
		if circle := findCircle(c.Name, byName, finished, nil); circle != nil {
			return fmt.Errorf("preflight checks need each other in a circle: %s", strings.Join(circle, " needs "))
		}
	}
	return nil
}

// findCircle follows the needs of name and returns the first circle that it
// comes to. path is how it got there; finished holds names known to be sound.
func findCircle(name string, checks map[string]providers.Check, finished map[string]bool, path []string) []string {
	if finished[name] {
		return nil
	}
	path = append(path, name)
	for _, earlier := range path[:len(path)-1] {
		if earlier == name {
			return path
		}
	}
	for _, need := range checks[name].Needs {
		if circle := findCircle(need, checks, finished, path); circle != nil {
			return circle
		}
	}
	finished[name] = true
	return nil
}
