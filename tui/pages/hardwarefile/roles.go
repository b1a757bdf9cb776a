package hardwarefile

import (
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/tui/draft"
)

// Groups are what a machine configuration is for: "Control plane", "md-0,
// md-1".
func Groups(m draft.Machine) string {
	text := strings.Join(m.Groups, ", ")
	if rest, found := strings.CutPrefix(text, draft.ControlPlaneGroup); found {
		return "Control plane" + rest
	}
	return text
}

// Needed is how many machines its groups have.
func Needed(d *draft.Draft, m draft.Machine) int {
	counts := map[string]int{draft.ControlPlaneGroup: d.ControlPlane().Count}
	for _, g := range d.Groups() {
		if g.Count != nil {
			counts[g.Name] = *g.Count
		}
	}
	need := 0
	for _, g := range m.Groups {
		need += counts[g]
	}
	return need
}

// Matches says how many of a thing match: "1 host matches", "3 hosts match".
func Matches(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " matches"
	}
	return fmt.Sprintf("%d %ss match", n, noun)
}
