package preflight

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
)

// Requirement is what a group of machines asks of a host.
type Requirement struct {
	// Cluster is the name of the cluster that the host is for.
	Cluster string
	// Address is where the configuration says that the host is.
	Address      string
	ControlPlane bool
	// Arch is that of the node files, as Go names it; "" for any.
	Arch     string
	OSFamily v1alpha1.OSFamily
	// Cilium and KubeProxy: they will run on the host.
	Cilium, KubeProxy bool
	// SwapAllowed and CgroupV1: the kubelet is told to bear them.
	SwapAllowed, CgroupV1 bool
	// SetsTheClock: the machine gets time servers.
	SetsTheClock bool
	// Binaries and Images are the node files' sizes, in bytes; 0 where they
	// are not known.
	Binaries, Images int64
}

// Problem is something that speaks against a host.
type Problem struct {
	// Check is the name of the check that it belongs to.
	Check string
	// Found says what was found, Remedy what to do on the host.
	Found, Remedy string
	// Bearable problems are for a person to know; the host can be a node.
	Bearable bool
}

// judgement gathers a host's problems.
type judgement struct {
	facts    node.Facts
	needs    Requirement
	problems []Problem
}

func (j *judgement) unfit(check, remedy, format string, args ...any) {
	j.problems = append(j.problems, Problem{Check: check, Found: fmt.Sprintf(format, args...), Remedy: remedy})
}

func (j *judgement) bearable(check, remedy, format string, args ...any) {
	j.problems = append(j.problems, Problem{Check: check, Found: fmt.Sprintf(format, args...), Remedy: remedy, Bearable: true})
}

// Judge says what speaks against a host with these facts. A host that works
// for the cluster already has on it what it should have: only what a running
// node can have wrong is looked at.
func Judge(facts node.Facts, needs Requirement) []Problem {
	j := &judgement{facts: facts, needs: needs}
	j.address()
	j.architecture()
	j.system()
	j.kernel()
	j.systemd()
	j.commands()
	j.size()
	j.swap()
	j.clock()
	switch {
	case facts.Owner == node.Owner{}:
		j.disk()
		j.ports()
		j.runtimes()
		j.leftovers()
	case facts.Owner.Cluster == needs.Cluster:
		j.bearable(CheckOwner, "Nothing, where this continues a create that was interrupted. Where it is a new cluster of the same name, reset the host first: bootstrap delete cluster.",
			"it works for this cluster already, as machine %s", facts.Owner.Machine)
	default:
		j.unfit(CheckOwner, "Delete that cluster with what made it (bootstrap delete cluster), or take the host out of the configuration.",
			"it works for the cluster %s, as machine %s", facts.Owner.Cluster, facts.Owner.Machine)
	}
	return j.problems
}

func (j *judgement) address() {
	has := j.facts.Addresses
	if len(has) > 0 && j.needs.Address != "" && !slices.Contains(has, j.needs.Address) {
		j.unfit(CheckAddresses, "Give the address that the host itself has as its address: nodes reach each other there. An address that is translated (NAT) on the way will not do.",
			"it is reached at %s, but has %s", j.needs.Address, strings.Join(has, ", "))
	}
}

func (j *judgement) architecture() {
	if j.needs.Arch != "" && j.facts.Arch != "" && j.facts.Arch != j.needs.Arch {
		j.unfit(CheckArchitecture, "Export node files for "+j.facts.Arch+" (bootstrap images export), or choose other hosts.",
			"it is %s, and the node files are for %s", j.facts.Arch, j.needs.Arch)
	}
}

// distributions are the IDs of os-release(5) that each family has.
var distributions = map[v1alpha1.OSFamily][]string{
	v1alpha1.Ubuntu: {"ubuntu"},
	v1alpha1.Debian: {"debian"},
	v1alpha1.RedHat: {"rhel", "rocky", "almalinux", "centos", "ol", "fedora", "amzn"},
}

func (j *judgement) system() {
	known, any := distributions[j.needs.OSFamily]
	if any && !slices.Contains(known, j.facts.OS) {
		j.unfit(CheckSystem, fmt.Sprintf("Correct osFamily in the SSHMachineConfig, or choose hosts with %s.", j.needs.OSFamily),
			"it runs %s, and osFamily is %s", name(j.facts), j.needs.OSFamily)
	}
}

func name(f node.Facts) string {
	switch {
	case f.OSName != "":
		return f.OSName
	case f.OS != "":
		return f.OS
	}
	return "an unknown system"
}

