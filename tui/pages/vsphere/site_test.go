package vsphere

import (
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

const (
	server     = "vc.example.com"
	thumbprint = "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67"
	teamTag    = "urn:vmomi:InventoryServiceTag:8e0ce079-0677-48d6-8865-19ada4e6dabd:GLOBAL"
)

// walk shows the pages one after the other, as the wizard does.
type walk struct {
	pages []*form.Model
	at    int
}

func (w *walk) page() *form.Model   { return w.pages[w.at] }
func (w *walk) Init() tea.Cmd       { return w.page().Init() }
func (w *walk) Title() string       { return w.page().Page().Title }
func (w *walk) Keys() []key.Binding { return w.page().Keys() }
func (w *walk) View(width, height int) string {
	return w.page().View(width, height)
}

func (w *walk) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	switch msg.(type) {
	case form.Next:
		w.at = min(w.at+1, len(w.pages)-1)
		return w, w.page().Init()
	case form.Previous:
		w.at = max(w.at-1, 0)
		return w, w.page().Init()
	}
	return w, w.page().Update(msg)
}

// newDraft is a new cluster with what comes before vSphere's pages answered.
func newDraft() *draft.Draft {
	d := draft.New(v1alpha1.VSphereDatacenterKind, "prod")
	d.Config.Cluster.Spec.KubernetesVersion = "1.35"
	d.ControlPlane().Endpoint = &v1alpha1.Endpoint{Host: "10.0.0.5"}
	d.Changed()
	return d
}

// newBackend knows a vCenter with two datacenters.
func newBackend() *backendtest.Backend {
	whole := backend.Inventory{
		Datacenters:     []backend.Item{{Path: "/Leipzig"}, {Path: "/dc1"}},
		StoragePolicies: []backend.Item{{Path: "Gold", Detail: "on flash"}},
		Tags:            []backend.Item{{Path: teamTag, Detail: "owner: team-a"}},
	}
	dc1 := whole
	dc1.ComputeClusters = []backend.Item{{Path: "/dc1/host/east", Detail: "4 hosts"}, {Path: "/dc1/host/west", Detail: "4 hosts"}}
	dc1.ResourcePools = []backend.Item{{Path: "/dc1/host/east/Resources"}, {Path: "/dc1/host/west/Resources"}}
	dc1.Datastores = []backend.Item{{Path: "/dc1/datastore/broken", Detail: "1 TiB free", Unfit: "it is in maintenance mode"}, {Path: "/dc1/datastore/ssd", Detail: "512 GiB free of 2.0 TiB"}}
	dc1.Folders = []backend.Item{{Path: "/dc1/vm"}, {Path: "/dc1/vm/eks"}}
	dc1.Networks = []backend.Item{{Path: "/dc1/network/nodes", Detail: "distributed port group, VLAN 30"}}
	dc1.Templates = []backend.Item{
		{Path: "/dc1/vm/old", Detail: "Kubernetes 1.34, ubuntu", Kubernetes: []string{"1.34"}, OSFamily: "ubuntu"},
		{Path: "/dc1/vm/rhel", Detail: "Kubernetes 1.35, redhat", Kubernetes: []string{"1.35"}, OSFamily: "redhat"},
		{Path: "/dc1/vm/plain", Unfit: "it has no tag eksdRelease:kubernetes-…"},
	}
	return &backendtest.Backend{Answers: backendtest.Answers{
		Inventories: map[string]backend.Inventory{"": whole, "dc1": dc1},
		Certificates: map[string]backend.Certificate{server: {
			Thumbprint: thumbprint, SHA256: "AB:CD", Subject: "CN=vc", Issuer: "CN=vc", Names: []string{server},
			NotAfter: time.Date(2028, time.May, 1, 0, 0, 0, 0, time.UTC), Untrusted: "x509: certificate signed by unknown authority",
		}},
	}}
}

// begin shows the pages on a terminal of that size.
func begin(t *testing.T, d *draft.Draft, b backend.Backend, width, height int) (*tuitest.Driver, *walk) {
	t.Helper()
	env := tuitest.Env()
	w := &walk{}
	for _, page := range Pages(d, b, env) {
		w.pages = append(w.pages, form.New(env, page, d))
	}
	t.Cleanup(func() { w.page().Close() })
	return tuitest.Body(t, w, width, height), w
}

// machineSpec is a machine configuration of the draft.
func machineSpec(t *testing.T, d *draft.Draft, name string) *v1alpha1.VSphereMachineConfigSpec {
	t.Helper()
	m := d.Config.VSphereMachines[name]
	if m == nil {
		t.Fatalf("there is no machine configuration %s", name)
	}
	return &m.Spec
}
