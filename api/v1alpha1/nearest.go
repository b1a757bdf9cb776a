package v1alpha1

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// maxListed is how many names a remedy lists; more help nobody.
const maxListed = 24

// nearest returns the name of known that was most likely meant by name, or "".
func nearest(name string, known []string) string {
	// Longer names are no slip of the pen, and their distance takes long.
	if name == "" || len(name) > 64 {
		return ""
	}
	wanted := strings.ToLower(name)
	best, bestDistance := "", 0
	for _, candidate := range slices.Sorted(slices.Values(known)) {
		have := strings.ToLower(candidate)
		distance := levenshtein.ComputeDistance(wanted, have)
		// "etcdConfiguration" is far from "externalEtcdConfiguration" by
		// distance, and yet meant.
		within := len(wanted) >= 4 && (strings.Contains(have, wanted) || strings.Contains(wanted, have) && len(have) >= 4)
		if within {
			distance = min(distance, 1)
		} else if distance > max(min(2, len(wanted)/2), len(wanted)/3) {
			continue // more than two letters that changed places
		}
		if best == "" || distance < bestDistance {
			best, bestDistance = candidate, distance
		}
	}
	return best
}

// choose is the remedy for a name that is none of known.
func choose(name string, known []string) string {
	if meant := nearest(name, known); meant != "" {
		return "did you mean " + meant + "?"
	}
	switch {
	case len(known) == 0:
		return "remove it"
	case len(known) > maxListed:
		return "remove it"
	}
	return "known here: " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}
