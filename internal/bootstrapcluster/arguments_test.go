package bootstrapcluster

import (
	"slices"
	"testing"
)

func TestEnvironmentKeepsLoginsBack(t *testing.T) {
	own := []string{
		"EKSA_VSPHERE_PASSWORD=secret", "AWS_SECRET_ACCESS_KEY=secret", "KUBECONFIG=/some/where", "POD_NAME=other",
		"HTTPS_PROXY=http://proxy:3128", "PATH=/bin",
	}
	got := environment(own, []string{"NO_PROXY="})
	if want := []string{"HTTPS_PROXY=http://proxy:3128", "PATH=/bin", "NO_PROXY="}; !slices.Equal(got, want) {
		t.Errorf("the child gets %q, not %q", got, want)
	}
}

func TestArgumentsComeBack(t *testing.T) {
	c := newCluster(Options{Dir: "/data/demo"}, nil)
	o, err := parseArguments(c.arguments(true)[1:])
	if err != nil || o.Dir != "/data/demo" || !o.MachineSetPreflightChecks {
		t.Errorf("got %+v, %v", o, err)
	}
	for _, args := range [][]string{nil, {"--dir"}, {"--dir", "/x", "y"}, {"--other"}} {
		if _, err := parseArguments(args); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}
