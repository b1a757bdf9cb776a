package v1alpha1

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// hostDemand is the hosts that the groups with one machine configuration need.
type hostDemand struct {
	machine *SSHMachineConfig
	// count is how many hosts the groups have, surge how many more an upgrade
	// has at a time, most how many they can scale to.
	count, surge, most int
	// groups name the groups, for messages.
	groups []string
	// hosts are the indexes of the hosts that are selected.
	hosts []int
}

// hostDemands are the demands of the cluster, in the order of the file.
func (c *Config) hostDemands() []*hostDemand {
	var all []*hostDemand
	add := func(ref *Ref, group string, count, surge, most int) {
		m := c.sshMachine(ref)
		if m == nil {
			return
		}
		i := slices.IndexFunc(all, func(d *hostDemand) bool { return d.machine == m })
		if i < 0 {
			i, all = len(all), append(all, &hostDemand{machine: m})
		}
		d := all[i]
		d.count, d.surge, d.most = d.count+atLeastZero(count), d.surge+surge, d.most+atLeastZero(most)
		d.groups = append(d.groups, group)
	}
	spec := &c.Cluster.Spec
	cp := &spec.ControlPlaneConfiguration
	add(cp.MachineGroupRef, "the control plane", cp.Count, cp.surge(), cp.Count)
	for i := range spec.WorkerNodeGroupConfigurations {
		group := &spec.WorkerNodeGroupConfigurations[i]
		count := 0
		if group.Count != nil {
			count = *group.Count
		}
		add(group.MachineGroupRef, group.Name, count, group.surge(), group.most())
	}
	for _, d := range all {
		for i := range c.SSHDatacenter.Spec.Hosts {
			if d.machine.Spec.HardwareSelector.Matches(c.SSHDatacenter.Spec.Hosts[i].Labels) {
				d.hosts = append(d.hosts, i)
			}
		}
	}
	return all
}

// sshMachine is the machine configuration that ref names, or nil.
func (c *Config) sshMachine(ref *Ref) *SSHMachineConfig {
	if ref == nil || ref.Kind != SSHMachineConfigKind {
		return nil
	}
	return c.SSHMachines[ref.Name]
}

// needed says who needs the hosts: "the control plane and md-0".
func (d *hostDemand) needed() string {
	if last := len(d.groups) - 1; last > 0 {
		return strings.Join(d.groups[:last], ", ") + " and " + d.groups[last]
	}
	return d.groups[0]
}

// text is the selector as it is written for other tools: "type=cp,rack=a".
func (s HardwareSelector) text() string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(s)) {
		pairs = append(pairs, key+"="+s[key])
	}
	return strings.Join(pairs, ",")
}

func (s HardwareSelector) valid() bool {
	for key, value := range s {
		if !isLabel(key, value) {
			return false
		}
	}
	return len(s) > 0
}

// enoughHosts validates that there is a host for every machine.
func (v *validator) enoughHosts() {
	demands := v.config.hostDemands()
	enough := true
	for _, d := range demands {
		if !d.machine.Spec.HardwareSelector.valid() {
			enough = false // a problem of its own
			continue
		}
		if missing := d.count - len(d.hosts); missing > 0 {
			enough = false
			message := fmt.Sprintf("%s the labels %s, and %d are needed, for %s", hostsHave(len(d.hosts)), d.machine.Spec.HardwareSelector.text(), d.count, d.needed())
			remedy := fmt.Sprintf("add the labels to %d more, or lower the count", missing)
			if len(d.hosts) == 0 {
				remedy = v.config.labelMeant(d.machine.Spec.HardwareSelector) + remedy
			}
			v.add(d.machine, "spec.hardwareSelector", message, remedy)
		}
	}
	if !enough {
		return
	}
	if short := shortage(demands); short != nil {
		v.add(short.demands[0].machine, "spec.hardwareSelector", short.message(),
			fmt.Sprintf("add the labels to %d more, or lower a count", short.need-short.have))
	}
}

func hostsHave(n int) string {
	switch n {
	case 0:
		return "no host has"
	case 1:
		return "1 host has"
	}
	return fmt.Sprintf("%d hosts have", n)
}

