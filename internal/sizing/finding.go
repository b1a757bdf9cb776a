package sizing

import (
	"fmt"
	"strings"
)

// mostOverlaps is how many collisions are told one by one: a pods' range on the
// hosts' network collides with every host.
const mostOverlaps = 4

// Finding is a fact for a person to read.
type Finding struct {
	// Warning says that something should be changed.
	Warning bool
	Text    string
}

// Findings say what the plan allows, and warn where that is little or ranges
// collide.
func (p Plan) Findings() []Finding {
	var all []Finding
	say := func(warning bool, format string, args ...any) {
		all = append(all, Finding{Warning: warning, Text: fmt.Sprintf(format, args...)})
	}
	switch {
	case p.Nodes == 0:
	case p.Nodes < p.MostMachines:
		say(true, "The pods' range has room for %s, and the cluster can have %d: use a larger range, or a larger number for the nodes' mask.", count(p.Nodes, "node"), p.MostMachines)
	default:
		say(false, "Room for %s with up to %s each; the cluster begins with %d and can have %d.", count(p.Nodes, "node"), count(p.PodsPerNode(), "pod"), p.Machines, p.MostMachines)
	}
	if p.Nodes > 0 && p.PodAddresses < p.MaxPods {
		say(true, "A node's /%d has %s for pods, and its kubelet may start %d: use a smaller number for the nodes' mask.", p.NodeMask, count(p.PodAddresses, "address"), p.MaxPods)
	}
	if p.ServiceAddresses > 0 {
		say(false, "Room for %s.", count(p.ServiceAddresses, "service"))
	}
	for i, o := range p.Overlaps {
		if left := len(p.Overlaps) - i; i == mostOverlaps && left > 1 {
			say(true, "%d more ranges share addresses.", left)
			break
		}
		say(true, "%s: use another range.", capitalised(o.String()))
	}
	return all
}

// count is a number and what it is of.
func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "s"):
		return fmt.Sprintf("%d %ses", n, what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func capitalised(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
