package rehearsal

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
)

func TestMachinesFormACluster(t *testing.T) {
	s, k := open(t, t.TempDir()), newKeys(t)
	a := login(t, s)
	a.launch(t, k, "lab-1", machine.Init)
	eventually(t, s, "lab-1", "joined", joined)
	c := api(t, s, k)
	allow(t, c)
	a.launch(t, k, "lab-2", machine.ControlPlane)
	a.launch(t, k, "lab-md-0-1", machine.Worker)
	eventually(t, s, "lab-2", "joined", joined)
	eventually(t, s, "lab-md-0-1", "joined", joined)
	nodes, err := c.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(nodes.Items) != 3 {
		t.Fatalf("there are %d nodes", len(nodes.Items))
	}
}