func (j *judgement) systemd() {
	if !j.facts.Systemd {
		j.unfit(CheckSystemd, "Choose a distribution that is started by systemd.", "it is not run by systemd")
	}
	switch {
	case j.facts.CgroupV2:
	case j.needs.CgroupV1:
		j.bearable(CheckSystemd, "Boot it with cgroup v2 (systemd.unified_cgroup_hierarchy=1 on the kernel's command line) before Kubernetes drops cgroup v1.",
			"it has cgroup v1, which the kubelet is told to bear")
	default:
		j.unfit(CheckSystemd, "Boot it with cgroup v2: systemd.unified_cgroup_hierarchy=1 on the kernel's command line, then reboot. "+
			"Or let the kubelet bear it: failCgroupV1: false in the group's kubeletConfiguration.",
			"it has not all controllers in cgroup v2, which the kubelet wants since Kubernetes 1.35")
	}
}

func (j *judgement) commands() {
	if missing := j.facts.MissingCommands; len(missing) > 0 {
		j.unfit(CheckCommands, "Install the packages that have them: coreutils, util-linux, iproute2 (iproute on Red Hat), kmod, tar, and gawk or mawk.",
			"it lacks the commands %s", strings.Join(missing, ", "))
	}
	if missing := j.facts.MissingModules; len(missing) > 0 {
		j.unfit(CheckCommands, "Install the kernel's extra modules (linux-modules-extra-$(uname -r) on Ubuntu, kernel-modules-core on Red Hat), and see that modprobe "+missing[0]+" works; after a kernel update, reboot.",
			"its kernel lacks the modules %s", strings.Join(missing, ", "))
	}
}

// maxSkew is how far a host's clock may be off: certificates are valid from
// the moment they are made, by the clock of who makes them, and etcd warns
// from 1 s on.
const maxSkew = 5 * time.Second

func (j *judgement) clock() {
	const remedy = "Set the clock: timedatectl set-ntp true (systemd-timesyncd), or chronyc makestep, with a time server that the host can reach."
	skew := j.facts.Skew.Abs()
	switch {
	case j.facts.Time.IsZero(): // the host did not tell
	case skew > maxSkew+j.facts.Uncertainty:
		direction := "ahead of"
		if j.facts.Skew < 0 {
			direction = "behind"
		}
		j.unfit(CheckClock, remedy, "its clock is %s %s this machine's", skew.Round(time.Second/10), direction)
		return
	}
	if !j.facts.NTPSynchronized && !j.needs.SetsTheClock {
		j.bearable(CheckClock, remedy+" Or name time servers in the SSHMachineConfig (hostOSConfiguration.ntpConfiguration.servers).",
			"nothing keeps its clock right (timedatectl: NTPSynchronized=no)")
	}
}

func (j *judgement) swap() {
	if j.facts.Swap > 0 && !j.needs.SwapAllowed {
		j.unfit(CheckSwap, "swapoff -a, and take the swap out of /etc/fstab (systemctl mask on zram and .swap units). Or let the kubelet bear it: failSwapOn: false in the group's kubeletConfiguration.",
			"%s of swap are in use", bytes(j.facts.Swap))
	}
}

func (j *judgement) runtimes() {
	if found := j.facts.Runtimes; len(found) > 0 {
		j.unfit(CheckRuntimes, "Remove the packages and stop what runs (apt-get purge docker.io docker-ce containerd.io containerd cri-o kubelet; dnf remove docker-ce containerd.io cri-o kubelet; k3s-uninstall.sh; rke2-uninstall.sh; snap remove microk8s), then reboot: the node brings its own.",
			"it has %s", some(found))
	}
}

func (j *judgement) leftovers() {
	if found := j.facts.Leftovers; len(found) > 0 {
		j.unfit(CheckLeftovers, "Save what you need, then: kubeadm reset -f (where kubeadm is there yet); rm -rf /etc/kubernetes /etc/cni/net.d /var/lib/kubelet /var/lib/etcd; reboot, which takes Cilium's and others' network interfaces away.",
			"it has remains of a cluster: %s", some(found))
	}
}

// some names the first few.
func some(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// labels writes a selector for people.
func labels(s v1alpha1.HardwareSelector) string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(s)) {
		pairs = append(pairs, key+"="+s[key])
	}
	return strings.Join(pairs, ",")
}
