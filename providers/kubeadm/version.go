package kubeadm

import (
	"strconv"
	"strings"
)

// minor is the 35 of "1.35"; 0 where there is none.
func minor(version string) int {
	_, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	rest, _, _ = strings.Cut(rest, ".")
	n, err := strconv.Atoi(rest)
	if err != nil {
		return 0
	}
	return n
}
