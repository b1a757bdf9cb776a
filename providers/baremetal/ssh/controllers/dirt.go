package controllers

import (
	"fmt"
	"slices"
	"strings"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
)

// dirt is why a host that no machine has cannot be used: the reason and
// message of its condition Clean, "" where it can.
func dirt(facts node.Facts) (reason, message string) {
	if facts.Owner.UID != "" {
		return infrav1.OwnedByAnotherReason, fmt.Sprintf("the host records that machine %s of cluster %s has it",
			facts.Owner.Machine, facts.Owner.Cluster)
	}
	if left := slices.Concat(facts.Leftovers, facts.Runtimes); len(left) > 0 {
		return infrav1.LeftoversReason, "there are remains of a cluster on the host: " + some(left)
	}
	return "", ""
}

// some names the first few.
func some(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
