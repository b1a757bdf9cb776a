package vcenter

import (
	"cmp"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/manifests/releases"
)

// defaultCluster is made where the file leaves the compute cluster open, as
// the resource pool "*/Resources" does.
const defaultCluster = "Cluster"

// hostsPerCluster is enough for a simulated site to look like one; each host
// costs the simulator about half a megabyte.
const hostsPerCluster = 2

// Plan is an inventory to make: everything a configuration names. Paths in it
// have no leading slash.
type Plan struct {
	Datacenters []*Datacenter
	Templates   []*Template
	// Tags are in the order in which they are made.
	Tags            []*Tag
	StoragePolicies []string
	// Machines, MemoryMiB and DiskGiB are what the whole cluster needs,
	// CPUs what its largest machine needs.
	Machines, MemoryMiB, DiskGiB, CPUs int
}

// Datacenter is a datacenter and what is in it; paths are relative to its
// vm, host, datastore and network folders.
type Datacenter struct {
	Path       string
	Clusters   []*Cluster
	Folders    []string
	Datastores []string
	Networks   []string
}

// Cluster is a compute cluster; Pools are paths below its root pool.
type Cluster struct {
	Path  string
	Pools []string
}

// Template is a machine template. Cluster and Datastore are where it lies.
type Template struct {
	Datacenter, Path   string
	Cluster, Datastore string
	DiskGiB            int
	// Linked is set when a linked clone is asked for, which fixes DiskGiB.
	Linked bool
	// Kubernetes is the version of its kubelet; empty where no release of
	// the catalogue is known for it.
	Kubernetes string
}

// Tag is a tag and the full inventory paths of what carries it. ID is empty
// where any will do.
type Tag struct {
	Category, Name, ID string
	On                 []string
}

// NewPlan plans the inventory that cfg names, and what machines lie in: the
// configuration may have changed since they were made. A path that no client
// could find anything by is left out: the preflight reports it as on a real
// site.
func NewPlan(cfg *v1alpha1.Config, catalogue *releases.Catalogue, machines []VM) *Plan {
	p := &planner{plan: &Plan{}, cfg: cfg, catalogue: catalogue}
	spec := cfg.VSphereDatacenter.Spec
	p.home = p.datacenter(strings.Trim(spec.Datacenter, "/"))
	p.network(spec.Network)
	// Clusters with a name come first: a wildcard means one of them.
	for _, domain := range spec.FailureDomains {
		p.cluster(domain.ComputeCluster)
	}
	for _, wildcard := range []bool{false, true} {
		for _, m := range p.machineConfigs() {
			if isGlob(m.Spec.ResourcePool) == wildcard {
				p.pool(m.Spec.ResourcePool)
			}
		}
	}
	for _, domain := range spec.FailureDomains {
		p.failureDomain(domain)
	}
	for _, m := range p.machineConfigs() {
		p.machineConfig(m)
	}
	for _, g := range groups(cfg) {
		p.group(g)
	}
	for _, m := range machines {
		p.folder(m.Folder)
		p.pool(m.Pool)
		p.datastore(m.Datastore)
		for _, card := range m.Cards {
			p.network(card.Network)
		}
	}
	for _, dc := range p.plan.Datacenters {
		dc.complete()
	}
	return p.plan
}

// complete adds what a datacenter cannot do without.
func (d *Datacenter) complete() {
	if len(d.Clusters) == 0 {
		d.Clusters = []*Cluster{{Path: defaultCluster}}
	}
	if len(d.Datastores) == 0 {
		d.Datastores = []string{"datastore"}
	}
	if len(d.Networks) == 0 {
		d.Networks = []string{"VM Network"}
	}
}

type planner struct {
	plan      *Plan
	cfg       *v1alpha1.Config
	catalogue *releases.Catalogue
	home      *Datacenter // the file's datacenter, which relative paths start from
}

// group is a number of equal machines.
type group struct {
	count  int
	minor  string
	config *v1alpha1.VSphereMachineConfig
}

// groups are the cluster's machines, the control plane first.
func groups(cfg *v1alpha1.Config) []group {
	spec := cfg.Cluster.Spec
	var all []group
	add := func(count int, minor v1alpha1.KubernetesVersion, ref *v1alpha1.Ref) {
		if ref == nil || cfg.VSphereMachines[ref.Name] == nil {
			return
		}
		all = append(all, group{count, string(minor), cfg.VSphereMachines[ref.Name]})
	}
	add(spec.ControlPlaneConfiguration.Count, spec.KubernetesVersion, spec.ControlPlaneConfiguration.MachineGroupRef)
	if etcd := spec.ExternalEtcdConfiguration; etcd != nil {
		add(etcd.Count, spec.KubernetesVersion, etcd.MachineGroupRef)
	}
	for _, w := range spec.WorkerNodeGroupConfigurations {
		count, minor := 1, spec.KubernetesVersion
		if w.Count != nil {
			count = *w.Count
		}
		if w.AutoScalingConfiguration != nil {
			count = max(count, w.AutoScalingConfiguration.MaxCount)
		}
		if w.KubernetesVersion != nil {
			minor = *w.KubernetesVersion
		}
		add(count, minor, w.MachineGroupRef)
	}
	return all
}

