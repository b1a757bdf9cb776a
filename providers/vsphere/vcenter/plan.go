package vcenter

import (
	"maps"
	"slices"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// group is a number of equal machines in one place: what the configuration
// asks of the vCenter, in the words of its inventory.
type group struct {
	// name says which machines: "control plane", "workers md-0".
	name string
	// prefix is what their names start with, before the random part.
	prefix string
	// workers tells a group of workers, whose machines carry a revision too.
	workers    bool
	machine    *v1alpha1.VSphereMachineConfig
	count      int
	kubernetes string // minor, such as 1.35
	datastore  string
	folder     string
	pool       string
	networks   []string
	// domain is its failure domain, and cluster that one's compute cluster,
	// if it has one.
	domain, cluster string
}

// plan is every group of a configuration, and the references of it that lead
// nowhere.
type plan struct {
	groups   []group
	dangling []string
}

// planOf reads the groups of a vSphere configuration.
func planOf(cfg *v1alpha1.Config) plan {
	var p plan
	spec, name := cfg.Cluster.Spec, cfg.Cluster.Name
	kubernetes := string(spec.KubernetesVersion)
	control := group{name: "control plane", prefix: name, count: spec.ControlPlaneConfiguration.Count, kubernetes: kubernetes}
	p.add(cfg, control, spec.ControlPlaneConfiguration.MachineGroupRef)
	for _, w := range spec.WorkerNodeGroupConfigurations {
		g := group{name: "workers " + w.Name, prefix: name + "-" + w.Name, workers: true, count: 1, kubernetes: kubernetes}
		if w.Count != nil {
			g.count = *w.Count
		}
		if w.KubernetesVersion != nil {
			g.kubernetes = string(*w.KubernetesVersion)
		}
		p.add(cfg, g, w.MachineGroupRef, w.FailureDomains...)
	}
	return p
}

// add places g by its machine configuration, or once for each of its failure
// domains, whose share is rounded up.
func (p *plan) add(cfg *v1alpha1.Config, g group, ref *v1alpha1.Ref, domains ...string) {
	if ref == nil {
		p.dangling = append(p.dangling, g.name+": no machineGroupRef")
		return
	}
	g.machine = cfg.VSphereMachines[ref.Name]
	if g.machine == nil {
		p.dangling = append(p.dangling, g.name+": VSphereMachineConfig "+ref.Name)
		return
	}
	m := g.machine.Spec
	g.datastore, g.folder, g.pool = m.Datastore, m.Folder, m.ResourcePool
	g.networks = m.Networks
	if len(g.networks) == 0 {
		g.networks = []string{cfg.VSphereDatacenter.Spec.Network}
	}
	if len(domains) == 0 {
		p.groups = append(p.groups, g)
		return
	}
	g.count = (g.count + len(domains) - 1) / len(domains)
	for _, name := range domains {
		i := slices.IndexFunc(cfg.VSphereDatacenter.Spec.FailureDomains, func(d v1alpha1.FailureDomain) bool { return d.Name == name })
		if i < 0 {
			p.dangling = append(p.dangling, g.name+": failure domain "+name)
			continue
		}
		d := cfg.VSphereDatacenter.Spec.FailureDomains[i]
		placed := g
		placed.name += " in " + d.Name
		placed.domain = d.Name
		placed.datastore, placed.folder, placed.pool, placed.cluster = d.Datastore, d.Folder, d.ResourcePool, d.ComputeCluster
		placed.networks = []string{d.Network}
		p.groups = append(p.groups, placed)
	}
}

// distinct collects what pick finds in the groups, each once, sorted, without
// empty names.
func (p plan) distinct(pick func(group) []string) []string {
	found := map[string]bool{}
	for _, g := range p.groups {
		for _, name := range pick(g) {
			if name != "" {
				found[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func (p plan) datastores() []string {
	return p.distinct(func(g group) []string { return []string{g.datastore} })
}

func (p plan) folders() []string {
	return p.distinct(func(g group) []string { return []string{g.folder} })
}

func (p plan) pools() []string {
	return p.distinct(func(g group) []string { return []string{g.pool} })
}

func (p plan) networks() []string {
	return p.distinct(func(g group) []string { return g.networks })
}

func (p plan) templates() []string {
	return p.distinct(func(g group) []string { return []string{g.machine.Spec.Template} })
}

// using names the groups that use matches, for the messages.
func (p plan) using(use func(group) bool) []string {
	var names []string
	for _, g := range p.groups {
		if use(g) {
			names = append(names, g.name)
		}
	}
	return names
}