// labelMeant is a remedy for a selector that no host has the labels of.
func (c *Config) labelMeant(selector HardwareSelector) string {
	values := map[string]bool{}
	for i := range c.SSHDatacenter.Spec.Hosts {
		for key, value := range c.SSHDatacenter.Spec.Hosts[i].Labels {
			values[key+"="+value] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(selector)) {
		own := key + "=" + selector[key]
		if meant := nearest(own, slices.Collect(maps.Keys(values))); !values[own] && meant != "" {
			return "write " + strings.Replace(meant, "=", ": ", 1) + " if that is meant, or "
		}
	}
	return ""
}

// hostShortage is demands whose hosts are fewer than they need together.
type hostShortage struct {
	demands    []*hostDemand
	need, have int
}

func (s *hostShortage) message() string {
	var parts []string
	for _, d := range s.demands {
		parts = append(parts, fmt.Sprintf("%s (%s)", d.needed(), d.machine.Spec.HardwareSelector.text()))
	}
	return fmt.Sprintf("%s the labels, and %d are needed, for %s together", hostsHave(s.have), s.need, strings.Join(parts, " and "))
}

// hostClass is hosts that the same demands select.
type hostClass struct {
	demands []int
	size    int
	free    int
	// given is how many of the hosts each demand got.
	given map[int]int
}

// hostClasses sorts the hosts by who selects them; the least sought first.
func hostClasses(demands []*hostDemand) []*hostClass {
	wanted := map[int][]int{}
	for i, d := range demands {
		for _, host := range d.hosts {
			wanted[host] = append(wanted[host], i)
		}
	}
	byDemands := map[string]*hostClass{}
	for _, host := range slices.Sorted(maps.Keys(wanted)) {
		key := fmt.Sprint(wanted[host])
		if byDemands[key] == nil {
			byDemands[key] = &hostClass{demands: wanted[host], given: map[int]int{}}
		}
		byDemands[key].size++
		byDemands[key].free++
	}
	classes := make([]*hostClass, 0, len(byDemands))
	for _, key := range slices.Sorted(maps.Keys(byDemands)) {
		classes = append(classes, byDemands[key])
	}
	slices.SortStableFunc(classes, func(a, b *hostClass) int { return len(a.demands) - len(b.demands) })
	return classes
}

// shortage gives every demand its hosts, taking a host from one that has
// another to turn to (augmenting paths). It returns nil where all get theirs,
// and else the demands that compete for too few.
func shortage(demands []*hostDemand) *hostShortage {
	classes := hostClasses(demands)
	for i, d := range demands {
		need := d.count
		for _, class := range classes {
			if slices.Contains(class.demands, i) {
				take := min(need, class.free)
				class.free, class.given[i], need = class.free-take, class.given[i]+take, need-take
			}
		}
		for ; need > 0; need-- {
			asked := make([]bool, len(classes))
			if take(classes, i, asked) {
				continue
			}
			return competing(demands, classes, i, asked)
		}
	}
	return nil
}

// take gives one more host to a demand. asked are the classes that it, or who
// would have to make room, has turned to.
func take(classes []*hostClass, demand int, asked []bool) bool {
	for i, class := range classes {
		if asked[i] || !slices.Contains(class.demands, demand) {
			continue
		}
		asked[i] = true
		if class.free > 0 {
			class.free--
			class.given[demand]++
			return true
		}
		for _, other := range class.demands {
			if other != demand && class.given[other] > 0 && take(classes, other, asked) {
				class.given[other]--
				class.given[demand]++
				return true
			}
		}
	}
	return false
}

// competing are the demands that have all hosts of the classes asked, and the
// one that got too few.
func competing(demands []*hostDemand, classes []*hostClass, demand int, asked []bool) *hostShortage {
	among := map[int]bool{demand: true}
	s := &hostShortage{}
	for i, class := range classes {
		if asked[i] {
			s.have += class.size
			for other, given := range class.given {
				if given > 0 {
					among[other] = true
				}
			}
		}
	}
	for _, i := range slices.Sorted(maps.Keys(among)) {
		s.demands = append(s.demands, demands[i])
		s.need += demands[i].count
	}
	return s
}
