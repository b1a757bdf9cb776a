package preflight

import (
	"fmt"
	"slices"

	"groundwork.dev/bootstrap/images/bundle"
)

const (
	// controlPlaneCPUs and controlPlaneMemory are kubeadm's minimums
	// (cmd/kubeadm/app/constants: ControlPlaneNumCPU, ControlPlaneMem).
	controlPlaneCPUs   = 2
	controlPlaneMemory = 1700e6
	// comfortableMemory is what Kubernetes' documentation asks of every
	// machine ("any less will leave little room for your apps"), less what a
	// machine of that size keeps for its kernel.
	comfortableMemory = 1900e6
)

func (j *judgement) size() {
	if cpus := j.facts.CPUs; j.needs.ControlPlane && cpus > 0 && cpus < controlPlaneCPUs {
		j.unfit(CheckSize, "Choose another host for the control plane, by its labels.", "it has %d CPU, and kubeadm wants %d for a control plane", cpus, controlPlaneCPUs)
	}
	switch memory := j.facts.Memory; {
	case memory == 0: // the host did not tell
	case j.needs.ControlPlane && memory < controlPlaneMemory:
		j.unfit(CheckSize, "Choose another host for the control plane, by its labels.", "it has %s of memory, and kubeadm wants 1700 MB for a control plane", bytes(memory))
	case memory < comfortableMemory:
		j.bearable(CheckSize, "Give the host 2 GB of memory or more.", "it has %s of memory, which leaves little room for pods", bytes(memory))
	}
}

const (
	// unpacked is what an image takes on a host, measured in its archive:
	// the archive while it is imported, containerd's copy of the layers, and
	// the layers unpacked, up to two and a half times where they are
	// compressed.
	unpacked = 3.5
	// margin is for what a node writes at once: logs, etcd's database, pods'
	// writable layers.
	margin int64 = 2 << 30
	// comfortableMargin is for a node in use: the kubelet evicts pods below
	// a tenth of the disk.
	comfortableMargin int64 = 10 << 30
	// rootMargin is for /usr beyond the binaries.
	rootMargin int64 = 256 << 20
)

// Sizes are how much of a bundle goes to a host of the role, in bytes: what a
// Requirement has as Binaries and Images.
func Sizes(index bundle.Index, controlPlane bool) (binaries, images int64) {
	seen := map[string]bool{}
	for _, f := range index.Files {
		if !seen[f.SHA256] {
			seen[f.SHA256] = true
			binaries += f.Size
		}
	}
	for _, i := range index.Images {
		if !seen[i.SHA256] && (controlPlane || !i.ControlPlane) {
			seen[i.SHA256] = true
			images += i.Size
		}
	}
	return binaries, images
}

func (j *judgement) disk() {
	files := j.needs.Binaries + int64(float64(j.needs.Images)*unpacked)
	need := files + margin
	if j.facts.DiskFree == j.facts.DiskFreeRoot {
		need += j.needs.Binaries // one file system: the copies and where they go
	}
	const remedy = "Free space where /var/lib lies, or give it a larger file system."
	switch free := j.facts.DiskFree; {
	case free == 0: // the host did not tell
	case free < need:
		j.unfit(CheckDisk, remedy, "%s are free in /var/lib, and %s are needed: %s for node files and images, and a margin", bytes(free), bytes(need), bytes(files))
	case free < files+comfortableMargin:
		j.bearable(CheckDisk, remedy, "%s are free in /var/lib, which is enough for the node files and leaves little for images of applications", bytes(free))
	}
	if free, need := j.facts.DiskFreeRoot, j.needs.Binaries+rootMargin; free > 0 && free < need {
		j.unfit(CheckDisk, "Free space where /usr lies, or give it a larger file system.", "%s are free in /usr, and %s are needed for binaries", bytes(free), bytes(need))
	}
}

// port is a TCP port that a node listens on.
type port struct {
	number int
	who    string
}

// The ports of nodes: Kubernetes' documentation, "Ports and Protocols";
// kubeadm's constants; Cilium's system requirements, "Firewall Rules".
var (
	everyPort        = []port{{10248, "kubelet"}, {10250, "kubelet"}}
	controlPlanePort = []port{
		{2379, "etcd"}, {2380, "etcd"}, {2381, "etcd"}, {6443, "kube-apiserver"},
		{10257, "kube-controller-manager"}, {10259, "kube-scheduler"},
	}
	kubeProxyPort = []port{{10249, "kube-proxy"}, {10256, "kube-proxy"}}
	// Cilium's others serve metrics and debuggers, which it does without.
	ciliumPort = []port{{4240, "Cilium"}, {9234, "Cilium"}, {9879, "Cilium"}, {9890, "Cilium"}, {9891, "Cilium"}}
)

func (j *judgement) ports() {
	wanted := everyPort
	if j.needs.ControlPlane {
		wanted = slices.Concat(wanted, controlPlanePort)
	}
	if j.needs.KubeProxy {
		wanted = slices.Concat(wanted, kubeProxyPort)
	}
	if j.needs.Cilium {
		wanted = slices.Concat(wanted, ciliumPort)
	}
	for _, p := range wanted {
		if slices.Contains(j.facts.ListeningPorts, p.number) {
			j.unfit(CheckPorts, fmt.Sprintf("See what listens (ss -ltnp 'sport = :%d'), then stop it and keep it from starting.", p.number),
				"something listens on port %d, which %s needs", p.number, p.who)
		}
	}
}
