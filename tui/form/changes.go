package form

// mostCompared bounds the work of comparing lines: beyond it all of them count
// as changed.
const mostCompared = 1 << 20

// changes says which lines of after are not in before, in their order, and
// where the first difference is.
func changes(before, after []string) (changed []bool, first int) {
	changed = make([]bool, len(after))
	start := 0
	for start < len(before) && start < len(after) && before[start] == after[start] {
		start++
	}
	endBefore, endAfter := len(before), len(after)
	for endBefore > start && endAfter > start && before[endBefore-1] == after[endAfter-1] {
		endBefore--
		endAfter--
	}
	old, now := before[start:endBefore], after[start:endAfter]
	first = max(min(start, len(after)-1), 0)
	if len(old)*len(now) > mostCompared {
		for i := range now {
			changed[start+i] = true
		}
		return changed, first
	}
	// common[i][j] is how many lines old[i:] and now[j:] have in common.
	common := make([][]int, len(old)+1)
	for i := range common {
		common[i] = make([]int, len(now)+1)
	}
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(now) - 1; j >= 0; j-- {
			if old[i] == now[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for j < len(now) {
		switch {
		case i < len(old) && old[i] == now[j]:
			i++
			j++
		case i < len(old) && common[i+1][j] >= common[i][j+1]:
			i++
		default:
			changed[start+j] = true
			j++
		}
	}
	return changed, first
}
