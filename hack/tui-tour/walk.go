package main

import (
	"path"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// walk goes from the start page to a Ready rehearsal of the cluster that
// config describes, answering every question by keys.
func (t *tour) walk(config *v1alpha1.Config) {
	t.start()
	t.cluster(config)
	t.vcenter(config)
	t.place(config)
	t.rest(config)
	t.checks()
	t.review()
	t.rehearse(config)
	t.back(config)
}

func (t *tour) start() {
	t.see("Virtual machines on vSphere")
	t.shot("start")
	t.press("Enter")
	t.see("(1 of ")
}

func (t *tour) cluster(config *v1alpha1.Config) {
	t.answer("Name", config.Cluster.Name)
	t.answer("API endpoint", config.Cluster.Spec.ControlPlaneConfiguration.Endpoint.Host)
	t.shot("cluster")
	t.press("C-n")
	t.see("(2 of ")
	t.shot("workers")
	t.press("C-n")
	t.see("(3 of ")
}

func (t *tour) vcenter(config *v1alpha1.Config) {
	t.answer("Address", config.VSphereDatacenter.Spec.Server)
	t.press("Tab")
	t.see("Certificate", "SHA-1")
	t.focus("Certificate")
	t.press("Enter")
	t.see("do not trust it")
	t.shot("certificate")
	t.press("Down", "Enter")
	t.sees(`Certificate +trust`)
	t.answer("User", username)
	t.focus("Password")
	t.write(password)
	t.press("C-t")
	t.see("lets the user in")
	t.shot("vcenter")
	t.press("C-n")
	t.see("(4 of ")
}

func (t *tour) place(config *v1alpha1.Config) {
	site := config.VSphereDatacenter.Spec
	machine := config.VSphereMachines[config.Cluster.Spec.ControlPlaneConfiguration.MachineGroupRef.Name].Spec
	t.pick("Datacenter", site.Datacenter, "")
	t.pick("Network", path.Base(site.Network), "")
	t.pick("Template", path.Base(machine.Template), "template")
	t.pick("Datastore", path.Base(machine.Datastore), "datastore")
	t.pick("Resource pool", path.Base(machine.ResourcePool), "")
	t.shot("place")
	t.choose("Folder", path.Base(machine.Folder), "")
	t.see("(5 of ")
	t.shot("machines")
}

// rest are the pages whose defaults stay, but for the key of the machines'
// user.
func (t *tour) rest(config *v1alpha1.Config) {
	for _, page := range []struct{ title, name string }{
		{"Failure domains (6", ""}, {"Node addresses (7", ""}, {"Network (8", "network"}, {"SSH access (9", "access"},
		{"Sign-in (10", ""}, {"Registry and proxy (11", "registry"}, {"Time and trust (12", ""}, {"AWS (13", ""}, {"More (14", ""},
	} {
		t.press("C-n")
		t.see(page.title)
		if page.name == "access" {
			t.key(config)
		}
		if page.name != "" {
			t.shot(page.name)
		}
	}
	t.press("C-n")
	t.see("The questions are answered.")
	t.shot("end")
	t.press("C-s")
	t.see("Save", "File")
	t.shot("save")
	t.press("Enter")
	t.see("Saved ")
	t.gone("Saved ")
}

// key answers which SSH key logs in to the machines.
func (t *tour) key(config *v1alpha1.Config) {
	name := config.Cluster.Spec.ControlPlaneConfiguration.MachineGroupRef.Name
	key := config.VSphereMachines[name].Spec.Users[0].SshAuthorizedKeys[0]
	fields := strings.Fields(key)
	t.focus("SSH keys as text")
	t.press("Enter")
	t.see("esc when it is done")
	t.write(key)
	t.see(fields[len(fields)-1])
	t.press("Escape")
	t.see(fields[0])
}

func (t *tour) checks() {
	t.see("Check the site")
	t.press("Enter")
	t.see("[ Go on to the review ]")
	t.shot("checks")
	t.press("g", "Enter")
	t.see("enter hides them")
	t.shot("checks-all")
	t.press("C-n")
}

func (t *tour) review() {
	t.see("[ Rehearse first ]", "about ")
	t.shot("review")
	t.press("/")
	t.write("numcpus")
	t.see("1 of 2")
	t.shot("review-search")
	t.press("Escape")
	t.see("/ searches")
}

// rehearse makes the cluster on a simulated site.
func (t *tour) rehearse(config *v1alpha1.Config) {
	t.press("Enter")
	t.sees(`Machines [1-4] of [3-9]`)
	t.shot("create")
	t.press("Enter")
	t.see("Stage", config.Cluster.Name+"-")
	t.shot("machine")
	t.press("Escape")
	t.see("MACHINE")
	t.press("Tab")
	t.see("❯ Log")
	t.shot("log")
	t.seeAtLast("The rehearsal has made")
	t.shot("ready")
}

// back goes to the start page, where the rehearsal can be looked at again.
func (t *tour) back(config *v1alpha1.Config) {
	for _, title := range []string{"[ Rehearse first ]", "The site is ready.", "The questions are answered.", "Clusters made from this machine"} {
		t.press("Escape")
		t.see(title)
	}
	t.see(config.Cluster.Name)
	t.shot("clusters")
	t.press("?")
	t.see("close the help")
	t.shot("help")
	t.press("Escape")
}
