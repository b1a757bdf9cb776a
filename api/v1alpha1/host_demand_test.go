package v1alpha1

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// demand is one for count of the hosts given by index.
func demand(name string, count int, hosts ...int) *hostDemand {
	machine := &SSHMachineConfig{Spec: SSHMachineConfigSpec{HardwareSelector: HardwareSelector{"for": name}}}
	return &hostDemand{machine: machine, count: count, groups: []string{name}, hosts: hosts}
}

func TestShortage(t *testing.T) {
	for _, test := range []struct {
		name    string
		demands []*hostDemand
		want    string // "who: need/have", or "" for none
	}{
		{"apart", []*hostDemand{demand("a", 2, 0, 1), demand("b", 1, 2)}, ""},
		{"both want one", []*hostDemand{demand("a", 1, 0), demand("b", 1, 0)}, "a b: 2/1"},
		{"the first makes room", []*hostDemand{demand("a", 1, 0, 1), demand("b", 1, 0)}, ""},
		{"room through another", []*hostDemand{demand("a", 1, 0, 1), demand("b", 1, 1, 2), demand("c", 1, 0)}, ""},
		{"a ring", []*hostDemand{demand("a", 1, 0, 1), demand("b", 1, 1, 2), demand("c", 1, 2, 0)}, ""},
		{"a ring too small", []*hostDemand{demand("a", 1, 0, 1), demand("b", 1, 0, 1), demand("c", 1, 0, 1), demand("d", 1, 5)}, "a b c: 3/2"},
		{"who has enough is not named", []*hostDemand{demand("a", 1, 0, 1, 2), demand("b", 2, 3, 4), demand("c", 1, 3, 4)}, "b c: 3/2"},
		{"nothing needed", []*hostDemand{demand("a", 0), demand("b", 1, 0)}, ""},
	} {
		got := ""
		if s := shortage(test.demands); s != nil {
			var who []string
			for _, d := range s.demands {
				who = append(who, d.groups...)
			}
			got = fmt.Sprintf("%s: %d/%d", strings.Join(who, " "), s.need, s.have)
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// feasible tries every way to give hosts away.
func feasible(demands []*hostDemand, taken map[int]bool) bool {
	for _, d := range demands {
		if d.count == 0 {
			continue
		}
		d.count--
		defer func() { d.count++ }()
		for _, host := range d.hosts {
			if !taken[host] {
				taken[host] = true
				if feasible(demands, taken) {
					return true
				}
				delete(taken, host)
			}
		}
		return false
	}
	return true
}

// TestShortageIsRight compares with trying everything, and holds a shortage
// to what it says.
func TestShortageIsRight(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	short := 0
	for range 5000 {
		demands := make([]*hostDemand, 2+random.IntN(4))
		for i := range demands {
			demands[i] = demand(fmt.Sprint(i), random.IntN(3))
			for host := range 7 {
				if random.IntN(5) < 2 {
					demands[i].hosts = append(demands[i].hosts, host)
				}
			}
		}
		s := shortage(demands)
		if want := feasible(demands, map[int]bool{}); (s == nil) != want {
			t.Fatalf("feasible is %v, and the shortage %v", want, s)
		}
		if s == nil {
			continue
		}
		short++
		hosts, need := map[int]bool{}, 0
		for _, d := range s.demands {
			need += d.count
			for _, host := range d.hosts {
				hosts[host] = true
			}
		}
		if need != s.need || len(hosts) != s.have || s.have >= s.need {
			t.Fatalf("need %d of %d hosts, and the shortage says %d of %d", need, len(hosts), s.need, s.have)
		}
	}
	if short < 100 {
		t.Errorf("only %d of the demands were short", short)
	}
}

// TestManyHosts has as many hosts as Kubernetes supports nodes, all of them
// sought by all.
func TestManyHosts(t *testing.T) {
	config := &Config{Cluster: &Cluster{}, SSHDatacenter: &SSHDatacenterConfig{}, SSHMachines: map[string]*SSHMachineConfig{}}
	config.Cluster.Spec.DatacenterRef.Kind = SSHDatacenterKind
	for i := range 5_000 {
		labels := map[string]string{"all": "true"}
		for group := range 20 {
			if i>>(group%13)&1 == 1 {
				labels[fmt.Sprintf("g%d", group)] = "true"
			}
		}
		config.SSHDatacenter.Spec.Hosts = append(config.SSHDatacenter.Spec.Hosts, SSHHost{Labels: labels})
	}
	for group := range 20 {
		name, count := fmt.Sprintf("g%d", group), 200
		config.SSHMachines[name] = &SSHMachineConfig{Spec: SSHMachineConfigSpec{HardwareSelector: HardwareSelector{name: "true"}}}
		config.Cluster.Spec.WorkerNodeGroupConfigurations = append(config.Cluster.Spec.WorkerNodeGroupConfigurations,
			WorkerNodeGroupConfiguration{Name: name, Count: &count, MachineGroupRef: &Ref{Kind: SSHMachineConfigKind, Name: name}})
	}
	start := time.Now()
	v := &validator{config: config}
	v.enoughHosts()
	if len(v.problems) != 0 {
		t.Errorf("problems %v", v.problems)
	}
	if took := time.Since(start); took > answerWithin {
		t.Errorf("took %s", took)
	}
}

func TestHostNotes(t *testing.T) {
	base := read(t, "testdata/ssh.yaml")
	for _, test := range []struct {
		name  string
		edits []string
		want  []string
	}{
		{"spare hosts", nil, nil},
		{"no spare host", []string{"rollingUpdate: {maxSurge: 0}", "rollingUpdate: {maxSurge: 1}"}, []string{"3 hosts have the labels, and 4 are needed while an upgrade replaces machines, for the control plane"}},
		{"no spare worker", []string{"      count: 2", "      count: 3"}, []string{"3 hosts have the labels, and 4 are needed while an upgrade replaces machines, for md-0"}},
		{"scaling", inWorkers("autoscalingConfiguration: {minCount: 1, maxCount: 5}"), []string{"3 hosts have the labels, and the groups can scale to 5 machines"}},
		{"shared", []string{"    count: 3", "    count: 1", "hardwareSelector: {type: worker}", "hardwareSelector: {rack: a}", "      count: 2", "      count: 1"}, []string{"the host \"host-1\" can be used for the control plane and for md-0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			config, err := Parse("file", []byte(edit(t, base, test.edits...)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, note := range config.Notes() {
				checkWhole(t, note)
				if note.Field == "spec.hardwareSelector" {
					got = append(got, note.Message)
				}
			}
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("notes %q, want %q", got, test.want)
			}
		})
	}
}
