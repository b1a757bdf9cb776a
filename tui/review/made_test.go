package review

import (
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

func TestTotals(t *testing.T) {
	c := config(t, "vsphere.yaml")
	c.Cluster.Spec.WorkerNodeGroupConfigurations[0].AutoScalingConfiguration = &v1alpha1.AutoScalingConfiguration{MinCount: 2, MaxCount: 6}
	all := groups(c)
	want := []group{
		{name: "control plane", count: 3, most: 3, cpus: 2, memoryMiB: 8192, diskGiB: 25, on: "/Frankfurt/host/Compute/Resources/kubernetes"},
		{name: "md-0", count: 2, most: 6, cpus: 4, memoryMiB: 16384, diskGiB: 25, on: "/Frankfurt/host/Compute/Resources/kubernetes"},
	}
	if len(all) != 2 || all[0] != want[0] || all[1] != want[1] {
		t.Errorf("groups %+v; want %+v", all, want)
	}
	if got, want := total(all), (group{count: 5, most: 9, cpus: 14, memoryMiB: 57344, diskGiB: 125}); got != want {
		t.Errorf("total %+v; want %+v", got, want)
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		300 * time.Millisecond: "about 1 s", 9200 * time.Millisecond: "about 9 s", 80 * time.Second: "about a minute",
		12*time.Minute + 40*time.Second: "about 13 minutes", 90 * time.Minute: "about 1.5 hours",
	} {
		if got := about(d); got != want {
			t.Errorf("about(%v) = %q; want %q", d, got, want)
		}
	}
	if got := hostPort("fd00::1"); got != "[fd00::1]:6443" {
		t.Error(got)
	}
	if gib(8192) != "8 GiB" || gib(2560) != "2.5 GiB" {
		t.Error(gib(8192), gib(2560))
	}
}