// machineConfigs are those that the cluster uses, by name.
func (p *planner) machineConfigs() []*v1alpha1.VSphereMachineConfig {
	var used []*v1alpha1.VSphereMachineConfig
	for _, g := range groups(p.cfg) {
		if !slices.Contains(used, g.config) {
			used = append(used, g.config)
		}
	}
	slices.SortFunc(used, func(a, b *v1alpha1.VSphereMachineConfig) int { return cmp.Compare(a.Name, b.Name) })
	return used
}

func (p *planner) machineConfig(m *v1alpha1.VSphereMachineConfig) {
	spec := m.Spec
	p.folder(spec.Folder)
	p.datastore(spec.Datastore)
	for _, n := range spec.Networks {
		p.network(n)
	}
	if spec.StoragePolicyName != "" && !slices.Contains(p.plan.StoragePolicies, spec.StoragePolicyName) {
		p.plan.StoragePolicies = append(p.plan.StoragePolicies, spec.StoragePolicyName)
	}
	for _, id := range spec.TagIDs {
		p.tag(Tag{Category: "groundwork", Name: id, ID: id}, "")
	}
	p.plan.CPUs = max(p.plan.CPUs, spec.NumCPUs)
}

func (p *planner) group(g group) {
	spec := g.config.Spec
	p.plan.Machines += g.count
	p.plan.MemoryMiB += g.count * spec.MemoryMiB
	p.plan.DiskGiB += g.count * spec.DiskGiB
	at, ok := p.resolve(spec.Template, "vm")
	if !ok {
		return
	}
	on := at.full("vm")
	p.template(g, at)
	p.tag(Tag{Category: "os", Name: "os:" + string(spec.OSFamily)}, on)
	if release, err := p.catalogue.Find(g.minor); err == nil {
		p.tag(Tag{Category: "eksdRelease", Name: "eksdRelease:" + release.EKSD}, on)
	}
}

// template plans the template of g. Groups that share it agree on its disk as
// far as they can: a linked clone keeps the size, a full clone may only grow.
func (p *planner) template(g group, at location) {
	spec := g.config.Spec
	linked := spec.CloneMode == v1alpha1.LinkedClone
	for _, t := range p.plan.Templates {
		if t.Datacenter != at.dc.Path || t.Path != at.path {
			continue
		}
		switch {
		case linked && !t.Linked:
			t.DiskGiB, t.Linked = spec.DiskGiB, true
		case !t.Linked:
			t.DiskGiB = min(t.DiskGiB, spec.DiskGiB)
		}
		return
	}
	t := &Template{Datacenter: at.dc.Path, Path: at.path, DiskGiB: spec.DiskGiB, Linked: linked}
	if release, err := p.catalogue.Find(g.minor); err == nil {
		t.Kubernetes = release.Version
	}
	if folder, _, nested := cutLast(at.path); nested {
		at.dc.Folders = include(at.dc.Folders, folder)
	}
	if pool, ok := p.resolve(spec.ResourcePool, "host"); ok && pool.dc == at.dc {
		t.Cluster, _ = p.splitPool(pool)
	}
	if ds, ok := p.resolve(spec.Datastore, "datastore"); ok && ds.dc == at.dc {
		t.Datastore = ds.path
	}
	p.plan.Templates = append(p.plan.Templates, t)
}

func (p *planner) failureDomain(d v1alpha1.FailureDomain) {
	p.pool(d.ResourcePool)
	p.folder(d.Folder)
	p.datastore(d.Datastore)
	p.network(d.Network)
	// Region and zone tags as CAPV looks for them; it does not make them.
	p.tag(Tag{Category: "k8s-region", Name: p.cfg.VSphereDatacenter.Spec.Datacenter}, "/"+p.home.Path)
	if at, ok := p.resolve(d.ComputeCluster, "host"); ok {
		p.tag(Tag{Category: "k8s-zone", Name: d.ComputeCluster}, at.full("host"))
	}
}

// tag adds a tag, and on to what carries it where it is not empty.
func (p *planner) tag(t Tag, on string) {
	for _, known := range p.plan.Tags {
		if known.Category == t.Category && known.Name == t.Name {
			if on != "" {
				known.On = include(known.On, on)
			}
			return
		}
	}
	if on != "" {
		t.On = []string{on}
	}
	p.plan.Tags = append(p.plan.Tags, &t)
}
