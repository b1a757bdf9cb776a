package vcenter

import (
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

func TestBottlerocketDisks(t *testing.T) {
	const gi = 1 << 20 // KiB
	for name, c := range map[string]struct {
		family v1alpha1.OSFamily
		disks  []int64
		found  string
	}{
		"one":           {v1alpha1.Bottlerocket, []int64{22 * gi}, ""},
		"two":           {v1alpha1.Bottlerocket, []int64{2 * gi, 20 * gi}, ""},
		"not resized":   {v1alpha1.Bottlerocket, []int64{2 * gi, 1 * gi}, "have 2 and 1 GiB, not 2 and 20"},
		"one too small": {v1alpha1.Bottlerocket, []int64{gi + gi/2}, "has 1.50 GiB, not 22"},
		"another":       {v1alpha1.Ubuntu, []int64{5 * gi}, ""},
	} {
		m := &v1alpha1.VSphereMachineConfig{Spec: v1alpha1.VSphereMachineConfigSpec{OSFamily: c.family}}
		p := bottlerocketProblem(m, template{path: "/DC0/vm/br", disks: c.disks})
		if (p != nil) != (c.found != "") || p != nil && (!strings.Contains(p.found, c.found) || p.remedy == "") {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
