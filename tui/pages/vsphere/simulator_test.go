package vsphere

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"strings"
	"testing"

	_ "github.com/vmware/govmomi/pbm/simulator" // storage policies
	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator" // tags

	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
)

// simulated is a vCenter of govmomi's simulator, and a backend that asks it as
// the program does.
func simulated(t *testing.T) (address string, b *backendtest.Backend) {
	t.Helper()
	m := simulator.VPX()
	m.ServiceContent.About.ApiVersion = "8.0.3.0"
	if err := m.Create(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Remove)
	m.Service.TLS = new(tls.Config)
	m.Service.RegisterEndpoints = true
	m.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword("admin@vsphere.local", "hunter22")}
	s := m.Service.NewServer()
	t.Cleanup(s.Close)
	b = &backendtest.Backend{}
	site := func(server string) vcenter.Site {
		return vcenter.Site{Server: server, Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }, Credentials: vcenter.Credentials{
			Username: b.Env.Getenv(vcenter.UsernameVariable), Password: secret.New(b.Env.Getenv(vcenter.PasswordVariable))}}
	}
	b.CertificateFunc = func(ctx context.Context, server string) (backend.Certificate, error) {
		shown, err := vcenter.Present(ctx, site(server))
		return backend.Certificate(shown), err
	}
	b.InventoryFunc = func(ctx context.Context, server, thumbprint string, insecure bool, datacenter string) (backend.Inventory, error) {
		at := site(server)
		at.Thumbprint, at.Insecure = thumbprint, insecure
		found, err := vcenter.Browse(ctx, at, datacenter)
		items := func(entries []vcenter.Entry) (all []backend.Item) {
			for _, e := range entries {
				all = append(all, backend.Item(e))
			}
			return all
		}
		return backend.Inventory{Datacenters: items(found.Datacenters), ComputeClusters: items(found.ComputeClusters), ResourcePools: items(found.ResourcePools),
			Datastores: items(found.Datastores), Folders: items(found.Folders), Networks: items(found.Networks), Templates: items(found.Templates),
			StoragePolicies: items(found.StoragePolicies), Tags: items(found.Tags)}, err
	}
	return s.URL.Host, b
}

// TestSimulatedVCenter chooses by keys from what a vCenter answers, over its
// own protocols: first with a wrong password.
func TestSimulatedVCenter(t *testing.T) {
	address, b := simulated(t)
	config := newDraft()
	d, _ := begin(t, config, b, 80, 24)
	d.Type(address)
	d.Press("enter")
	d.Wait("Nobody here vouches for it")
	d.Press("enter")
	d.Wait("do not trust it")
	d.Press("down", "enter")
	d.Type("admin@vsphere.local")
	d.Press("enter")
	d.Type("wrong")
	d.Press("ctrl+t")
	d.Wait("refused the login")
	d.Press("backspace", "backspace", "backspace", "backspace", "backspace")
	d.Type("hunter22")
	d.Press("ctrl+t")
	d.Wait("who sees 1 datacenter.")
	d.Press("ctrl+n", "enter")
	d.Wait("❯ DC0")
	d.Press("enter", "enter")
	d.Wait("DC0_DVPG0", "2 to choose from") // and no switch's own
	d.Type("dvpg")
	d.Press("enter")
	d.Press("tab", "enter") // past the template: there is none
	d.Wait("LocalDS_0", "TiB free of")
	d.Press("enter", "enter")
	d.Wait("/DC0/host/DC0_C0/Resources")
	d.Type("C0/Resources")
	d.Press("enter")

	if got := config.Config.VSphereDatacenter.Spec; got.Datacenter != "DC0" || got.Network != "/DC0/network/DC0_DVPG0" || got.Thumbprint == "" {
		t.Errorf("%+v", got)
	}
	if m := machineSpec(t, config, "prod"); m.Datastore != "/DC0/datastore/LocalDS_0" || m.ResourcePool != "/DC0/host/DC0_C0/Resources" {
		t.Errorf("%+v", m)
	}
	if strings.Contains(d.Screen()+config.YAML(), "hunter22") {
		t.Error("the password is shown")
	}
}
