package vsphere

import "slices"

// renamed is what became of a list of names that was edited: for each new name
// the index of the old one that it stands for, or -1 for one that is added. A
// list of the same length with a single other name has one renamed.
func renamed(before, after []string) []int {
	var origin []int
	var other []int
	for i, name := range after {
		at := slices.Index(before, name)
		origin = append(origin, at)
		if at < 0 {
			other = append(other, i)
		}
	}
	if len(before) != len(after) || len(other) != 1 {
		return origin
	}
	for i := range before {
		if !slices.Contains(origin, i) {
			origin[other[0]] = i
		}
	}
	return origin
}
