package vsphere

import (
	"fmt"
	"strings"
	"testing"
)

// TestEveryQuestionByKeys answers what a cluster needs, by keys and choices
// alone, and has a configuration without problems.
func TestEveryQuestionByKeys(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			config, b := newDraft(), newBackend()
			d, w := begin(t, config, b, size[0], size[1])
			golden := func(name string) { d.Golden(fmt.Sprintf("%s-%dx%d", name, size[0], size[1])) }
			d.Type(server)
			d.Press("enter")
			d.Wait("Nobody here vouches for it")
			golden("certificate")
			d.Press("enter")
			d.Wait("do not trust it")
			d.Press("down")
			golden("consent")
			d.Press("enter")
			d.Type("admin@vsphere.local")
			d.Press("enter")
			d.Type("hunter22")
			d.Press("ctrl+t")
			d.Wait("who sees 2 datacenters")
			golden("login")
			d.Press("ctrl+n")
			d.Press("enter")
			d.Wait("Leipzig")
			d.Type("dc1")
			d.Press("enter")
			choose := func(part, wait string) {
				d.Press("enter")
				d.Wait(wait)
				d.Type(part)
				d.Press("enter")
			}
			choose("nodes", "VLAN 30")
			d.Press("enter")
			d.Wait("Kubernetes 1.35, redhat")
			golden("templates")
			d.Press("enter")
			choose("ssd", "512 GiB free")
			choose("east", "/dc1/host/west/Resources")
			golden("place")
			choose("eks", "/dc1/vm/eks") // the last: on to the next page
			d.Wait("control plane CPUs")
			d.Press("backspace")
			d.Type("4")
			d.Press("tab")
			golden("machines")
			d.Press("ctrl+n")
			d.Wait("fail independently")
			golden("domains")
			d.Press("ctrl+n")
			d.Wait("from DHCP, or")
			golden("addresses")

			if problems := config.Problems(); len(problems) > 0 {
				t.Errorf("problems:\n%v", problems)
			}
			datacenter := config.Config.VSphereDatacenter.Spec
			if datacenter.Server != server || datacenter.Thumbprint != thumbprint || datacenter.Datacenter != "dc1" || datacenter.Network != "/dc1/network/nodes" {
				t.Errorf("%+v", datacenter)
			}
			for _, name := range []string{"prod-cp", "prod"} {
				m := machineSpec(t, config, name)
				if m.Template != "/dc1/vm/rhel" || m.OSFamily != "redhat" || m.Datastore != "/dc1/datastore/ssd" || m.ResourcePool != "/dc1/host/east/Resources" || m.Folder != "/dc1/vm/eks" {
					t.Errorf("%s: %+v", name, m)
				}
			}
			if got := machineSpec(t, config, "prod-cp").NumCPUs; got != 4 {
				t.Errorf("%d CPUs", got)
			}
			if w.at != 4 {
				t.Errorf("page %d", w.at)
			}
			if strings.Contains(config.YAML(), "hunter22") || strings.Contains(d.Screen(), "hunter22") {
				t.Error("the password is shown")
			}
		})
	}
}

// TestVCenterThatIsNotThere goes on by typing what cannot be chosen.
func TestVCenterThatIsNotThere(t *testing.T) {
	config, b := newDraft(), newBackend()
	b.Inventories = nil
	d, _ := begin(t, config, b, 80, 24)
	d.Type("off.example.com")
	d.Press("enter")
	d.Wait("off.example.com does not answer")
	d.Golden("unreachable-80x24")
	d.Press("ctrl+n")
	d.Wait("Where the machines are made", "does not answer")
	d.Press("enter")
	d.Type("dc1")
	d.Press("enter")
	d.Golden("typed-80x24")
	if got := config.Config.VSphereDatacenter.Spec.Datacenter; got != "dc1" {
		t.Errorf("the datacenter is %q", got)
	}
}

// TestUntrustedCertificateKeepsThePage makes sure that nobody passes a
// certificate without a look at it.
func TestUntrustedCertificateKeepsThePage(t *testing.T) {
	d, w := begin(t, newDraft(), newBackend(), 80, 24)
	d.Type(server)
	d.Press("enter")
	d.Wait("Nobody here vouches for it")
	d.Press("ctrl+n")
	d.Wait("the vCenter's certificate is not trusted")
	d.Golden("untrusted-80x24")
	if w.at != 0 {
		t.Error("the page was left")
	}
}
